import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { scenarios } from '../../src/simulator/scenarios/all.ts'

describe('the scenarios', () => {
  it('are found by their names and numbers, of which no two are alike', () => {
    const names = scenarios.map(({ name }) => name)
    const numbers = scenarios.map(({ call }) => call.phone_number)
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
    expect(numbers.filter((number, i) => numbers.indexOf(number) !== i)).toEqual([])
    expect(scenarios.length).toBeGreaterThanOrEqual(40)
  })

  it('that the page about the conversation names are there', async () => {
    const page = await readFile(new URL('../../docs/conversation.md', import.meta.url), 'utf8')
    const rows = page.split('\n').filter((line) => line.startsWith('| **'))
    const named = rows.flatMap(
      (row) =>
        row
          .split('|')
          .at(-2)
          ?.match(/[a-z]+(-[a-z]+)*/g) ?? [],
    )
    const known = new Set(scenarios.map(({ name }) => name))
    expect(named.length).toBeGreaterThan(40)
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })

  it('each say in a line what they are about', () => {
    for (const { name, about } of scenarios) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
      expect(about.length, name).toBeGreaterThan(10)
      expect(about.length, name).toBeLessThan(140)
    }
  })
})
