import type { Turn } from '../../pipeline/transcript.ts'
import { END_CALL, type END_CALL_REASONS } from '../../pipeline/tools.ts'
import type { CallRecord } from '../record.ts'
import type { Blamed, CallOutcome } from './outcome.ts'

/** What came of a call, with all that belongs to that word. */
export type Finding = Pick<CallOutcome, 'disposition' | 'failedBy' | 'callbackAt' | 'refused'>

/**
 * What the record says about how the call came out. `isOpen`: there was a conversation, and only its words can tell whether it
 * was more than `completed`; the finding holds if nobody can be asked.
 */
export type Ruling = { readonly finding: Finding; readonly isOpen: boolean }

/** Finds out by rules what came of a call that is over: the first of them that applies. */
export function rule(record: CallRecord): Ruling {
  const settled = settledBy(record)
  return settled ? { finding: settled, isOpen: false } : byConversation(record)
}

/** What needs no reading of words. What the person wants, and where they went, counts more than how the call ended. */
function settledBy(record: CallRecord): Finding | undefined {
  const { endReason, status } = record
  if (record.optedOut) return { disposition: 'opted_out' }
  if (record.transferredTo !== undefined || endReason === 'transferred') {
    return { disposition: 'transferred' }
  }
  if (record.messageLeft?.trim()) return { disposition: 'voicemail_left' }
  if (status === 'failed') return failed(blameFor(record.failure))
  if (status === 'busy') return { disposition: 'busy' }
  // A carrier that says `completed` has had an answer, even if nobody was there any more when we were asked what to do.
  if (record.answeredAt === undefined && status !== 'completed') {
    return { disposition: 'no_answer' }
  }
  return byMachine(record)
}

/** A person was never there. */
function byMachine({ answeredBy, endReason }: CallRecord): Finding | undefined {
  // A message of which not a word was played is none.
  if (endReason === 'voicemail' || endReason === 'message_left') return NO_MESSAGE
  if (endReason === 'screened') return { disposition: 'screened' }
  switch (answeredBy) {
    case 'voicemail':
    case 'mailbox_full':
      return NO_MESSAGE
    case 'screening':
      return { disposition: 'screened' }
    case 'carrier':
      return failed('carrier')
    case 'fax':
      return failed('callee')
    default:
      return endReason === 'unreachable' ? failed('callee') : undefined
  }
}

const NO_MESSAGE: Finding = { disposition: 'voicemail_no_message' }

/** Somebody has answered, or a menu has. */
function byConversation(record: CallRecord): Ruling {
  const reason = goodbyeReason(record.turns)
  if (record.answeredBy === 'ivr' && reason !== 'done') {
    return { finding: { disposition: 'ivr_no_agent' }, isOpen: false }
  }
  if (!record.turns.some(({ role }) => role === 'caller') && reason !== 'done') {
    return { finding: failed(whoWasSilent(record)), isOpen: false }
  }
  switch (reason) {
    case 'wrong_number':
      return { finding: { disposition: 'wrong_number' }, isOpen: false }
    // When they are to be called again stands in their words.
    case 'not_now':
      return { finding: { disposition: 'callback_requested' }, isOpen: true }
    case 'refused':
      return { finding: { disposition: 'completed', refused: true }, isOpen: false }
    default:
      return { finding: { disposition: 'completed' }, isOpen: true }
  }
}

/** A line on which the other side has not said a word: who ended it did not let them, or they had nothing to say. */
function whoWasSilent({ endReason }: CallRecord): Blamed {
  return endReason === 'requested' || endReason === 'time_limit' ? 'us' : 'callee'
}

/** The network says that the person did not want the call, or that this number has nobody. */
const CALLEE_CODES = /^(rejected:21\d+|sip_(404|410|480|484|486|600|603|604|607|608))$/
const CARRIER_CODES = /^(sip_\w+|call_failed)$/

function blameFor(failure: CallRecord['failure']): Blamed {
  if (!failure || failure.by === 'parley') return 'us'
  const { by, code } = failure
  if (CALLEE_CODES.test(code)) return 'callee'
  return CARRIER_CODES.test(code) ? 'carrier' : by
}

function failed(failedBy: Blamed): Finding {
  return { disposition: 'failed', failedBy }
}

/** Why the agent said goodbye, in its own word. */
function goodbyeReason(turns: readonly Turn[]): (typeof END_CALL_REASONS)[number] | undefined {
  const goodbye = turns.findLast((turn) => turn.role === 'tool' && turn.name === END_CALL.name)
  if (goodbye?.role !== 'tool') return undefined
  const { input } = goodbye
  const reason: unknown =
    typeof input === 'object' && input !== null ? Reflect.get(input, 'reason') : undefined
  // Without a reason it is a goodbye like any other.
  return isReason(reason) ? reason : 'done'
}

const REASONS: ReadonlySet<unknown> = new Set([
  'done',
  'wrong_number',
  'not_now',
  'refused',
  'no_response',
] satisfies (typeof END_CALL_REASONS)[number][])

function isReason(value: unknown): value is (typeof END_CALL_REASONS)[number] {
  return REASONS.has(value)
}
