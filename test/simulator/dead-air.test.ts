import { expect, it } from 'vitest'
import { deadAirIn, longestDeadAirMs } from '../../src/simulator/dead-air.ts'

const utterance = (text: string, startMs: number, endMs: number) => ({ text, startMs, endMs })

const TURNS = ['Hi John, this is Alex.', 'Thursday at two it is. See you then.']

it('counts what the person waits for: the first word, an answer, the rest of a sentence', () => {
  const call = {
    said: [utterance('Yes, Thursday.', 4000, 5000)],
    heard: [
      utterance('Hi John, this is Alex.', 1000, 3000),
      utterance('Thursday at two it i', 6500, 8000),
      utterance('s. See you then.', 10_000, 11_000),
    ],
  }
  expect(deadAirIn(call, TURNS).map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
    [0, 1000],
    [5000, 6500],
    [8000, 10_000],
  ])
  expect(longestDeadAirMs(call, TURNS)).toBe(2000)
})

it('does not count a silence of the person’s own', () => {
  const call = {
    said: [],
    heard: [
      utterance('Hi John, this is Alex.', 200, 3000),
      utterance('Are you there?', 11_000, 12_000),
    ],
  }
  expect(deadAirIn(call, [...TURNS, 'Are you there?'])).toEqual([])
})

it('counts the end of a call in which the person was left without an answer', () => {
  const call = {
    said: [utterance('Hello?', 4000, 4500)],
    heard: [utterance('Hi John, this is Alex.', 100, 3000)],
  }
  expect(longestDeadAirMs(call, TURNS)).toBe(0)
  expect(deadAirIn(call, TURNS, 12_000)).toEqual([
    { fromMs: 4500, toMs: 12_000, lengthMs: 7500, before: 'Hello?', after: '' },
  ])
})

it('does not count what is said while the other still talks', () => {
  const call = {
    said: [utterance('Uh-huh.', 1500, 1900)],
    heard: [utterance('Hi John, this is', 100, 2000), utterance('Alex.', 2100, 2600)],
  }
  expect(deadAirIn(call, TURNS)).toEqual([])
})
