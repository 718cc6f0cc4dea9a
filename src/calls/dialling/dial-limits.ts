import type { Clock } from '../../clock.ts'
import type { DialBlock, DialRule } from './dial-block.ts'
import { countryOf } from './dial-rules.ts'

/** How often and how long; 0 is no limit. Hours and days are those that end now. */
export type DialLimitSettings = {
  /** Of one key. */
  readonly dialsPerSecond: number
  readonly concurrentCalls: number
  readonly callsPerHour: number
  readonly minutesPerDay: number
  readonly countriesPerDay: number
  /** Of one number, whoever asks. */
  readonly numberCallsPerHour: number
  readonly numberCallsPerDay: number
}

/** Who asks for a dial, and whom they want to ring. */
export type DialAsk = {
  readonly phoneNumber: string
  /** Name of the key; undefined on a server without keys. */
  readonly owner: string | undefined
}

/** A dial that counts until it is called off, or its call is over. */
export type DialPermit = {
  /** It was not dialled after all, and does not count. */
  cancel(): void
  /** The call is over; `seconds` of it cost money. */
  over(seconds: number): void
}

const SECOND_MS = 1000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** After so many dials what is too old to count is thrown away. */
const PRUNE_EVERY = 500

type Talk = { readonly endedMs: number; readonly seconds: number }
type Count = {
  dialsMs: number[]
  talks: Talk[]
  readonly liveSinceMs: Set<{ sinceMs: number }>
  /** Of a key: when a number of the country was last dialled. */
  readonly countriesMs: Map<string, number>
}

/**
 * Counts dials by key and by number, in this process: several on one database each count their own. What an earlier process
 * has dialled is counted with `recall`.
 */
export class DialLimits {
  readonly #settings: DialLimitSettings
  readonly #clock: Clock
  readonly #keys = new Map<string | undefined, Count>()
  readonly #numbers = new Map<string, Count>()
  #untilPruned = PRUNE_EVERY

  constructor(settings: DialLimitSettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
  }

