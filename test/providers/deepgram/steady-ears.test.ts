import { closedCircuit } from '../../../src/pipeline/circuit.ts'
import { SteadyHearing } from '../../../src/pipeline/hearing/steady-hearing.ts'
import { StreamingStt } from '../../../src/providers/deepgram/streaming-stt.ts'
import type { DeepgramKnobs } from '../../../src/simulator/deepgram.ts'
import { steadyClock } from '../../../src/simulator/steady-clock.ts'
import { speakMulaw } from '../../../src/simulator/tone-speech.ts'
import {
  Ears,
  silence,
  silentLog,
  simulateDeepgram,
  speakInTime,
  sttOptions,
} from '../../helpers/deepgram.ts'
import { expectWholeTurns } from './turns.ts'
import { describe, expect, it } from '../../helpers/together.ts'

const SAID = 'I would like to come on Tuesday at nine, please.'

/** A caller says one sentence, in time, to ears whose first connections do not do as they should. */
async function hearThrough(
  model: string,
  knobs: Partial<DeepgramKnobs>,
  { fallbacks = [], quietMs = 2500 }: { fallbacks?: readonly string[]; quietMs?: number } = {},
) {
  await using sim = await simulateDeepgram({
    clock: steadyClock(),
    knobs: { maxRate: 1.3, ...knobs },
  })
  const ears = new Ears()
  const stt = new SteadyHearing({
    recognisers: [model, ...fallbacks].map((name) => ({
      name,
      vendor: 'deepgram',
      circuit: closedCircuit,
      make: (language) =>
        new StreamingStt(sttOptions(sim.deepgram.url, { clock: sim.clock, model: name, language })),
    })),
    language: 'en',
    clock: sim.clock,
    log: silentLog,
    random: () => 0.5,
    onReconnect: () => undefined,
  })
  await stt.start(ears.listener, { signal: new AbortController().signal })
  let doneAtMs = 0
  await speakInTime(stt, sim.clock, [silence(200), speakMulaw(SAID), silence(quietMs)], (ms) => {
    if (!ears.types.includes('turn_end')) doneAtMs = ms
  })
  await stt.close()
  return {
    ears,
    total: sim.deepgram.total(),
    asked: sim.deepgram.asked().map(({ pathname }) => pathname),
    turns: ears.events.flatMap((event) => (event.type === 'turn_end' ? [event.text] : [])),
    /** From the end of the sentence to the end of the turn. */
    waitedMs: doneAtMs - 200 - SAID.length * 50,
  }
}

describe.concurrent.each(['flux-general-en', 'nova-3'])('what is said to %s', (model) => {
  it.each<[string, Partial<DeepgramKnobs>, number]>([
    ['is cut off', { dropAfterMs: 1500 }, 2],
    ['is cut off before any word', { dropAfterMs: 200 }, 2],
    ['is closed with 1011', { dropAfterMs: 1500, dropWith: 1011 }, 2],
    ['is closed in all order', { dropAfterMs: 1500, dropWith: 1000 }, 2],
    ['sends garbage', { garbageAfterMs: 1000 }, 1],
  ])('is heard once, when the connection %s', async (_, first, connections) => {
    const { ears, turns, total, waitedMs } = await hearThrough(model, { script: [first] })
    expect(turns).toEqual([SAID])
    expectWholeTurns(ears.events)
    expect(total).toBe(connections)
    expect(waitedMs).toBeLessThan(1500 + 500)
  })

  it('is heard once when the connection tells nothing more of it', async () => {
    const { ears, turns, waitedMs } = await hearThrough(
      model,
      { script: [{ stallAfterMs: 1500 }] },
      { quietMs: 5500 },
    )
    expect(turns).toEqual([SAID])
    expectWholeTurns(ears.events)
    expect(waitedMs).toBeLessThan(4000 + 1000)
  })

  it('is heard by the fallback, when the vendor will not have it (1008)', async () => {
    const other = model === 'nova-3' ? 'flux-general-en' : 'nova-3'
    const { turns, asked } = await hearThrough(
      model,
      { script: [{ dropAfterMs: 1500, dropWith: 1008 }] },
      { fallbacks: [other] },
    )
    expect(turns).toEqual([SAID])
    expect(new Set(asked).size).toBe(2)
    expect(asked).toHaveLength(2)
  })

  it('is not sent into a loop when the vendor will not have it (1008)', async () => {
    const { ears, total } = await hearThrough(model, { dropAfterMs: 1500, dropWith: 1008 })
    expect(total).toBe(1)
    expect(ears.events.at(-1)).toMatchObject({ type: 'failed', error: { code: 'rejected' } })
  })
})

describe.concurrent('a vendor that refuses', () => {
  it.each([
    [401, 1],
    [402, 1],
    [403, 1],
    [404, 1],
    [429, 2],
    [503, 2],
  ])('with %i is asked so many times: %i, then the next one hears', async (refuseStatus, times) => {
    const refusal = { refuseStatus, retryAfterS: 0.3 }
    const { turns, asked } = await hearThrough(
      'flux-general-en',
      { script: Array<typeof refusal>(times).fill(refusal) },
      { fallbacks: ['nova-3'], quietMs: 1500 },
    )
    expect(turns).toEqual([SAID])
    expect(asked).toEqual(['/v1/listen'])
  })

  it('with 429 for longer is not asked again', async () => {
    const { turns, asked } = await hearThrough(
      'flux-general-en',
      { script: [{ refuseStatus: 429, retryAfterS: 2 }] },
      { fallbacks: ['nova-3'], quietMs: 1500 },
    )
    expect(turns).toEqual([SAID])
    expect(asked).toEqual(['/v1/listen'])
  })

  it('because it cannot be waited for is replaced, though it would hear in the end', async () => {
    const { turns, asked } = await hearThrough(
      'flux-general-en',
      { script: [{ latencyMs: 2700 }] },
      { fallbacks: ['nova-3'], quietMs: 6000 },
    )
    expect(turns).toEqual([SAID])
    expect(asked).toEqual(['/v2/listen', '/v1/listen'])
  })
})
