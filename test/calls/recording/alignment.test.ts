import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CallRecorder } from '../../../src/calls/recording/call-recorder.ts'
import { systemClock } from '../../../src/clock.ts'
import type { Line } from '../../../src/pipeline/ports.ts'
import { useFakeTimers } from '../../helpers/fake-timers.ts'
import { MemorySink, readWav } from '../../audio/wav-reader.ts'
import { distances, ModelCarrier, type Network, noise } from './model-carrier.ts'

/** A frame: so far may the sides be apart. */
const TOLERANCE = 160

beforeEach(() => {
  useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** What the agent does: waits, then says so many 100 ms, which it has at once, in pieces, each with a mark after it. */
type Reply = { readonly afterMs: number; readonly pieces: number; readonly cutAfterMs?: number }

async function recorded(network: Network, replies: readonly Reply[]) {
  const sink = new MemorySink()
  const failures: unknown[] = []
  const recorder = new CallRecorder({
    open: () => Promise.resolve(sink),
    clock: systemClock,
    onFailed: (error) => failures.push(error),
    onClosed: () => undefined,
  })
  const carrier = new ModelCarrier(systemClock, network, { says: (frame) => noise(frame) })
  let line: Line = carrier
  const marked: string[] = []
  const listener = recorder.tap(carrier, (tapped) => {
    line = tapped
    return {
      audio: () => undefined,
      mark: (name) => marked.push(name),
      digit: () => undefined,
      closed: () => undefined,
    }
  })
  carrier.deliverTo(listener)
  let seed = 100_000
  for (const { afterMs, pieces, cutAfterMs } of replies) {
    await vi.advanceTimersByTimeAsync(afterMs)
    for (let piece = 0; piece < pieces; piece++) {
      for (let frame = 0; frame < 5; frame++) line.send(noise(seed++, 158))
      line.mark(`${seed}`)
    }
    line.flush()
    if (cutAfterMs === undefined) continue
    await vi.advanceTimersByTimeAsync(cutAfterMs)
    line.clear()
  }
  await vi.advanceTimersByTimeAsync(6000)
  line.close()
  await recorder.close()
  await vi.advanceTimersByTimeAsync(2000)
  expect(failures).toEqual([])
  return { carrier, marked, ...readWav(sink.bytes) }
}

const steady = (toCarrierMs: number, fromCarrierMs: number): Network => ({
  toCarrierMs,
  fromCarrierMs,
  jitterMs: () => 0,
})

const replies: readonly Reply[] = [
  { afterMs: 300, pieces: 15 },
  { afterMs: 3000, pieces: 30, cutAfterMs: 900 },
  { afterMs: 700, pieces: 2 },
  { afterMs: 50, pieces: 8 },
]

describe('both sides of a recording', () => {
  it.each([
    ['no network', 0, 0],
    ['a near carrier', 15, 15],
    ['a far carrier', 140, 90],
  ])('lie as they did on the line, behind %s', async (_name, to, from) => {
    const { carrier, left, right, marked } = await recorded(steady(to, from), replies)
    const caller = distances(carrier.said, left)
    const agent = distances(carrier.heard, right)
    expect(caller.length).toBeGreaterThan(400)
    const pieces = [...carrier.heard.values()].filter((audio) => !audio.includes(0xff))
    expect(agent.length).toBeGreaterThanOrEqual(pieces.length - 1)
    for (const each of [...caller, ...agent]) {
      expect(Math.abs(each - (caller[0] ?? 0))).toBeLessThanOrEqual(16)
    }
    // Marks of the recording itself are nobody else's business.
    expect(marked.every((name) => /^\d+$/.test(name))).toBe(true)
  })

  it('end where the person was cut off from the agent, however far away they are', async () => {
    const network = steady(140, 90)
    const { carrier, right } = await recorded(network, [
      { afterMs: 500, pieces: 40, cutAfterMs: 1234 },
    ])
    const heard = Buffer.concat([...carrier.heard.values()]).filter((byte) => byte !== 0xff).length
    const kept = right.filter((byte) => byte !== 0xff).length
    expect(Math.abs(heard - kept)).toBeLessThanOrEqual(16)
  })

  it('lie within a frame of each other on a network that is never twice the same', async () => {
    const network = fc.record({
      toCarrierMs: fc.nat(150),
      fromCarrierMs: fc.nat(150),
      jitterMs: fc.nat(20),
      seed: fc.nat(),
    })
    await fc.assert(
      fc.asyncProperty(network, async ({ toCarrierMs, fromCarrierMs, jitterMs, seed }) => {
        let drawn = seed
        const jitter = () => {
          drawn = (Math.imul(drawn, 1_103_515_245) + 12_345) >>> 0
          return ((drawn >>> 16) / 0x1_0000) * jitterMs
        }
        const { carrier, left, right } = await recorded(
          { toCarrierMs, fromCarrierMs, jitterMs: jitter },
          replies,
        )
        const caller = distances(carrier.said, left).sort((a, b) => a - b)
        const usual = caller[Math.floor(caller.length / 2)] ?? 0
        const agent = distances(carrier.heard, right)
        expect(agent.length).toBeGreaterThan(150)
        const off = agent.map((each) => Math.abs(each - usual))
        expect(Math.max(...off)).toBeLessThanOrEqual(TOLERANCE)
      }),
      { numRuns: 8 },
    )
  })
})
