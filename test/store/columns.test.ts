import { describe, expect, it } from 'vitest'
import { StoreError } from '../../src/errors.ts'
import { dateOf, numberOf, optional, searchable, textOf } from '../../src/store/columns.ts'

describe('columns of a row', () => {
  it('are read as what they hold', () => {
    const row = { text: 'a', number: 5, nothing: null }
    expect(textOf(row, 'text')).toBe('a')
    expect(numberOf(row, 'number')).toBe(5)
    expect(dateOf(row, 'number')).toEqual(new Date(5))
    expect(optional(row, 'nothing', numberOf)).toBeUndefined()
    expect(optional(row, 'number', numberOf)).toBe(5)
  })

  it('are refused when they hold something else', () => {
    expect(() => textOf({ a: 5 }, 'a')).toThrow(StoreError)
    expect(() => numberOf({ a: '5' }, 'a')).toThrow('column a holds no number')
    expect(() => numberOf({}, 'a')).toThrow(StoreError)
  })

  it('that are searched hold what both engines can store', () => {
    expect(searchable('a\u0000b\ud800c')).toBe('a\ufffdb\ufffdc')
    // What is not the same text is not found as the same.
    expect(searchable('\u0000')).not.toBe(searchable(''))
    expect(searchable('+15551234567')).toBe('+15551234567')
  })
})
