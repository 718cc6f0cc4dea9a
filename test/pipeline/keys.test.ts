import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { Keys } from '../../src/pipeline/keys.ts'
import { useFakeTimers } from '../helpers/fake-timers.ts'

function setUp() {
  const entries: string[] = []
  const keys = new Keys(systemClock, (entry) => entries.push(entry))
  const press = (all: string) => {
    for (const key of all) keys.press(key)
  }
  return { keys, entries, press }
}

beforeEach(() => {
  useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('keys', () => {
  it('are one entry until the person pauses', () => {
    const { entries, press } = setUp()
    press('1')
    vi.advanceTimersByTime(1400)
    press('2')
    vi.advanceTimersByTime(1400)
    expect(entries).toEqual([])
    vi.advanceTimersByTime(100)
    expect(entries).toEqual(['12'])
  })

  it('are an entry at once after #, and when there are more than anything has', () => {
    const { entries, press } = setUp()
    press('42#7#')
    press('9'.repeat(33))
    expect(entries).toEqual(['42#', '7#', '9'.repeat(32)])
    vi.advanceTimersByTime(1500)
    expect(entries.at(-1)).toBe('9')
  })

  it('that the end of the call cuts short are told, and never again', () => {
    const { keys, entries, press } = setUp()
    expect(keys.cutShort()).toBe('')
    press('12')
    expect(keys.cutShort()).toBe('(pressed 1 2)')
    expect(keys.cutShort()).toBe('')
    vi.advanceTimersByTime(2000)
    expect(entries).toEqual([])
    press('3')
    keys.stop()
  })

  it('are few entries when they come as a flood, however it looks, and one more when it is over', () => {
    for (const flood of ['#', '1#', '12345', '*']) {
      const { entries, press } = setUp()
      for (let i = 0; i < 200; i++) {
        press(flood)
        vi.advanceTimersByTime(10)
      }
      expect(entries.length).toBeLessThanOrEqual(3)
      vi.advanceTimersByTime(1500)
      expect(entries.length).toBeLessThanOrEqual(4)
      expect(Math.max(...entries.map(({ length }) => length))).toBeLessThanOrEqual(32)
      vi.advanceTimersByTime(3000)
      press('42#')
      expect(entries.at(-1)).toBe('42#')
    }
  })
})
