import { describe, expect, test } from 'vitest'
import { parseOptions } from '../../bench/options.ts'

describe('options of the bench', () => {
  test('measure the usual steps when there are none', () => {
    expect(parseOptions([])).toEqual({
      steps: [25, 50, 100, 200],
      seconds: 30,
      against: 50,
      speculation: 10,
      json: undefined,
      profile: false,
    })
  })

  test('sort the steps', () => {
    expect(parseOptions(['--calls', '20,5', '--seconds', '3'])).toMatchObject({
      steps: [5, 20],
      seconds: 3,
    })
  })

  test('make it quick, and still go by what was asked for', () => {
    expect(parseOptions(['--quick', '--calls', '3', '--against', '0'])).toMatchObject({
      steps: [3],
      seconds: 3,
      against: 0,
      speculation: 4,
    })
  })

  test('leave the steps out when it shall be quick, or there are none', () => {
    expect(parseOptions(['--quick'])).toMatchObject({ steps: [], against: 10 })
    expect(parseOptions(['--calls', ''])).toMatchObject({ steps: [], against: 50 })
  })

  test('are undefined when help is wanted', () => {
    expect(parseOptions(['--help'])).toBeUndefined()
  })

  test.each([
    ['--calls', '10,x', '--calls: expected a whole number of at least 1, got "x"'],
    ['--calls', '5,', '--calls: expected a whole number of at least 1, got ""'],
    ['--seconds', '0.5', '--seconds: expected a whole number of at least 1, got "0.5"'],
    ['--against', '-1', /against/],
    ['--speculation', 'yes', /speculation/],
    ['--cals', '10', /cals/],
  ])('refuse %s %s', (option, value, message) => {
    expect(() => parseOptions([option, value])).toThrow(message)
  })
})
