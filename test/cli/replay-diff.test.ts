import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineDifference } from '../../src/cli/replay-diff.ts'

const anyLines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 8 })
const without = (sign: string, lines: readonly string[]) =>
  lines.filter((line) => !line.startsWith(sign)).map((line) => line.slice(2))

describe('the difference of two lists of lines', () => {
  it('holds both of them whole', () => {
    fc.assert(
      fc.property(anyLines, anyLines, (before, after) => {
        const difference = lineDifference(before, after)
        expect(without('+', difference)).toEqual(before)
        expect(without('-', difference)).toEqual(after)
      }),
    )
  })

  it('is none for the same lines, and as small as can be', () => {
    expect(lineDifference(['a', 'b'], ['a', 'b'])).toEqual(['  a', '  b'])
    expect(lineDifference(['a', 'b', 'c', 'd'], ['a', 'c', 'x', 'd'])).toEqual([
      '  a',
      '- b',
      '  c',
      '+ x',
      '  d',
    ])
    expect(lineDifference([], ['a'])).toEqual(['+ a'])
  })
})
