import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PLAYBACK_LIMIT_BYTES, PlaybackBuffer } from '../../src/simulator/playback-buffer.ts'

/** Everything that came out, as the line had it: bytes (silence is -1) and marks with the sample they came at. */
function listen(start = 0) {
  const line: number[] = []
  const marks: { name: string; at: number }[] = []
  const buffer = new PlaybackBuffer(
    {
      played: (audio) => line.push(...audio),
      silence: (samples) => line.push(...Array.from({ length: samples }, () => -1)),
      mark: (name) => marks.push({ name, at: start + line.length }),
    },
    start,
  )
  return { buffer, line, marks }
}

type Action =
  | { type: 'write'; bytes: number }
  | { type: 'mark' }
  | { type: 'clear' }
  | { type: 'advance'; samples: number }

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ type: fc.constant('write' as const), bytes: fc.nat(400) }),
  fc.record({ type: fc.constant('mark' as const) }),
  fc.record({ type: fc.constant('clear' as const) }),
  fc.record({ type: fc.constant('advance' as const), samples: fc.nat(300) }),
)

describe('playback buffer', () => {
  it('plays what was written, in order, less what was cleared; and every mark once, in order', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { buffer, line, marks } = listen()
        const expected: number[] = []
        let waiting: number[] = []
        const sent: string[] = []
        let value = 0
        let now = 0
        for (const act of [...actions, { type: 'advance', samples: 50_000 } as const]) {
          if (act.type === 'write') {
            const audio = Uint8Array.from({ length: act.bytes }, () => value++ % 251)
            expect(buffer.write(audio)).toBe(true)
            waiting.push(...audio)
          } else if (act.type === 'mark') {
            sent.push(`m${sent.length}`)
            buffer.mark(sent.at(-1)!)
          } else if (act.type === 'clear') {
            buffer.clear()
            waiting = []
            expect(marks.map(({ name }) => name)).toEqual(sent)
          } else {
            now += act.samples
            buffer.advance(now)
            expected.push(...waiting.slice(0, act.samples))
            waiting = waiting.slice(act.samples)
          }
          expect(buffer.waitingBytes).toBe(waiting.length)
          expect(buffer.position).toBe(now)
        }
        expect(line.length).toBe(now)
        expect(line.filter((byte) => byte >= 0)).toEqual(expected)
        expect(marks.map(({ name }) => name)).toEqual(sent)
      }),
    )
  })

  it('reports a mark at the very sample at which the audio before it is over', () => {
    const { buffer, marks } = listen(1000)
    buffer.write(new Uint8Array(100))
    buffer.mark('a')
    buffer.write(new Uint8Array(60))
    buffer.mark('b')
    buffer.advance(1099)
    expect(marks).toEqual([])
    buffer.advance(1100)
    expect(marks).toEqual([{ name: 'a', at: 1100 }])
    buffer.advance(5000)
    expect(marks[1]).toEqual({ name: 'b', at: 1160 })
  })

  it('reports a mark at once when nothing waits', () => {
    const { buffer, marks } = listen()
    buffer.advance(40)
    buffer.mark('now')
    expect(marks).toEqual([{ name: 'now', at: 40 }])
  })

  it('begins to play at the moment of arrival, not earlier', () => {
    const { buffer, line } = listen()
    buffer.advance(3)
    buffer.write(Uint8Array.of(7, 8))
    buffer.advance(6)
    expect(line).toEqual([-1, -1, -1, 7, 8, -1])
  })

  it('discards what exceeds ten minutes', () => {
    const { buffer } = listen()
    expect(buffer.write(new Uint8Array(PLAYBACK_LIMIT_BYTES))).toBe(true)
    expect(buffer.write(new Uint8Array(1))).toBe(false)
    buffer.advance(1)
    expect(buffer.write(new Uint8Array(1))).toBe(true)
  })

  it('drops marks without a word when its stream is gone', () => {
    const { buffer, marks } = listen()
    buffer.write(new Uint8Array(10))
    buffer.mark('never')
    buffer.drop()
    buffer.advance(100)
    expect(marks).toEqual([])
  })
})
