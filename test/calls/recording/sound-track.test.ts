import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MULAW_SILENCE } from '../../../src/audio/samples.ts'
import { SoundTrack } from '../../../src/calls/recording/sound-track.ts'

const SILENT = MULAW_SILENCE
const sound = (...bytes: number[]) => Uint8Array.from(bytes)

/** The same as one byte for each sample: slow, and plainly right. */
class PlainTrack {
  cells = new Map<number, number>()
  taken = 0

  get end(): number {
    return Math.max(0, ...Array.from(this.cells.keys(), (at) => at + 1))
  }
  place(at: number, audio: Uint8Array, end: number): void {
    audio.forEach((byte, i) => {
      if (at + i >= Math.max(end, this.taken)) this.cells.set(at + i, byte)
    })
  }
  cut(at: number): void {
    for (const cell of this.cells.keys()) if (cell >= at) this.cells.delete(cell)
  }
  shift(from: number, by: number): void {
    const moving = [...this.cells].filter(([at]) => at >= from)
    for (const [at] of moving) this.cells.delete(at)
    for (const [at, byte] of moving) this.cells.set(at + by, byte)
  }
  take(to: number): number[] {
    const out = []
    for (let at = this.taken; at < to; at++) {
      out.push(this.cells.get(at) ?? SILENT)
      this.cells.delete(at)
    }
    this.taken = Math.max(this.taken, to)
    return out
  }
}

const position = fc.integer({ min: -5, max: 60 })
const step = fc.oneof(
  fc.record({
    do: fc.constant('place' as const),
    at: position,
    audio: fc.uint8Array({ max: 254, maxLength: 12 }),
  }),
  fc.record({ do: fc.constant('cut' as const), at: position }),
  fc.record({
    do: fc.constant('shift' as const),
    at: position,
    by: fc.integer({ min: -20, max: 20 }),
  }),
  fc.record({ do: fc.constant('take' as const), at: position }),
)

describe('a track of sound', () => {
  it('has every sample where it was laid, cut and moved to, whatever is done with it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const track = new SoundTrack()
        const plain = new PlainTrack()
        for (const each of steps) {
          if (each.do === 'place') {
            plain.place(each.at, each.audio, track.end)
            track.place(each.at, each.audio)
          } else if (each.do === 'cut') {
            plain.cut(each.at)
            track.cut(each.at)
          } else if (each.do === 'shift') {
            const from = Math.max(each.at, track.taken)
            const moved = track.shift(each.at, each.by)
            plain.shift(from, moved)
            if (each.by >= 0) expect([0, each.by]).toContain(moved)
            else expect(moved).toBeGreaterThanOrEqual(each.by)
          } else expect([...track.take(each.at)]).toEqual(plain.take(each.at))
          expect(track.taken).toBe(plain.taken)
          expect(track.end).toBeGreaterThanOrEqual(plain.end)
        }
        expect([...track.take(200)]).toEqual(plain.take(200))
      }),
      { numRuns: 500 },
    )
  })

  it('leaves out what would lie over earlier sound, or before the beginning', () => {
    const track = new SoundTrack()
    track.place(-1, sound(1, 2, 3))
    track.place(1, sound(7, 8, 9))
    expect([...track.take(5)]).toEqual([2, 3, 8, 9, SILENT])
  })

  it('moves sound earlier only as far as nothing else is there', () => {
    const track = new SoundTrack()
    track.place(0, sound(1, 1))
    track.place(5, sound(2, 2))
    expect(track.shift(5, -10)).toBe(-3)
    expect(track.end).toBe(4)
    track.take(3)
    expect(track.shift(0, -10)).toBe(0)
    expect([...track.take(5)]).toEqual([2, SILENT])
  })

  it('opens a gap in the middle of sound that is played later than was thought', () => {
    const track = new SoundTrack()
    track.place(0, sound(1, 2, 3, 4))
    expect(track.shift(2, 3)).toBe(3)
    expect([...track.take(7)]).toEqual([1, 2, SILENT, SILENT, SILENT, 3, 4])
  })
})
