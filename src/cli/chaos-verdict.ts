import { stockPhrases } from '../pipeline/stock-phrases.ts'
import { type DeadAir, deadAirIn } from '../simulator/dead-air.ts'
import type { SimulatedCall } from '../simulator/simulated-call.ts'
import type { Violation } from '../simulator/violations.ts'
import type { CallJson } from './call-record.ts'
import type { ChaosCall } from './chaos-call.ts'
import type { ChaosArea, Excuse } from './chaos-fault.ts'
import type { ChaosPlan } from './chaos-plan.ts'
import {
  agentWordsWrong,
  callerWordsWrong,
  CUT_AGAIN,
  isInOutage,
  type Outage,
  SENTENCE_AGAIN,
  unacknowledgedWordsWrong,
  wasHeard,
} from './chaos-words.ts'

/** What was promised and not kept. */
export type Breach = {
  readonly rule:
    'dead air' | 'words' | 'end' | 'record' | 'webhook' | 'protocol' | 'sockets' | 'ring'
  readonly detail: string
}

export type ChaosVerdict = {
  readonly breaches: readonly Breach[]
  /** The longest that the person waited for the agent; silence into a line that was dead is not counted. */
  readonly deadAirMs: number
}

/** What is promised for the silence of the agent in its own turn: docs/reliability.md. */
const ONE_FAULT_MS = 2500
const SILENT_EAR_MS = 4000
const NO_LINE_MS = 6000
const CEILING_MS = 8000
/** It takes this long to tell that a sentence was the last one, and for the sound to get from one end to the other. */
const DETECTION_MS = 700

/** Judges one call: everything counts that no excuse of its faults covers. */
export function judge(seen: ChaosCall): ChaosVerdict {
  const breaches: Breach[] = []
  const breach = (rule: Breach['rule'], details: readonly string[]) => {
    breaches.push(...details.map((detail) => ({ rule, detail })))
  }
  const excuses = excusesOf(seen.plan)
  breach('ring', ringing(seen, excuses))
  breach('record', recordWrong(seen))
  breach('webhook', toldWrong(seen))
  breach('protocol', violationsOf(seen, excuses))
  if (seen.openSockets > 0) {
    breach('sockets', [`${seen.openSockets} connections to vendors are left open`])
  }
  const { record, call } = seen
  if (!record || call?.answeredAt === undefined) return { breaches, deadAirMs: 0 }
  breach('end', endWrong({ ...seen, record, call }, excuses))
  breach('words', wordsWrong({ ...seen, record, call }, excuses))
  const waits = waitsOf({ ...seen, record, call })
  const boundMs = deadAirBound(seen.plan, excuses) + DETECTION_MS
  breach(
    'dead air',
    waits
      .filter(({ lengthMs }) => lengthMs > boundMs)
      .map(
        ({ lengthMs, fromMs, before }) =>
          `${seconds(lengthMs)} from ${seconds(fromMs)} on, after "${before}"; ${seconds(boundMs)} is the bound`,
      ),
  )
  return { breaches, deadAirMs: Math.max(0, ...waits.map(({ lengthMs }) => lengthMs)) }
}

type Answered = ChaosCall & { readonly record: CallJson; readonly call: SimulatedCall }

const VENDORS: ReadonlySet<ChaosArea> = new Set(['hearing', 'voice', 'model'])

function excusesOf({ faults }: ChaosPlan): ReadonlySet<Excuse> {
  const excuses = new Set(faults.flatMap(({ fault }) => fault.excuses))
  const areas = faults.map(({ fault }) => fault.area).filter((area) => VENDORS.has(area))
  // What replaces a vendor, or asks it again, is what the second fault hits: it may be gone for good.
  if (new Set(areas).size < areas.length) excuses.add('end')
  return excuses
}

/** One fault is bridged at once; of two that fall together the second may hit the bridge. */
function deadAirBound({ faults }: ChaosPlan, excuses: ReadonlySet<Excuse>): number {
  const audible = faults.filter(({ fault: { area } }) => VENDORS.has(area) || area === 'line')
  if (excuses.has('end') || audible.length > 1) return CEILING_MS
  if (excuses.has('no_line')) return NO_LINE_MS
  return excuses.has('silent_ear') ? SILENT_EAR_MS : ONE_FAULT_MS
}

/** Nobody is rung twice, nobody for nothing, and nobody for a call that was refused. */
function ringing({ refusal, call, rung, isOver }: ChaosCall, excuses: ReadonlySet<Excuse>) {
  const wrong: string[] = []
  if (rung > 1) wrong.push(`${rung} calls were made instead of one`)
  if (!isOver) wrong.push('the call never ended')
  if (refusal !== undefined && !excuses.has('not_rung')) wrong.push(`refused: ${refusal}`)
  if (refusal !== undefined && call?.answeredAt !== undefined) {
    wrong.push('somebody picked up a call that was refused')
  }
  const isTakenBack = refusal === undefined && call?.answeredAt === undefined
  if (isTakenBack && !excuses.has('not_rung')) wrong.push('the call was taken back')
  return wrong
}

