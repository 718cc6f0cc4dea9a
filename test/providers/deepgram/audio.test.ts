import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Packets } from '../../../src/providers/deepgram/packets.ts'
import { RecentAudio } from '../../../src/providers/hearing/recent-audio.ts'

const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 })

describe('packets', () => {
  it('hold the same bytes in one size, whatever sizes they came in', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 16 }), (audio, bytes) => {
        const sent: Uint8Array[] = []
        const packets = new Packets(bytes, (packet) => sent.push(packet))
        for (const piece of audio) packets.push(piece)
        expect(sent.every((packet) => packet.length === bytes)).toBe(true)
        packets.flush()
        packets.flush()
        expect(Buffer.concat(sent)).toEqual(Buffer.concat(audio))
        expect(sent.every((packet) => packet.length > 0)).toBe(true)
      }),
    )
  })

  it('pass on what has their size already', () => {
    const sent: Uint8Array[] = []
    const packets = new Packets(4, (packet) => sent.push(packet))
    const audio = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    packets.push(audio)
    expect(sent.map((packet) => packet.buffer)).toEqual([audio.buffer, audio.buffer])
  })

  it('do not change once sent', () => {
    const sent: Uint8Array[] = []
    const packets = new Packets(4, (packet) => sent.push(packet))
    for (const byte of [1, 2, 3, 4]) packets.push(new Uint8Array(2).fill(byte))
    expect(sent.map((packet) => [...packet])).toEqual([
      [1, 1, 2, 2],
      [3, 3, 4, 4],
    ])
  })
})

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
})
