import type { DemoResult } from '../../src/cli/demo-call.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { expectNoDeadAir, faultyWorld, whileSaying } from '../helpers/faulty-world.ts'
import { longSentence } from '../helpers/long-sentence.ts'
import { textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

type Vendors = NonNullable<Scenario['vendors']>['deepgram']

const with_ = (deepgram: NonNullable<Vendors>): Scenario => ({
  ...longSentence,
  vendors: { deepgram },
})

/** The call was as any other: every word is on record once, in the turns in which it was said, and answered in time. */
function expectHeard(result: DemoResult, boundMs?: number): void {
  const { record, call, problems } = result
  expect(problems).toEqual([])
  expect(textsOf(record, 'caller')).toEqual(call.said.map(({ text }) => text))
  expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
  expectNoDeadAir(result, boundMs)
}

/** Where the caller is in the middle of their long sentence. */
const MID_SENTENCE_MS = 5000

describe('a connection for hearing that is lost while the caller speaks', () => {
  it.each(['flux-general-en', 'nova-3'])('costs them nothing (%s)', async (model) => {
    const scenario = with_({ script: [{ dropAfterMs: MID_SENTENCE_MS }] })
    const world = await faultyWorld([scenario], { environment: { DEEPGRAM_MODEL: model } })
    const result = await world.run(scenario)
    expectHeard(result)
    expect(world.simulator.deepgram.total()).toBe(2)
    expect(world.warnings).toHaveLength(1)
  })

  it('by a network that is away for a moment', async () => {
    const world = await faultyWorld([longSentence])
    const call = world.run(longSentence)
    await whileSaying(world, 1, 1500)
    const { deepgram } = world.networks
    deepgram.set({ refuses: true })
    deepgram.cut()
    await world.clock.sleep(700)
    deepgram.heal()
    expectHeard(await call)
  })

  it('by a network that is half open: nothing comes back, and nothing breaks', async () => {
    const world = await faultyWorld([longSentence], {
      environment: { STT_CONNECT_TIMEOUT_MS: '1000' },
    })
    const call = world.run(longSentence)
    await whileSaying(world, 1, 700)
    const { deepgram } = world.networks
    // A connection of its own for whoever tries again, as behind another address.
    deepgram.set({ isFrozen: true })
    await world.clock.sleep(2500)
    deepgram.cut()
    deepgram.heal()
    expectHeard(await call, 4000)
  })
})

describe('a vendor that does not hear when the call begins', () => {
  const fallback = { STT_FALLBACK: 'deepgram:nova-3', STT_CONNECT_TIMEOUT_MS: '1000' }
  /** The first connection is that by which the fallback is checked when the server starts. */
  const checked = {}

  it.each([
    ['says no (401)', 1, { refuseStatus: 401 }],
    ['is out of order (503)', 2, { refuseStatus: 503 }],
    ['never answers', 1, { ignoreUpgrade: true }],
  ])('%s: the next one hears', async (_, times, fault) => {
    const scenario = with_({ script: [checked, ...Array<typeof fault>(times).fill(fault)] })
    const world = await faultyWorld([scenario], { environment: fallback })
    expectHeard(await world.run(scenario))
    const asked = world.simulator.deepgram.asked().map(({ pathname }) => pathname)
    // Whoever is refused is asked again when no caller waits for it.
    expect(asked.slice(0, 2)).toEqual(['/v1/listen', '/v1/listen'])
  })
})

describe('a vendor whose account is closed in the middle of the call', () => {
  it('is replaced by another vendor, which hears the rest of the sentence', async () => {
    const scenario = with_({ script: [{ dropAfterMs: MID_SENTENCE_MS }, { refuseStatus: 402 }] })
    const world = await faultyWorld([scenario], { environment: { STT_FALLBACK: 'pulse:pulse' } })
    expectHeard(await world.run(scenario))
    // Once when the server starts, and once for the call.
    expect(world.simulator.smallest.total()).toBe(2)
  })
})

describe('a caller whom nobody hears any more', () => {
  it('hears an apology, and is not kept waiting', async () => {
    const scenario = with_({
      script: [{ dropAfterMs: MID_SENTENCE_MS }],
    })
    const world = await faultyWorld([scenario])
    const call = world.run(scenario)
    await whileSaying(world, 1, 500)
    world.simulator.deepgram.knobs.refuseStatus = 503
    const result = await call
    const { record, call: heard } = result
    expect(record).toMatchObject({ status: 'failed', failure: { by: 'deepgram' } })
    expect(heard.heardText()).toMatch(/technical problem and have to end the call. Goodbye.$/)
    expectNoDeadAir(result, 5500)
    // What had been told of the sentence is on record.
    const said = heard.said.map(({ text }) => text)
    expect(textsOf(record, 'caller')).toHaveLength(1)
    expect(said[0]?.startsWith(textsOf(record, 'caller')[0] ?? '-')).toBe(true)
  })
})