/** The record is closed, and says of the end what the telephone network says. */
function recordWrong({ record, call, refusal }: ChaosCall): string[] {
  if (!record) return refusal === undefined ? ['no record was ever closed'] : []
  const wrong: string[] = []
  if ((record.status === 'failed') !== (record.failure !== null)) {
    wrong.push(`status ${record.status}, failure ${JSON.stringify(record.failure)}`)
  }
  const wasAnswered = call?.answeredAt !== undefined
  if (wasAnswered && !['completed', 'failed'].includes(record.status)) {
    wrong.push(`the call was answered, and is on record as ${record.status}`)
  }
  if (!wasAnswered && record.transcript.length > 0) wrong.push('a transcript without an answer')
  return wrong
}

/** Each thing is told once, and the end is told as it is on record. */
function toldWrong({ told, record }: ChaosCall): string[] {
  const counts = new Map<string, number>()
  for (const { type } of told) counts.set(type, (counts.get(type) ?? 0) + 1)
  const twice = [...counts].filter(([, count]) => count > 1)
  const wrong = twice.map(([type, count]) => `${type} was told ${count} times`)
  if (!record) return wrong
  const ended = told.find(({ type }) => type === 'call.ended')
  if (!ended) return [...wrong, 'the end was never told']
  const { status, end_reason: reason } = ended.data
  if (status !== record.status || reason !== record.end_reason) {
    wrong.push(
      `told as ${String(status)} (${String(reason)}), on record as ${record.status} (${String(record.end_reason)})`,
    )
  }
  return wrong
}

/** What stand-ins complain of because the fault made them. */
const EXCUSED: Partial<Record<Excuse, RegExp>> = {
  stream_closed: /^31921 /,
}

function violationsOf({ violations }: ChaosCall, excuses: ReadonlySet<Excuse>): string[] {
  const isExcused = ({ rule }: Violation) =>
    [...excuses].some((excuse) => EXCUSED[excuse]?.test(rule) === true)
  return violations
    .filter((violation) => !isExcused(violation))
    .map(({ vendor, rule, detail }) => `${vendor}: ${rule} ${detail}`)
}

/** A call does what it was for, or says that it cannot. */
function endWrong(
  { record, call, outages, plan }: Answered,
  excuses: ReadonlySet<Excuse>,
): string[] {
  const { status, end_reason: reason, failure } = record
  if (status === 'completed' && reason === 'agent_hung_up') return []
  const how = `${status} (${String(reason)}) ${failure ? JSON.stringify(failure) : ''}`
  // Words that were said into a dead line were never answered, and a person may tire of that.
  const wasUnheard = call.said.some((said) => isInOutage(said, outages))
  if (status === 'completed' && wasUnheard) return []
  if (!excuses.has('end')) return [how]
  return wasHeard(stockPhrases('en').apology, call.heardText(), saidAgain(plan))
    ? []
    : [`${how}, and nobody said that it has to end`]
}

/** What is said again is said when there is a line, and may be cut off as what it is. */
function afterwards(outages: readonly Outage[]): Outage[] {
  return outages.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + SAID_AGAIN_MS }))
}

const SAID_AGAIN_MS = 500

/** A word takes about so long. */
const AT_END_MS = 300

function wordsWrong(seen: Answered, excuses: ReadonlySet<Excuse>): string[] {
  const { record, call, outages, plan } = seen
  const agent = record.transcript.flatMap((turn, index) => {
    const { role, text = '', interrupted = false, end_ms: endMs } = turn
    const next = record.transcript[index + 1]
    // Who cuts in at the last word may cut it, and the agent has said all that it had to.
    const isCutAtEnd = next?.role === 'caller' && next.start_ms < endMs + AT_END_MS
    return role === 'agent' ? [{ text, interrupted: interrupted || isCutAtEnd }] : []
  })
  const caller = record.transcript.flatMap(({ role, text = '' }) =>
    // Keys are on record as well, and nobody said them.
    role === 'caller' && !text.startsWith('(pressed') ? [text] : [],
  )
  const lastWords = stockPhrases('en').apology
  const again = saidAgain(plan)
  const wrong = agentWordsWrong(agent, call.heardText(), { lastWords, again })
  return [
    ...(excuses.has('unacknowledged') && wrong.length > 0
      ? unacknowledgedWordsWrong(agent, call.heard, afterwards(outages))
      : wrong),
    ...(excuses.has('deaf') ? [] : callerWordsWrong(caller, call.said, outages)),
  ]
}

/** How many words may have been said again, each time that something broke off. */
function saidAgain({ faults }: ChaosPlan): number[] {
  return faults.flatMap(({ fault }) => [
    ...(fault.excuses.includes('sentence_again') ? [SENTENCE_AGAIN] : []),
    ...(fault.excuses.includes('no_line') ? [CUT_AGAIN] : []),
  ])
}

function waitsOf({ record, call, outages }: Answered): DeadAir[] {
  const turns = record.transcript.flatMap(({ role, text = '' }) => (role === 'agent' ? [text] : []))
  const endedAt = call.statuses.at(-1)?.at ?? 0
  const waits = deadAirIn(call, turns, endedAt - (call.answeredAt ?? 0))
  // What was said into a dead line cannot be answered: nobody but the person knows that it was said.
  const unheard = call.said.filter((said) => isInOutage(said, outages)).map(({ endMs }) => endMs)
  return waits.filter(({ fromMs }) => !unheard.includes(fromMs))
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