  /** Why the key may not dial at the moment. */
  checkKey(owner: string | undefined): DialBlock | undefined {
    const count = this.#keys.get(owner)
    if (!count) return undefined
    const { dialsPerSecond, concurrentCalls, callsPerHour, minutesPerDay } = this.#settings
    if (concurrentCalls > 0 && count.liveSinceMs.size >= concurrentCalls) {
      return {
        rule: 'concurrent_calls',
        message: `${concurrentCalls} calls of this key are going on already (KEY_MAX_CALLS): wait until one is over`,
        details: { limit: concurrentCalls },
        retryAt: this.#dateAt(this.#clock.now() + SECOND_MS),
      }
    }
    return (
      this.#tooMany(count, {
        rule: 'dials_per_second',
        limit: dialsPerSecond,
        withinMs: SECOND_MS,
        message: `more than ${dialsPerSecond} calls in a second with this key (KEY_DIALS_PER_SECOND): ask more slowly`,
      }) ??
      this.#tooMany(count, {
        rule: 'calls_per_hour',
        limit: callsPerHour,
        withinMs: HOUR_MS,
        message: `${callsPerHour} calls in an hour with this key (KEY_CALLS_PER_HOUR): wait, or raise it`,
      }) ??
      this.#tooLong(count, minutesPerDay)
    )
  }

  /** Why the key may not dial to yet another country. Whoever has stolen a key rings many, and soon. */
  checkCountry({ owner, phoneNumber }: DialAsk): DialBlock | undefined {
    const limit = this.#settings.countriesPerDay
    const country = countryOf(phoneNumber)
    const count = this.#keys.get(owner)
    if (limit === 0 || country === undefined || !count) return undefined
    const since = this.#clock.now() - DAY_MS
    const recent = [...count.countriesMs].filter(([, atMs]) => atMs > since)
    if (recent.length < limit || recent.some(([name]) => name === country)) return undefined
    return {
      rule: 'countries_per_day',
      message: `numbers of ${limit} countries were rung within a day with this key (KEY_COUNTRIES_PER_DAY), and ${country} is another one: wait, or raise it`,
      details: { limit, country },
      retryAt: this.#dateAt(Math.min(...recent.map(([, atMs]) => atMs)) + DAY_MS),
    }
  }

  /** Why the number is not rung at the moment. */
  checkNumber(phoneNumber: string): DialBlock | undefined {
    const count = this.#numbers.get(phoneNumber)
    if (!count) return undefined
    const { numberCallsPerHour, numberCallsPerDay } = this.#settings
    if (count.liveSinceMs.size > 0) {
      return {
        rule: 'already_calling',
        message:
          'a call with this number is going on already: wait until it is over, or hang it up',
      }
    }
    return (
      this.#tooMany(count, {
        rule: 'number_calls_per_hour',
        limit: numberCallsPerHour,
        withinMs: HOUR_MS,
        message: `this number was rung ${numberCallsPerHour} times in an hour (NUMBER_CALLS_PER_HOUR): leave the person in peace`,
      }) ??
      this.#tooMany(count, {
        rule: 'number_calls_per_day',
        limit: numberCallsPerDay,
        withinMs: DAY_MS,
        message: `this number was rung ${numberCallsPerDay} times in a day (NUMBER_CALLS_PER_DAY): leave the person in peace`,
      })
    )
  }

  /** A number is about to be rung. `isLive: false`: something else will dial it later. */
  count({ phoneNumber, owner }: DialAsk, { isLive }: { readonly isLive: boolean }): DialPermit {
    this.#pruneNowAndThen()
    const atMs = this.#clock.now()
    const key = this.#keyCount(owner)
    const counts = [key, this.#numberCount(phoneNumber)]
    for (const { dialsMs } of counts) dialsMs.push(atMs)
    noteCountry(key, phoneNumber, atMs)
    if (!isLive) return { cancel: forget, over: () => undefined }
    const end = this.#begin(counts)
    return {
      cancel: () => {
        end(0)
        forget()
      },
      over: end,
    }
    function forget() {
      for (const { dialsMs } of counts) {
        const at = dialsMs.lastIndexOf(atMs)
        if (at !== -1) dialsMs.splice(at, 1)
      }
    }
  }

  /** A call goes on whose dial was counted before. */
  resume({ phoneNumber, owner }: DialAsk): DialPermit {
    const end = this.#begin([this.#keyCount(owner), this.#numberCount(phoneNumber)])
    return {
      cancel: () => {
        end(0)
      },
      over: end,
    }
  }

  /** A call of an earlier process; those that are too old to count are left out. */
  recall(ask: DialAsk, call: { readonly at: Date; readonly seconds: number }): void {
    const agoMs = this.#clock.date().getTime() - call.at.getTime()
    if (agoMs < 0 || agoMs >= DAY_MS) return
    const atMs = this.#clock.now() - agoMs
    const key = this.#keyCount(ask.owner)
    for (const { dialsMs } of [key, this.#numberCount(ask.phoneNumber)]) {
      dialsMs.push(atMs)
      dialsMs.sort((a, b) => a - b)
    }
    noteCountry(key, ask.phoneNumber, atMs)
    if (call.seconds > 0) key.talks.push({ endedMs: atMs, seconds: call.seconds })
  }

  #begin(counts: readonly Count[]): (seconds: number) => void {
    const live = { sinceMs: this.#clock.now() }
    for (const { liveSinceMs } of counts) liveSinceMs.add(live)
    let isOver = false
    return (seconds) => {
      if (isOver) return
      isOver = true
      for (const count of counts) {
        count.liveSinceMs.delete(live)
        if (seconds > 0) count.talks.push({ endedMs: this.#clock.now(), seconds })
      }
    }
  }

  #tooMany(
    { dialsMs }: Count,
    rule: { rule: DialRule; limit: number; withinMs: number; message: string },
  ): DialBlock | undefined {
    const { limit, withinMs } = rule
    if (limit === 0 || dialsMs.length < limit) return undefined
    const since = this.#clock.now() - withinMs
    const oldest = dialsMs[dialsMs.length - limit]
    if (oldest === undefined || oldest <= since) return undefined
    return {
      rule: rule.rule,
      message: rule.message,
      details: { limit },
      retryAt: this.#dateAt(oldest + withinMs),
    }
  }

  #tooLong({ talks, liveSinceMs }: Count, minutesPerDay: number): DialBlock | undefined {
    if (minutesPerDay === 0) return undefined
    const now = this.#clock.now()
    const counting = talks.filter(({ endedMs }) => endedMs > now - DAY_MS)
    const talked = counting.reduce((sum, { seconds }) => sum + seconds, 0)
    const going = [...liveSinceMs].reduce((sum, { sinceMs }) => sum + (now - sinceMs) / 1000, 0)
    if (talked + going < minutesPerDay * 60) return undefined
    const first = counting[0]
    return {
      rule: 'minutes_per_day',
      message: `calls of this key took ${minutesPerDay} minutes within a day (KEY_MINUTES_PER_DAY): wait, or raise it`,
      details: { limit: minutesPerDay },
      ...(first && { retryAt: this.#dateAt(first.endedMs + DAY_MS) }),
    }
  }

  #dateAt(ms: number): Date {
    return new Date(this.#clock.date().getTime() + Math.max(0, ms - this.#clock.now()))
  }

  #keyCount(owner: string | undefined): Count {
    return countIn(this.#keys, owner)
  }

  #numberCount(phoneNumber: string): Count {
    return countIn(this.#numbers, phoneNumber)
  }

  #pruneNowAndThen(): void {
    if (--this.#untilPruned > 0) return
    this.#untilPruned = PRUNE_EVERY
    const since = this.#clock.now() - DAY_MS
    prune(this.#keys, since)
    prune(this.#numbers, since)
  }
}

function countIn<Name>(counts: Map<Name, Count>, name: Name): Count {
  const known = counts.get(name)
  if (known) return known
  const count: Count = {
    dialsMs: [],
    talks: [],
    liveSinceMs: new Set(),
    countriesMs: new Map(),
  }
  counts.set(name, count)
  return count
}

function noteCountry({ countriesMs }: Count, phoneNumber: string, atMs: number): void {
  const country = countryOf(phoneNumber)
  if (country === undefined) return
  countriesMs.set(country, Math.max(atMs, countriesMs.get(country) ?? -Infinity))
}

function prune<Name>(counts: Map<Name, Count>, sinceMs: number): void {
  for (const [name, count] of counts) {
    // In place: permits hold on to the count that they are part of.
    count.dialsMs.splice(0, count.dialsMs.findLastIndex((atMs) => atMs <= sinceMs) + 1)
    for (const [country, atMs] of count.countriesMs) {
      if (atMs <= sinceMs) count.countriesMs.delete(country)
    }
    count.talks = count.talks.filter(({ endedMs }) => endedMs > sinceMs)
    const { dialsMs, talks, liveSinceMs } = count
    if (dialsMs.length + talks.length + liveSinceMs.size === 0) counts.delete(name)
  }
}
