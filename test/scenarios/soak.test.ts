import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { placeCall } from '../../src/cli/call-record.ts'
import { scenarioWorld, type TestWorld } from '../helpers/scenario-world.ts'

/** Rung, greeted, hung up on. */
const short: Scenario = {
  ...dentist,
  name: 'short',
  call: { ...dentist.call, first_speaker: 'agent', opening: 'Hello, this is Alex.' },
  person: { answer: 'yes', ringMs: 300, does: [{ hear: { words: 3 } }, { hangUp: true }] },
}

const AT_ONCE = 20
/**
 * Heap that is not given back, for each call: what is kept on purpose (events for those who resume, the simulator's own books), and
 * caches: 45 to 80 kB. With the conversation of every call kept as well it is 145 to 150 kB.
 */
const MOST_GROWTH_BYTES = 110_000
const WARM_UP = 40
const COUNTED = 60

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

async function calls(world: TestWorld, count: number): Promise<void> {
  for (let done = 0; done < count; done += AT_ONCE) {
    const before = new Set(world.simulator.twilio.calls())
    await Promise.all(Array.from({ length: AT_ONCE }, () => placeCall(world.url, short.call)))
    const placed = world.simulator.twilio.calls().filter((call) => !before.has(call))
    await Promise.all(placed.map(({ ended }) => ended))
  }
  await expect.poll(() => activeCalls(world), { timeout: 20_000 }).toBe(0)
}

async function activeCalls({ url }: TestWorld): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const active = text.matchAll(/^phone_calls_active\{.*\} (\d+)$/gm)
  return Array.from(active).reduce((sum, [, count]) => sum + Number(count), 0)
}

/** Of the process itself, which outlives every call. */
function listeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
}

function held(): { heap: number; handles: Record<string, number> } {
  collect()
  const handles: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1
  return { heap: process.memoryUsage().heapUsed, handles }
}

it('call after call leaves heap, timers, sockets and listeners as they were', async () => {
  const world = await scenarioWorld([short])
  await calls(world, WARM_UP)
  const before = held()
  const listening = listeners()
  await calls(world, COUNTED)
  const sockets = ({ handles }: ReturnType<typeof held>) =>
    (handles['TCPSocketWrap'] ?? 0) + (handles['TCPServerWrap'] ?? 0)
  // Connections that are kept open for the next call come and go by a few.
  await expect
    .poll(() => sockets(held()), { timeout: 20_000 })
    .toBeLessThanOrEqual(sockets(before) + 4)
  await expect
    .poll(() => held().handles['Timeout'] ?? 0, { timeout: 20_000 })
    .toBeLessThanOrEqual((before.handles['Timeout'] ?? 0) + 10)
  expect(listeners()).toBe(listening)
  const { deepgram, elevenLabs } = world.simulator
  await expect.poll(() => deepgram.connections() + elevenLabs.connections()).toBe(0)
  const growth = (held().heap - before.heap) / COUNTED
  expect(growth).toBeLessThan(MOST_GROWTH_BYTES)
}, 120_000)
