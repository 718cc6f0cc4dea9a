import { describe, expect, it } from 'vitest'
import { scaledClock } from '../../src/clock.ts'
import { Outbox } from '../../src/simulator/outbox.ts'

describe('outbox', () => {
  it('does at once what has no delay', () => {
    const done: string[] = []
    new Outbox(scaledClock(1)).after(0, () => done.push('now'))
    expect(done).toEqual(['now'])
  })

  it('never does anything out of order', async () => {
    const clock = scaledClock(10)
    const outbox = new Outbox(clock)
    const done: string[] = []
    const begun = clock.now()
    await new Promise<void>((resolve) => {
      outbox.after(300, () => done.push('slow'))
      outbox.after(100, () => done.push('quick'))
      outbox.after(0, () => {
        done.push('at once')
        resolve()
      })
    })
    expect(done).toEqual(['slow', 'quick', 'at once'])
    expect(clock.now() - begun).toBeGreaterThanOrEqual(290)
  })

  it('forgets what waits', async () => {
    const clock = scaledClock(10)
    const outbox = new Outbox(clock)
    const done: string[] = []
    outbox.after(50, () => done.push('never'))
    outbox.clear()
    await clock.sleep(200)
    expect(done).toEqual([])
  })
})
