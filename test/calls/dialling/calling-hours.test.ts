import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CallingHours,
  isGoodTime,
  nextGoodTime,
  parseDays,
  parseHours,
  WEEKDAYS,
} from '../../../src/calls/dialling/calling-hours.ts'
import { timeZonesOf } from '../../../src/calls/dialling/time-zones.ts'

const day: CallingHours = { fromMinute: 8 * 60, toMinute: 21 * 60, days: WEEKDAYS }
const NEW_YORK = ['America/New_York']

describe('hours and days', () => {
  it.each([
    ['08:00-21:00', { fromMinute: 480, toMinute: 1260 }],
    ['00:00-24:00', { fromMinute: 0, toMinute: 1440 }],
    [' 9:00-17:00', undefined],
    ['21:00-08:00', undefined],
    ['08:00-08:00', undefined],
    ['08:00-24:30', undefined],
    ['08:60-21:00', undefined],
    ['8-21', undefined],
  ])('%j', (text, hours) => {
    expect(parseHours(text)).toEqual(hours)
  })

  it.each([
    ['mon-fri', ['mon', 'tue', 'wed', 'thu', 'fri']],
    ['Sat, mon', ['mon', 'sat']],
    ['mon,wed-thu', ['mon', 'wed', 'thu']],
    ['fri-mon', undefined],
    ['mon-', undefined],
    ['', undefined],
    ['monday', undefined],
  ])('%j', (text, days) => {
    expect(parseDays(text)).toEqual(days)
  })
})

describe('a good time', () => {
  it('begins and ends on the minute, where the person is', () => {
    expect(isGoodTime(new Date('2026-07-01T11:59:59Z'), NEW_YORK, day)).toBe(false)
    expect(isGoodTime(new Date('2026-07-01T12:00:00Z'), NEW_YORK, day)).toBe(true)
    expect(isGoodTime(new Date('2026-07-02T00:59:59Z'), NEW_YORK, day)).toBe(true)
    expect(isGoodTime(new Date('2026-07-02T01:00:00Z'), NEW_YORK, day)).toBe(false)
  })

  it('moves with daylight saving', () => {
    // Clocks went forward on 8 March and back on 1 November 2026.
    expect(isGoodTime(new Date('2026-03-07T12:30:00Z'), NEW_YORK, day)).toBe(false)
    expect(isGoodTime(new Date('2026-03-08T12:30:00Z'), NEW_YORK, day)).toBe(true)
    expect(isGoodTime(new Date('2026-10-31T12:30:00Z'), NEW_YORK, day)).toBe(true)
    expect(isGoodTime(new Date('2026-11-01T12:30:00Z'), NEW_YORK, day)).toBe(false)
  })

  it('is one in every zone that a number may be in', () => {
    const coasts = [...NEW_YORK, 'America/Los_Angeles']
    expect(isGoodTime(new Date('2026-07-01T12:30:00Z'), coasts, day)).toBe(false)
    expect(isGoodTime(new Date('2026-07-01T15:30:00Z'), coasts, day)).toBe(true)
    expect(isGoodTime(new Date('2026-07-02T01:30:00Z'), coasts, day)).toBe(false)
    expect(isGoodTime(new Date('2026-07-01T15:30:00Z'), [], day)).toBe(false)
  })

  it('keeps to the days of the week there, not here', () => {
    const workdays = { ...day, days: WEEKDAYS.slice(0, 5) }
    // Friday evening in New York is Saturday in London.
    expect(isGoodTime(new Date('2026-07-04T00:30:00Z'), NEW_YORK, workdays)).toBe(true)
    expect(isGoodTime(new Date('2026-07-04T15:00:00Z'), NEW_YORK, workdays)).toBe(false)
    expect(nextGoodTime(new Date('2026-07-04T15:00:00Z'), NEW_YORK, workdays)).toEqual(
      new Date('2026-07-06T12:00:00Z'),
    )
  })

  it('there may be none', () => {
    const dawn = { fromMinute: 360, toMinute: 420, days: WEEKDAYS }
    expect(nextGoodTime(new Date(0), ['Europe/Berlin', 'Asia/Tokyo'], dawn)).toBeUndefined()
  })

  /** What the wall clock says there, by way of another format than the code's own. */
  const wall = (at: Date, timeZone: string) => {
    const [date = '', time = ''] = at.toLocaleString('sv-SE', { timeZone }).split(' ')
    const [hour = 0, minute = 0] = time.split(':').map(Number)
    const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7
    return { minutes: hour * 60 + minute, day: WEEKDAYS[weekday] }
  }

  it('is within the hours by the wall clock of every zone, over changes of daylight saving', () => {
    const zone = fc.constantFrom(
      'America/New_York',
      'America/Los_Angeles',
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'America/St_Johns',
      'Asia/Kathmandu',
      'Pacific/Apia',
    )
    // Around the changes of 2026 in America, Europe and Australia, to the minute.
    const change = fc.constantFrom(
      '2026-03-08',
      '2026-03-29',
      '2026-04-05',
      '2026-10-25',
      '2026-11-01',
    )
    const at = fc
      .tuple(change, fc.integer({ min: -2 * 1440, max: 2 * 1440 }))
      .map(([date, minutes]) => new Date(Date.parse(`${date}T00:00:00Z`) + minutes * 60_000))
    const hours = fc.record({
      fromMinute: fc.integer({ min: 0, max: 700 }),
      toMinute: fc.integer({ min: 701, max: 1440 }),
      days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
    })
    fc.assert(
      fc.property(
        fc.array(zone, { minLength: 1, maxLength: 3 }),
        at,
        hours,
        (zones, when, kept) => {
          const isIn = (moment: Date) =>
            zones.every((each) => {
              const { minutes, day: weekday } = wall(moment, each)
              const isDay = kept.days.some((name) => name === weekday)
              return isDay && minutes >= kept.fromMinute && minutes < kept.toMinute
            })
          expect(isGoodTime(when, zones, kept)).toBe(isIn(when))
          const next = nextGoodTime(when, zones, kept)
          if (next) {
            expect(isIn(next)).toBe(true)
            expect(next.getTime()).toBeGreaterThanOrEqual(when.getTime())
          }
        },
      ),
      { numRuns: 150 },
    )
  })
})

it('knows the zones of a number: one of a place, all of a country, none of a satellite', async () => {
  expect(await timeZonesOf('+12125551234')).toEqual(['America/New_York'])
  expect(await timeZonesOf('+4930123456')).toEqual(['Europe/Berlin'])
  expect((await timeZonesOf('+18005551234')).length).toBeGreaterThan(10)
  expect(await timeZonesOf('+870773111632')).toEqual([])
})
