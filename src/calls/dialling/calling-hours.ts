/** Days of the week, as `CALLING_DAYS` names them. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]

/** When people may be rung, in their own local time. */
export type CallingHours = {
  /** Minutes since midnight; from this one on … */
  readonly fromMinute: number
  /** … until before this one. */
  readonly toMinute: number
  readonly days: readonly Weekday[]
}

const HOURS = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/

/** `08:00-21:00`; undefined: it is something else, or ends before it begins. */
export function parseHours(
  text: string,
): Pick<CallingHours, 'fromMinute' | 'toMinute'> | undefined {
  const match = HOURS.exec(text.replaceAll(' ', ''))
  if (!match) return undefined
  const [fromHour = 0, fromMin = 0, toHour = 0, toMin = 0] = match.slice(1).map(Number)
  const fromMinute = fromHour * 60 + fromMin
  const toMinute = toHour * 60 + toMin
  return fromMinute < toMinute && toMinute <= 24 * 60 ? { fromMinute, toMinute } : undefined
}

/** `mon-fri`, or `mon,wed,sat-sun`; undefined: it is something else. */
export function parseDays(text: string): readonly Weekday[] | undefined {
  const days = new Set<Weekday>()
  for (const part of text.toLowerCase().split(',')) {
    const [first, last = first, ...more] = part.split('-').map((name) => name.trim())
    const from = WEEKDAYS.findIndex((day) => day === first)
    const to = WEEKDAYS.findIndex((day) => day === last)
    if (more.length > 0 || from === -1 || to < from) return undefined
    for (const day of WEEKDAYS.slice(from, to + 1)) days.add(day)
  }
  return WEEKDAYS.filter((day) => days.has(day))
}

/** Whether it is a good time in all of the zones: where a person is, is not known better than that. */
export function isGoodTime(at: Date, zones: readonly string[], hours: CallingHours): boolean {
  return zones.length > 0 && zones.every((zone) => isGoodTimeIn(zone, at, hours))
}

const STEP_MS = 15 * 60_000
/** Some zones are never awake together on a workday; more than a week ahead nothing changes but daylight saving. */
const LOOK_AHEAD_MS = 8 * 86_400_000

/** The next quarter of an hour that is good in all of the zones; undefined: there is none within a week. */
export function nextGoodTime(
  after: Date,
  zones: readonly string[],
  hours: CallingHours,
): Date | undefined {
  const start = Math.ceil(after.getTime() / STEP_MS) * STEP_MS
  for (let at = start; at <= start + LOOK_AHEAD_MS; at += STEP_MS) {
    if (isGoodTime(new Date(at), zones, hours)) return new Date(at)
  }
  return undefined
}

function isGoodTimeIn(zone: string, at: Date, hours: CallingHours): boolean {
  const { day, minute } = localTime(zone, at)
  return hours.days.includes(day) && minute >= hours.fromMinute && minute < hours.toMinute
}

/** Making one takes a thousand times as long as using it. */
const formats = new Map<string, Intl.DateTimeFormat>()

function localTime(zone: string, at: Date): { day: Weekday; minute: number } {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    formats.set(zone, format)
  }
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]))
  const name = parts.get('weekday')?.toLowerCase()
  const day = WEEKDAYS.find((each) => each === name) ?? 'sun'
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) }
}
