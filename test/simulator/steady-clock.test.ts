import { setImmediate as nextRound } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DueTimes } from '../../src/simulator/due-times.ts'
import { steadyClock } from '../../src/simulator/steady-clock.ts'

/** Keeps the whole process busy. */
function standStill(ms: number) {
  const until = performance.now() + ms
  while (performance.now() < until);
}

describe('the time of a simulated world', () => {
  it('stands still with the machine: nobody is late because of it', async () => {
    const clock = steadyClock()
    const before = clock.now()
    let happened = 0
    const cancel = clock.every(20, () => happened++)
    await clock.sleep(1)
    const passed = clock.now() - before
    standStill(60)
    await nextRound()
    // Sixty milliseconds of the wall could be more than a second of this clock; what passes is some steps.
    expect(clock.now() - before - passed).toBeLessThan(100)
    expect(happened).toBeLessThanOrEqual(5)
    cancel()
  })

  it('does not pass between two rounds', () => {
    const clock = steadyClock()
    const cancel = clock.after(1000, () => undefined)
    const before = clock.now()
    standStill(5)
    expect(clock.now()).toBe(before)
    cancel()
  })

  it('waits in the order of what is due, and what is called off does not happen', async () => {
    const clock = steadyClock()
    const done: string[] = []
    clock.after(200, () => done.push('late'))
    const off = clock.after(100, () => done.push('never'))
    clock.after(100, () => {
      done.push('early')
      void Promise.resolve().then(() => done.push('what it led to'))
    })
    clock.after(100, () => done.push('next'))
    off()
    off()
    await clock.sleep(200)
    expect(done).toEqual(['early', 'what it led to', 'next', 'late'])
  })

  it('calls off at the last moment what is due in the same step', async () => {
    const clock = steadyClock()
    const done: string[] = []
    clock.after(5, () => {
      done.push('first')
      off()
    })
    const off = clock.after(5, () => done.push('second'))
    await clock.sleep(30)
    expect(done).toEqual(['first'])
  })

  it('ends a wait that is aborted, and goes on for those after it', async () => {
    const clock = steadyClock()
    const abort = new AbortController()
    const waiting = clock.sleep(1e9, { signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await clock.sleep(10)
    await expect(clock.sleep(1, { signal: abort.signal })).rejects.toThrow('enough')
  })
})

describe('due times', () => {
  it('come out in order, each once, without those that were cancelled', () => {
    const times = fc.array(fc.record({ at: fc.integer({ min: 0, max: 20 }), isOff: fc.boolean() }))
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 20 }), (list, until) => {
        const dues = new DueTimes<number>()
        const added = list.map(({ at }, i) => dues.add(at, i))
        list.forEach(({ isOff }, i) => {
          if (isOff) dues.cancel(added[i]!)
        })
        const expected = list
          .map(({ at, isOff }, i) => ({ at, isOff, i }))
          .filter(({ isOff }) => !isOff)
          .toSorted((a, b) => a.at - b.at || a.i - b.i)
        const first = dues.takeUntil(until).map(({ what }) => what)
        const rest = dues.takeUntil(Infinity).map(({ what }) => what)
        expect(first).toEqual(expected.filter(({ at }) => at <= until).map(({ i }) => i))
        expect([...first, ...rest]).toEqual(expected.map(({ i }) => i))
        expect(dues.isEmpty).toBe(true)
      }),
    )
  })
})
