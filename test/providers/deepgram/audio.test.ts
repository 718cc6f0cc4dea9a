import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
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
