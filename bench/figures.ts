import type { BenchCall } from './conversation.ts'
import { type Spread, spreadOf } from './percentiles.ts'
import type { Usage } from './process-usage.ts'
import { StampBook, type Stamp } from './stamps.ts'

/** The time in which all calls of a step are up at once; only what falls into it is counted. */
export type Window = { readonly fromMs: number; readonly toMs: number }

/** What our own code adds, in milliseconds; the vendors' time lies between these hops and is left out. */
export type Latencies = {
  /** The caller's turn is over → the model is asked. */
  readonly toModel: Spread
  /** The first phrase is written → the voice has it. */
  readonly toVoice: Spread
  /** The first audio is there → the line has it. */
  readonly toLine: Spread
  /** The sum of the three, turn by turn. */
  readonly added: Spread
  /** The caller's words over the agent's → the line is cleared. */
  readonly bargeIn: Spread
  /** The phone is picked up → the line has the agent's first audio. Counted for every call, in the window or not. */
  readonly greeting: Spread
  /** Turns in the window that were not answered, or did not clear the line though they interrupted. */
  readonly missed: readonly string[]
}

export function latenciesOf(
  calls: readonly BenchCall[],
  stamps: readonly Stamp[],
  window: Window,
): Latencies {
  const book = new StampBook(stamps)
  const hops: Hops[] = []
  const bargeIns: number[] = []
  const greetings: number[] = []
  const missed: string[] = []
  for (const call of calls) {
    const greeting = greetingOf(book, call.code)
    if (greeting !== undefined) greetings.push(greeting)
    for (const [index, turn] of call.turns.entries()) {
      const endMs = book.first('turn_end_sent', turn.code)
      if (endMs === undefined || !within(endMs, window)) continue
      const found = hopsOf(book, { call: call.code, turn: turn.code, endMs })
      if (found) hops.push(found)
      else missed.push(`${turn.code} was not answered`)
      const previousEndMs = book.first('turn_end_sent', call.turns[index - 1]?.code ?? '')
      if (!turn.interrupts || previousEndMs === undefined) continue
      const reaction = bargeInOf(book, call.code, { sinceMs: previousEndMs, untilMs: endMs })
      if (reaction === undefined) missed.push(`${turn.code} did not clear the line`)
      else bargeIns.push(reaction)
    }
  }
  return {
    toModel: spreadOf(hops.map(({ toModel }) => toModel)),
    toVoice: spreadOf(hops.map(({ toVoice }) => toVoice)),
    toLine: spreadOf(hops.map(({ toLine }) => toLine)),
    added: spreadOf(hops.map(({ toModel, toVoice, toLine }) => toModel + toVoice + toLine)),
    bargeIn: spreadOf(bargeIns),
    greeting: spreadOf(greetings),
    missed,
  }
}

type Hops = { readonly toModel: number; readonly toVoice: number; readonly toLine: number }

function hopsOf(
  book: StampBook,
  { call, turn, endMs }: { call: string; turn: string; endMs: number },
): Hops | undefined {
  const askedMs = book.first('model_asked', turn)
  const writtenMs = book.first('phrase_written', turn)
  const givenMs = book.first('phrase_given', turn)
  const beganMs = book.first('voice_began', turn)
  if (askedMs === undefined || writtenMs === undefined) return undefined
  if (givenMs === undefined || beganMs === undefined) return undefined
  const mediaMs = book.firstSince('media_got', call, beganMs)
  if (mediaMs === undefined) return undefined
  return { toModel: askedMs - endMs, toVoice: givenMs - writtenMs, toLine: mediaMs - beganMs }
}

/** The last first words before the end of the turn are the ones that opened it. */
function bargeInOf(
  book: StampBook,
  call: string,
  { sinceMs, untilMs }: { sinceMs: number; untilMs: number },
): number | undefined {
  const wordsMs = book.firstSince('words_sent', call, sinceMs)
  if (wordsMs === undefined || wordsMs > untilMs) return undefined
  const clearMs = book.firstSince('clear_got', call, wordsMs)
  return clearMs === undefined ? undefined : clearMs - wordsMs
}

function greetingOf(book: StampBook, call: string): number | undefined {
  const answeredMs = book.first('picked_up', call)
  const mediaMs = book.first('media_got', call)
  return answeredMs === undefined || mediaMs === undefined ? undefined : mediaMs - answeredMs
}

export function within(atMs: number, { fromMs, toMs }: Window): boolean {
  return atMs >= fromMs && atMs <= toMs
}

const MB = 1024 ** 2

/** Share of one core. */
export function cpuPercentOf({ cpuMs, wallMs }: Usage): number {
  return (cpuMs / wallMs) * 100
}

/** What a server's process used while so many calls were up. */
export type Consumption = {
  /** How long that was watched. */
  readonly seconds: number
  /** Share of one core, in percent, for all calls and for one. */
  readonly cpuPercent: number
  readonly cpuPercentPerCall: number
  /** Growth of the resident memory since no call was up. */
  readonly mbPerCall: number
  /** The same of what is in use: without the garbage that a process with memory to spare leaves lying about. */
  readonly liveMbPerCall: number
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

export function consumptionOf(idle: Usage, busy: Usage, calls: number): Consumption {
  const cpuPercent = cpuPercentOf(busy)
  return {
    seconds: busy.wallMs / 1000,
    cpuPercent,
    cpuPercentPerCall: cpuPercent / calls,
    mbPerCall: (busy.rssBytes - idle.rssBytes) / calls / MB,
    liveMbPerCall: ((busy.liveBytes ?? NaN) - (idle.liveBytes ?? NaN)) / calls / MB,
    loopDelayMs: busy.loopDelayMs,
  }
}
