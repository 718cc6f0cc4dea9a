import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { turnFigures } from '../../src/metrics/turn-figures.ts'
import type { TurnTimings } from '../../src/pipeline/timings.ts'

const quiet = { air: { gapsMs: [], pieces: [] }, tools: [] }

const ordinary: TurnTimings = {
  reply: 2,
  kind: 'answer',
  speechEndMs: 1000,
  turnEndMs: 1300,
  firstTextMs: 1700,
  firstPhraseMs: 1750,
  firstAudioMs: 1900,
  heardMs: 1950,
}

function without(stage: keyof TurnTimings, times: TurnTimings): TurnTimings {
  const rest = { ...times }
  Reflect.deleteProperty(rest, stage)
  return rest
}

describe('an ordinary answer', () => {
  it('is late by what the caller waited, stage by stage', () => {
    expect(turnFigures(ordinary, quiet)).toEqual({
      latencyMs: 950,
      stages: [
        { stage: 'stt', ms: 300 },
        { stage: 'llm', ms: 400 },
        { stage: 'phrase', ms: 50 },
        { stage: 'tts', ms: 150 },
        { stage: 'playout', ms: 50 },
      ],
      silencesMs: [950],
    })
  })

  it('of which the first mark never came back counts from its first audio', () => {
    const times = without('heardMs', ordinary)
    expect(turnFigures(times, quiet)).toMatchObject({ latencyMs: 900, silencesMs: [900] })
  })

  it('that was never heard has no latency, and is no silence that has ended', () => {
    const { reply, kind, speechEndMs, turnEndMs } = ordinary
    const figures = turnFigures(
      { reply, kind, speechEndMs: speechEndMs!, turnEndMs: turnEndMs! },
      quiet,
    )
    expect(figures).toEqual({
      stages: [{ stage: 'stt', ms: 300 }],
      silencesMs: [],
    })
  })

  it('has stages that add up to its latency, in whatever order things happened', () => {
    const time = fc.integer({ min: 0, max: 5000 })
    const times = fc.record({
      speechEndMs: time,
      turnEndMs: time,
      firstTextMs: time,
      firstPhraseMs: time,
      firstAudioMs: time,
    })
    fc.assert(
      fc.property(times, time, (each, more) => {
        const heardMs = Math.max(...Object.values(each)) + more
        const { latencyMs, stages } = turnFigures({ ...ordinary, ...each, heardMs }, quiet)
        expect(stages.reduce((sum, { ms }) => sum + ms, 0)).toBe(latencyMs)
        expect(stages.every(({ ms }) => ms >= 0)).toBe(true)
      }),
    )
  })
})

describe('a filler', () => {
  const filled: TurnTimings = {
    ...ordinary,
    fillerMs: 2300,
    firstPhraseMs: 2300,
    firstAudioMs: 2500,
    heardMs: 2540,
    firstTextMs: 5300,
  }

  it('is not taken for the answer: what counts is when the answer itself is played', () => {
    const pieces = [
      { sentMs: 2500, playsMs: 2500 },
      { sentMs: 2600, playsMs: 3000 },
      { sentMs: 5600, playsMs: 5600 },
      { sentMs: 5700, playsMs: 6100 },
    ]
    expect(turnFigures(filled, { air: { gapsMs: [2100], pieces }, tools: [] })).toEqual({
      latencyMs: 5600 + 40 - 1000,
      stages: [],
      // Until the filler, and from its end to the answer.
      silencesMs: [1540, 2100],
      filledFor: 'dead_air',
    })
  })

  it('that is still spoken when the answer comes is heard to its end first', () => {
    const pieces = [
      { sentMs: 2500, playsMs: 2500 },
      { sentMs: 5400, playsMs: 6000 },
    ]
    expect(turnFigures(filled, { air: { gapsMs: [], pieces }, tools: [] }).latencyMs).toBe(5040)
  })

  it('that no answer followed is no answer', () => {
    const cutOff = without('firstTextMs', filled)
    const pieces = [{ sentMs: 2500, playsMs: 2500 }]
    const figures = turnFigures(cutOff, { air: { gapsMs: [], pieces }, tools: [] })
    expect(figures).toEqual({ stages: [], silencesMs: [1540], filledFor: 'dead_air' })
  })

  it('behind words of the model does not make those later', () => {
    const figures = turnFigures({ ...ordinary, fillerMs: 8000 }, quiet)
    expect(figures).toMatchObject({ latencyMs: 950, filledFor: 'dead_air' })
  })
})

it('a tool that ran before the first word is not blamed on the model', () => {
  const tools = [{ startMs: 1400, endMs: 1600 }]
  expect(turnFigures(ordinary, { ...quiet, tools })).toMatchObject({ latencyMs: 950, stages: [] })
  const later = [{ startMs: 2000, endMs: 2600 }]
  expect(turnFigures(ordinary, { ...quiet, tools: later }).stages).toHaveLength(5)
})

it.each(['opening', 'reprompt', 'apology'] as const)(
  'a reply of kind %s answers nothing',
  (kind) => {
    expect(turnFigures({ ...ordinary, kind }, quiet)).toEqual({
      stages: [],
      silencesMs: [],
    })
  },
)

it('keys have no end of speech to count from', () => {
  const pressed = without('speechEndMs', ordinary)
  expect(turnFigures(pressed, quiet)).toEqual({ stages: [], silencesMs: [] })
})

it('an interruption is as slow as the way from the words to the silent line', () => {
  const times = { ...ordinary, bargeInMs: 2500, clearedMs: 2504 }
  expect(turnFigures(times, quiet).stopMs).toBe(4)
})
