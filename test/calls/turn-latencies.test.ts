import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { latenciesOf } from '../../src/calls/turn-latencies.ts'

const times = {
  reply: 2,
  kind: 'answer' as const,
  speechEndMs: 1000,
  turnEndMs: 1240,
  firstTextMs: 1650,
  firstPhraseMs: 1720,
  firstAudioMs: 1880,
  heardMs: 1990,
}

describe('where the time of a turn went', () => {
  it('is told stage by stage, up to what was heard', () => {
    expect(latenciesOf(times)).toEqual({
      reply: 2,
      kind: 'answer',
      sttMs: 240,
      llmMs: 410,
      phraseMs: 70,
      ttsMs: 160,
      playoutMs: 110,
      waitMs: 990,
      stopMs: undefined,
    })
  })

  it('does not count words that only fill the wait as the answer', () => {
    const filled = latenciesOf({ ...times, fillerMs: 1300, firstTextMs: 4000 })
    expect(filled).toMatchObject({ fillerMs: 990, sttMs: 240, llmMs: 2760 })
    expect(filled.waitMs).toBeUndefined()
    expect(filled.ttsMs).toBeUndefined()
    const neverAnswered = latenciesOf({
      reply: 1,
      kind: 'answer',
      turnEndMs: 0,
      fillerMs: 5,
      heardMs: 9,
    })
    expect(neverAnswered).toMatchObject({ fillerMs: 9, llmMs: undefined })
  })

  it('counts words that came after the beginning of the answer as nothing', () => {
    expect(latenciesOf({ ...times, fillerMs: 3000 })).toEqual(latenciesOf(times))
  })

  it('counts from the end of the turn where the end of speech is not known', () => {
    const without = { reply: 2, kind: times.kind, turnEndMs: 1240, heardMs: 1990 }
    expect(latenciesOf(without)).toMatchObject({ sttMs: undefined, waitMs: 750 })
  })

  it('is not known of an opening, which nobody waits for after speaking', () => {
    const opening = { reply: 1, kind: 'opening' as const, firstTextMs: -900, heardMs: 120 }
    expect(latenciesOf(opening)).toMatchObject({ waitMs: undefined, llmMs: undefined })
  })

  it('tells how fast the agent was silent', () => {
    expect(latenciesOf({ ...times, bargeInMs: 2500, clearedMs: 2507 }).stopMs).toBe(7)
  })

  it('adds up to the wait, however early an answer was prepared', () => {
    const ms = fc.integer({ min: 0, max: 5000 })
    fc.assert(
      fc.property(fc.tuple(ms, ms, ms, ms, ms), ([a, b, c, d, e]) => {
        const heardMs = Math.max(a, b, c, d, e)
        const { sttMs, llmMs, phraseMs, ttsMs, playoutMs, waitMs } = latenciesOf({
          reply: 1,
          kind: 'answer',
          speechEndMs: a,
          turnEndMs: b,
          firstTextMs: c,
          firstPhraseMs: d,
          firstAudioMs: e,
          heardMs,
        })
        const stages = [sttMs!, llmMs!, phraseMs!, ttsMs!, playoutMs!]
        expect(Math.min(...stages)).toBeGreaterThanOrEqual(0)
        expect(stages.reduce((sum, each) => sum + each, 0)).toBe(waitMs)
      }),
    )
  })
})
