import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callOf, OutboxQueue } from '../../src/store/outbox-queue.ts'
import type { Write } from '../../src/store/write.ts'
import { call, delivery, liveCall, NUMBER, outcome, START, turnEvent } from './kept-calls.ts'

const record = (callId: string, status: 'ringing' | 'completed' = 'ringing'): Write => ({
  kind: 'record',
  record: status === 'ringing' ? liveCall(0, { callId, status }) : call(0, { callId }),
})
const event = (callId: string, seq: number): Write => ({
  kind: 'event',
  event: turnEvent(callId, seq, 'x'.repeat(200)),
})
const rest = (callId: string): Write[] => [
  { kind: 'outcome', callId, outcome },
  { kind: 'delivery', delivery: delivery(callId) },
  { kind: 'do_not_call', entry: { phoneNumber: NUMBER, addedAt: START, callId } },
]
const ALL = { maxWrites: Infinity, maxBytes: Infinity }

describe('what waits for the database', () => {
  it('goes out in order, in parts that are small enough', () => {
    const queue = new OutboxQueue({ maxBytes: 1_000_000 })
    const writes = [record('a'), event('a', 1), record('b'), event('b', 1), ...rest('a')]
    for (const write of writes) expect(queue.push(write)).toBe(0)
    const out: Write[] = []
    while (queue.depth.writes > 0) {
      const part = queue.take({ maxWrites: 3, maxBytes: 2000 })
      expect(part.length).toBeGreaterThan(0)
      out.push(...part)
      queue.done()
    }
    expect(out).toEqual(writes)
    expect(queue.depth).toEqual({ writes: 0, bytes: 0 })
    expect(queue.take(ALL)).toEqual([])
  })

  it('hands out at least one, however large it is', () => {
    const queue = new OutboxQueue({ maxBytes: 1_000_000 })
    queue.push(event('a', 1))
    queue.push(event('a', 2))
    expect(queue.take({ maxWrites: 9, maxBytes: 1 })).toHaveLength(1)
  })

  it('holds one record of a call in which nothing has happened since', () => {
    const queue = new OutboxQueue({ maxBytes: 1_000_000 })
    queue.push(record('a'))
    queue.push(record('b'))
    queue.push(record('a', 'completed'))
    expect(queue.writes).toEqual([record('a', 'completed'), record('b')])
    queue.push(event('a', 1))
    queue.push(record('a'))
    expect(queue.writes.map(callOf)).toEqual(['a', 'b', 'a', 'a'])
  })

  it('does not change a record that is being written', () => {
    const queue = new OutboxQueue({ maxBytes: 1_000_000 })
    queue.push(record('a'))
    queue.take(ALL)
    queue.push(record('a', 'completed'))
    queue.done()
    expect(queue.writes).toEqual([record('a', 'completed')])
  })

  it('puts back what could not be written, in its old place', () => {
    const queue = new OutboxQueue({ maxBytes: 1_000_000 })
    const writes = [record('a'), event('a', 1)]
    for (const write of writes) queue.push(write)
    queue.take({ ...ALL, maxWrites: 1 })
    queue.putBack()
    expect(queue.take(ALL)).toEqual(writes)
  })

  it('tells when a write has left it', () => {
    const queue = new OutboxQueue({ maxBytes: 1_000_000 })
    expect(queue.isPast(queue.lastNumber)).toBe(true)
    queue.push(event('a', 1))
    const first = queue.lastNumber
    queue.push(event('a', 2))
    expect(queue.isPast(first)).toBe(false)
    queue.take({ ...ALL, maxWrites: 1 })
    queue.done()
    expect(queue.isPast(first)).toBe(true)
    expect(queue.isPast(queue.lastNumber)).toBe(false)
  })

  it('drops the oldest events when it is full, and no record, outcome, delivery or number', () => {
    const queue = new OutboxQueue({ maxBytes: 20_000 })
    for (const write of [record('a'), ...rest('a')]) queue.push(write)
    let dropped = 0
    let pushed = 0
    while (dropped === 0) dropped += queue.push(event('a', ++pushed))
    expect(queue.depth.bytes).toBeLessThanOrEqual(18_000)
    const left = queue.writes.flatMap((write) => (write.kind === 'event' ? write.event.seq : []))
    expect(left).toEqual(Array.from({ length: pushed - dropped }, (_, i) => dropped + 1 + i))
    expect(queue.writes.slice(0, 4).map(({ kind }) => kind)).toEqual([
      'record',
      'outcome',
      'delivery',
      'do_not_call',
    ])
    expect(queue.isFull).toBe(false)
  })

  it('is full when even without events there is too much', () => {
    const queue = new OutboxQueue({ maxBytes: 4000 })
    queue.push(event('x', 1))
    for (let i = 0; i < 20; i++) queue.push(record(`call ${i}`))
    expect(queue.isFull).toBe(true)
    expect(queue.depth.writes).toBe(20)
  })

  it('never loses, doubles or reorders anything while there is room, whatever is done with it', () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('push' as const),
        call: fc.constantFrom('a', 'b', 'c'),
        isRecord: fc.boolean(),
      }),
      fc.record({ do: fc.constant('take' as const), maxWrites: fc.integer({ min: 1, max: 4 }) }),
      fc.constant({ do: 'done' as const }),
      fc.constant({ do: 'putBack' as const }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new OutboxQueue({ maxBytes: 1e9 })
        const pushed: Write[] = []
        const out: Write[] = []
        let taken: readonly Write[] = []
        let n = 0
        for (const each of [...steps, { do: 'done' as const }]) {
          if (each.do === 'push') {
            n++
            const newest = liveCall(n, { callId: each.call })
            const write: Write = each.isRecord
              ? { kind: 'record', record: newest }
              : event(each.call, n)
            pushed.push(write)
            queue.push(write)
          } else if (each.do === 'take') taken = queue.take({ ...ALL, maxWrites: each.maxWrites })
          else {
            if (each.do === 'done') out.push(...taken)
            queue[each.do]()
            taken = []
          }
        }
        out.push(...queue.take(ALL))
        queue.done()
        expect(queue.depth).toEqual({ writes: 0, bytes: 0 })
        for (const id of ['a', 'b', 'c']) {
          const of = (writes: readonly Write[]) => writes.filter((write) => callOf(write) === id)
          expect(withoutDoubles(of(out))).toEqual(withoutDoubles(of(pushed)))
        }
      }),
    )
  })
})

/** Records that follow each other count as one. */
function withoutDoubles(writes: readonly Write[]): readonly Write[] {
  return writes.filter(({ kind }, i) => kind !== 'record' || writes[i + 1]?.kind !== 'record')
}
