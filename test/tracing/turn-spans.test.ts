import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TurnTimings } from '../../src/pipeline/timings.ts'
import { partsOf, type TurnPart, turnStart } from '../../src/tracing/turn-spans.ts'

const answer: TurnTimings = {
  reply: 2,
  kind: 'answer',
  speechEndMs: 1000,
  turnEndMs: 1300,
  firstTextMs: 1700,
  firstPhraseMs: 1750,
  firstAudioMs: 1900,
  heardMs: 1950,
}

const over = { tools: [], overMs: 5000 }

const spans = (parts: readonly TurnPart[]) =>
  parts.map(({ name, startMs, endMs }) => [name, startMs, endMs])

const tool = (startMs: number, endMs: number) => ({ id: 't', name: 'look_up', startMs, endMs })

describe('an answer', () => {
  it('is hearing, thinking, speaking and being heard', () => {
    const parts = partsOf(answer, { ...over, model: 'claude-haiku-5-5' })
    expect(spans(parts)).toEqual([
      ['stt', 1000, 1300],
      ['llm', 1300, 1700],
      ['tts', 1750, 1900],
      ['playout', 1950, 5000],
    ])
    expect(parts[1]?.attributes).toMatchObject({
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-haiku-5-5',
      'phone.speculative': false,
    })
    expect(turnStart(parts, 5000)).toBe(1000)
  })

  it('that was prepared before the caller had finished has waited for nothing', () => {
    const [, llm] = partsOf({ ...answer, firstTextMs: 1200 }, over)
    expect(llm).toMatchObject({
      startMs: 1200,
      endMs: 1200,
      attributes: { 'phone.speculative': true },
    })
  })

  it('with a tool is thinking, the tool, and thinking again', () => {
    const times = { ...answer, firstTextMs: 4000, firstPhraseMs: 4100, firstAudioMs: 4200 }
    const parts = partsOf(times, { ...over, tools: [tool(1600, 3500)] })
    expect(spans(parts).slice(1, 4)).toEqual([
      ['llm', 1300, 1600],
      ['llm', 3500, 4000],
      ['tool', 1600, 3500],
    ])
    expect(parts[3]?.attributes).toEqual({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'look_up',
      'gen_ai.tool.call.id': 't',
    })
  })

  it('with tools at once does not think while one of them runs', () => {
    const times = { ...answer, firstTextMs: 4000 }
    const tools = [tool(1700, 3500), tool(1600, 2000)]
    const thinking = partsOf(times, { ...over, tools }).filter(({ name }) => name === 'llm')
    expect(spans(thinking)).toEqual([
      ['llm', 1300, 1600],
      ['llm', 3500, 4000],
    ])
  })

  it('that spoke before its tool ran has thought once', () => {
    const parts = partsOf(answer, { ...over, tools: [tool(2000, 3000)] })
    expect(parts.filter(({ name }) => name === 'llm')).toHaveLength(1)
  })

  it('that was cut off before a sound has what there was of it', () => {
    const { reply, kind, speechEndMs = 0, turnEndMs = 0 } = answer
    expect(spans(partsOf({ reply, kind, speechEndMs, turnEndMs }, over))).toEqual([
      ['stt', 1000, 1300],
    ])
  })
})

describe('other turns', () => {
  it('an opening is thought of while the phone rings', () => {
    const times: TurnTimings = {
      reply: 1,
      kind: 'opening',
      firstTextMs: -1500,
      firstPhraseMs: -1450,
      firstAudioMs: 10,
      heardMs: 60,
    }
    expect(spans(partsOf(times, { ...over, askedMs: -2000 }))).toEqual([
      ['llm', -2000, -1500],
      ['tts', -1450, 10],
      ['playout', 60, 5000],
    ])
    const given = partsOf(times, over)
    expect(given.map(({ name }) => name)).toEqual(['tts', 'playout'])
  })

  it('one of which nothing is known begins and ends at once', () => {
    expect(turnStart(partsOf({ reply: 1, kind: 'reprompt' }, over), 5000)).toBe(5000)
  })
})

it('no part ends before it begins, nor begins before its turn, whatever the times', () => {
  const time = fc.option(fc.integer({ min: -3000, max: 9000 }), { nil: undefined })
  const times = fc.record({ a: time, b: time, c: time, d: time, e: time, f: time })
  const run = fc.tuple(fc.integer({ min: 0, max: 9000 }), fc.nat(3000))
  fc.assert(
    fc.property(times, fc.array(run, { maxLength: 3 }), ({ a, b, c, d, e, f }, runs) => {
      const parts = partsOf(
        {
          reply: 1,
          kind: 'answer',
          ...(a !== undefined && { speechEndMs: a }),
          ...(b !== undefined && { turnEndMs: b }),
          ...(c !== undefined && { firstTextMs: c }),
          ...(d !== undefined && { firstPhraseMs: d }),
          ...(e !== undefined && { firstAudioMs: e }),
          ...(f !== undefined && { heardMs: f }),
        },
        { tools: runs.map(([start, length]) => tool(start, start + length)), overMs: 9000 },
      )
      const start = turnStart(parts, 9000)
      for (const { startMs, endMs } of parts) {
        expect(endMs).toBeGreaterThanOrEqual(startMs)
        expect(startMs).toBeGreaterThanOrEqual(start)
      }
    }),
  )
})
