import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { GATE, scoresOf, shortcomings } from '../../src/cli/greeting-scores.ts'
import { reportOf } from '../../src/cli/greetings-report.ts'
import { holdoutGreetings, tuningGreetings } from '../../src/simulator/greetings/all.ts'
import type { Greeting } from '../../src/simulator/greetings/greeting.ts'
import { runNode } from '../helpers/node-process.ts'

const GREETINGS = fileURLToPath(new URL('../../src/cli/greetings.ts', import.meta.url))

const person: Greeting = { language: 'en', kind: 'person', text: 'Who is this?' }
const machine: Greeting = { language: 'en', kind: 'ivr', text: 'For sales, press one.' }

describe('the labelled greetings', () => {
  const tuning = scoresOf(tuningGreetings)
  const holdout = scoresOf(holdoutGreetings)

  it('are many, in both halves, of every kind and language, and none twice', () => {
    const all = [...tuningGreetings, ...holdoutGreetings]
    expect(new Set(all.map(({ text }) => text.toLowerCase())).size).toBe(all.length)
    for (const half of [tuningGreetings, holdoutGreetings]) {
      expect(half.length).toBeGreaterThanOrEqual(100)
      expect(half.filter(({ kind }) => kind === 'person').length).toBeGreaterThanOrEqual(40)
      expect(new Set(half.map(({ kind, language }) => `${kind} ${language}`)).size).toBe(6 * 4)
    }
  })

  it('no person of them is taken for a machine, at whatever word', () => {
    const people = [...tuning.hearings, ...holdout.hearings].filter(
      ({ greeting }) => greeting.kind === 'person',
    )
    expect(people.filter(({ machineAt }) => machineAt !== undefined)).toEqual([])
  })

  it('are recognised well enough in the half that the rules were not fitted to', () => {
    expect(holdout.accuracy).toBeGreaterThanOrEqual(GATE.holdoutAccuracy)
    expect(holdout.personRecall).toBeGreaterThanOrEqual(GATE.holdoutPersonRecall)
    expect(shortcomings(tuning, holdout)).toEqual([])
  })
})

describe('the gate', () => {
  it('closes when a person is taken for a machine', () => {
    const mislabelled = scoresOf([{ ...machine, kind: 'person' }])
    expect(mislabelled).toMatchObject({ accuracy: 0, personRecall: 0 })
    expect(shortcomings(mislabelled, scoresOf([person]))).toEqual([
      'a person is taken for a machine at “For sales, press one.”',
    ])
  })

  it('closes when too few of the other half are recognised', () => {
    const poor = scoresOf([person, { ...machine, text: 'Sales.' }])
    expect(poor).toMatchObject({ accuracy: 0.5, personRecall: 1 })
    expect(shortcomings(scoresOf([person]), poor)).toEqual([
      'accuracy in the holdout half is 50.0 %, and must be 95.0 %',
    ])
  })
})

describe('the report', () => {
  it('has a row for each kind, and every miss', () => {
    const report = reportOf('Half', scoresOf([person, machine, { ...machine, kind: 'carrier' }]))
    const rows = report.split('\n').map((line) => line.trim().split(/\s{2,}/))
    expect(rows).toContainEqual(['person', '1', '.', '.', '.', '.', '.', '100.0 %', '100.0 %', '0'])
    expect(rows).toContainEqual(['ivr', '.', '.', '.', '1', '.', '.', '100.0 %', '50.0 %', '0'])
    expect(rows).toContainEqual(['carrier', '.', '.', '.', '1', '.', '.', '0.0 %', '-', '0'])
    expect(report).toContain('en carrier taken for ivr: “For sales, press one.”')
    expect(report).toContain('accuracy 66.7 %, people recognised 100.0 %')
  })
})

describe('npm run greetings', () => {
  const run = (...args: string[]) => runNode([GREETINGS, ...args])

  it('prints both matrices and passes its gate', async () => {
    const { code, output } = await run()
    expect(output).toMatch(/^Tuning half: \d+ greetings\n.*recall +precision/)
    expect(output).toMatch(/\nHoldout half: \d+ greetings\n/)
    expect(output).toContain('Good enough.')
    expect(code).toBe(0)
  })

  it('helps, and says what it does not know', async () => {
    const help = await run('--help')
    expect(help).toMatchObject({ code: 0 })
    expect(help.output).toContain('fewer than 95.0 % of all')
    const unknown = await run('--nonsense')
    expect(unknown.code).toBe(1)
    expect(unknown.output).toContain("Unknown option '--nonsense'")
  })
})
