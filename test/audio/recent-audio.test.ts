import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecentAudio } from '../../src/audio/recent-audio.ts'

describe('recent audio', () => {
  it('is the newest, in order, and knows where it begins', () => {
    const longer = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 })
    fc.assert(
      fc.property(
        longer,
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 300, noNaN: true }),
        (audio, maxMs, sinceMs) => {
          const recent = new RecentAudio(maxMs)
          for (const piece of audio) recent.push(piece)
          const all = Buffer.concat(audio)
          const { startMs, audio: kept } = recent.since(sinceMs)
          expect(Buffer.from(kept)).toEqual(all.subarray(startMs * 8))
          expect(recent.endMs).toBe(all.length / 8)
          // Everything that was asked for, as far as there is room for it.
          const wanted = Math.min(all.length, Math.ceil(sinceMs * 8))
          expect(startMs * 8).toBe(Math.max(wanted, all.length - maxMs * 8))
        },
      ),
    )
  })

  it('is a copy, as the owner of a frame may use its memory again', () => {
    const recent = new RecentAudio(1)
    const frame = Uint8Array.of(1, 2)
    recent.push(frame)
    frame.fill(9)
    const { audio } = recent.since(0)
    recent.push(Uint8Array.of(3, 4, 5, 6, 7, 8, 9))
    expect(audio).toEqual(Uint8Array.of(1, 2))
    expect(recent.since(0)).toEqual({
      startMs: 1 / 8,
      audio: Uint8Array.of(2, 3, 4, 5, 6, 7, 8, 9),
    })
  })

  it('is given in pieces that are the same as the whole', () => {
    const recent = new RecentAudio(20)
    recent.push(Uint8Array.from({ length: 200 }, (_, i) => i))
    expect(recent.startMs).toBe(5)
    const { startMs, audio } = recent.since(6, 2)
    expect([startMs, audio.length]).toEqual([6, 16])
    expect(audio).toEqual(recent.since(6).audio.subarray(0, 16))
  })
})
