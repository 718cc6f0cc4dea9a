import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeldAudio } from '../../../src/providers/deepgram/held-audio.ts'
import { Packets } from '../../../src/providers/deepgram/packets.ts'

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

describe('held audio', () => {
  it('is the newest, in order, and knows how much was forgotten', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 40, max: 200 }), (audio, maxBytes) => {
        const held = new HeldAudio(maxBytes)
        for (const piece of audio) held.push(piece)
        const all = Buffer.concat(audio)
        const kept = Buffer.concat(held.take())
        expect(kept.length).toBeLessThanOrEqual(maxBytes)
        expect(kept).toEqual(all.subarray(all.length - kept.length))
        expect(held.droppedBytes).toBe(all.length - kept.length)
        expect(held.take()).toEqual([])
      }),
    )
  })

  it('is a copy, as the owner of a frame may use its memory again', () => {
    const held = new HeldAudio(100)
    const frame = Uint8Array.of(1, 2)
    held.push(frame)
    frame.fill(9)
    expect(held.take()).toEqual([Uint8Array.of(1, 2)])
  })
})
