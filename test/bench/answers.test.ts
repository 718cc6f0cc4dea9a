import { describe, expect, test } from 'vitest'
import { answersOf, ratiosOf } from '../../bench/answers.ts'
import { benchCall } from '../../bench/conversation.ts'
import type { Moment, Stamp } from '../../bench/stamps.ts'

const call = benchCall(1, 3)
const always = { fromMs: 0, toMs: 10_000 }

function stamp(what: Moment, code: string, atMs: number): Stamp {
  return { what, code, atMs }
}

/** A turn that is over at `endMs`, answered so much later; the model was asked for it at these times. */
function turn(code: string, endMs: number, { wait, asked }: { wait: number; asked: number[] }) {
  return [
    ...asked.map((atMs) => stamp('model_asked', code, atMs)),
    stamp('turn_end_sent', code, endMs),
    stamp('media_got', 'qc', endMs + wait),
  ]
}

const stamps = [
  stamp('media_got', 'qc', 50),
  ...turn('qca', 2000, { wait: 600, asked: [2002] }),
  ...turn('qce', 4000, { wait: 300, asked: [3300, 3900] }),
  ...turn('qci', 6000, { wait: 200, asked: [5900] }),
]

describe('answers', () => {
  test('are waited for from the end of the turn to the first audio after it', () => {
    const { wait } = answersOf([call], stamps, always)
    expect(wait).toMatchObject({ count: 3, p50: 300, max: 600 })
  })

  test('cost every request that was made for the turn, before its end and after', () => {
    expect(answersOf([call], stamps, always).requestsPerTurn).toBeCloseTo(4 / 3)
  })

  test('are those of turns that end in the window', () => {
    const { wait, requestsPerTurn } = answersOf([call], stamps, { fromMs: 3000, toMs: 5000 })
    expect(wait).toMatchObject({ count: 1, p50: 300 })
    expect(requestsPerTurn).toBe(2)
  })

  test('tell in how many turns the caller paused', () => {
    expect(answersOf([call], stamps, always).pausing).toBe(0)
    const hesitant = benchCall(1, 3, { hesitant: true })
    expect(answersOf([hesitant], stamps, always).pausing).toBeCloseTo(1 / 3)
  })

  test('that never came are no waits, and cost all the same', () => {
    const silent = stamps.filter(({ what, atMs }) => what !== 'media_got' || atMs < 6000)
    expect(answersOf([call], silent, always)).toMatchObject({
      wait: { count: 2 },
      requestsPerTurn: 4 / 3,
    })
  })
})

test('speculation is told as what it saves and what it costs', () => {
  const wait = { count: 10, p50: 600, p95: 800, p99: 900, max: 1000 }
  const without = { answers: { wait, requestsPerTurn: 1, pausing: 0.25 } }
  const speculating = {
    answers: { wait: { ...wait, p50: 450, p95: 700 }, requestsPerTurn: 1.25, pausing: 0.25 },
  }
  expect(ratiosOf({ without, with: speculating })).toEqual({
    waitP50: 0.75,
    waitP95: 0.875,
    requestsPerTurn: 1.25,
  })
})
