import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RoughLine } from '../../src/simulator/rough-line.ts'
import type { LineModes } from '../../src/simulator/scenario.ts'

type Arrival = { endMs: number; atMs: number }

/** Sends so many frames, of which those that `silent` names have no sound, and looks every 5 ms. */
function carried(modes: LineModes, frames: number, silent: (i: number) => boolean = () => false) {
  const arrivals: Arrival[] = []
  let nowMs = 0
  const line = new RoughLine(modes, ({ endMs }) => arrivals.push({ endMs, atMs: nowMs }))
  for (; nowMs <= frames * 20 + 1000; nowMs += 5) {
    if (nowMs > 0 && nowMs % 20 === 0 && nowMs <= frames * 20) {
      line.send({ audio: undefined, endMs: nowMs }, silent(nowMs / 20))
    }
    line.advance(nowMs)
  }
  return arrivals
}

describe('a rough line', () => {
  it('is a smooth one without modes', () => {
    for (const [i, { endMs, atMs }] of carried({}, 100).entries()) {
      expect([endMs, atMs]).toEqual([(i + 1) * 20, (i + 1) * 20])
    }
  })

  it('keeps frames in order, none early and none later than the jitter, and true to their time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), (jitterMs) => {
        const arrivals = carried({ jitterMs }, 200)
        expect(arrivals.map(({ endMs }) => endMs)).toEqual(
          Array.from({ length: 200 }, (_, i) => (i + 1) * 20),
        )
        for (const { endMs, atMs } of arrivals) {
          expect(atMs).toBeGreaterThanOrEqual(endMs)
          expect(atMs).toBeLessThanOrEqual(endMs + jitterMs + 5)
        }
      }),
    )
  })

  it('lets late frames come in bursts', () => {
    const times = carried({ jitterMs: 200 }, 500).map(({ atMs }) => atMs)
    expect(new Set(times).size).toBeLessThan(400)
    expect(Math.max(...times.slice(1).map((at, i) => at - times[i]!))).toBeGreaterThan(60)
  })

  it('loses about as many frames as it is told to', () => {
    expect(carried({ lossPercent: 10 }, 2000).length).toBeGreaterThan(1700)
    expect(carried({ lossPercent: 10 }, 2000).length).toBeLessThan(1900)
    expect(carried({ lossPercent: 100 }, 100)).toEqual([])
  })

  it('does not send what is silent', () => {
    const arrivals = carried({ silenceSuppression: true }, 50, (i) => i > 10 && i < 40)
    expect(arrivals.map(({ endMs }) => endMs / 20)).toEqual([
      ...Array.from({ length: 10 }, (_, i) => i + 1),
      ...Array.from({ length: 11 }, (_, i) => i + 40),
    ])
  })

  it('does the same in every run, and each of its faults whatever the others do', () => {
    const modes = { jitterMs: 80, lossPercent: 20 }
    expect(carried(modes, 300)).toEqual(carried(modes, 300))
    const lost = carried({ lossPercent: 20 }, 300).map(({ endMs }) => endMs)
    expect(carried(modes, 300).map(({ endMs }) => endMs)).toEqual(lost)
  })
})
