import type { MachineVerdict, Person } from './scenario.ts'
import { recordFault, sendCallback, type TwilioAccount } from './twilio-account.ts'
import type { Action } from './twiml.ts'

/** What a call asks of machine detection. */
export type DetectionWanted = {
  /** `DetectMessageEnd` waits for the end of a greeting, and says how it ended. */
  readonly kind: 'Enable' | 'DetectMessageEnd'
  /** The TwiML does not wait for the verdict, which is posted to `callback` instead. */
  readonly isAsync: boolean
  readonly callback: Action | undefined
  /** The verdict is `unknown` when there is none after so long. */
  readonly timeoutMs: number
}

export type Detected = {
  readonly answeredBy: MachineVerdict['answeredBy']
  readonly afterMs: number
}

/** What a call without an opinion of its own is taken for; a verdict takes about so long. */
const HUMAN: MachineVerdict = { answeredBy: 'human' }
const USUAL_MS = 4000

/** The verdict on this person, in the words of the kind of detection that was asked for. */
export function detect({ amd = HUMAN }: Person, wanted: DetectionWanted): Detected {
  const { answeredBy, afterMs = USUAL_MS } = amd
  if (afterMs > wanted.timeoutMs) return { answeredBy: 'unknown', afterMs: wanted.timeoutMs }
  return { answeredBy: worded(answeredBy, wanted.kind), afterMs }
}

function worded(
  answeredBy: MachineVerdict['answeredBy'],
  kind: DetectionWanted['kind'],
): MachineVerdict['answeredBy'] {
  if (kind === 'DetectMessageEnd') {
    return answeredBy === 'machine_start' ? 'machine_end_other' : answeredBy
  }
  return answeredBy.startsWith('machine_') ? 'machine_start' : answeredBy
}

/** The parameters in which Twilio tells a verdict. */
export function verdictParams({ answeredBy, afterMs }: Detected): Readonly<Record<string, string>> {
  return { AnsweredBy: answeredBy, MachineDetectionDuration: String(Math.round(afterMs)) }
}

/** Posts the verdict of asynchronous detection; without a callback nobody learns of it, which is a warning. */
export async function reportVerdict(
  account: TwilioAccount,
  callSid: string,
  options: {
    callback: Action | undefined
    detected: Detected
    failed: (url: string, reason: string) => void
  },
): Promise<void> {
  const { callback, detected, failed } = options
  if (!callback) return
  const params = { CallSid: callSid, AccountSid: account.accountSid, ...verdictParams(detected) }
  await sendCallback(account, { ...callback, params }, (reason) => {
    failed(callback.url, reason)
  })
}

/** Recorded as soon as such a call is made. */
export function warnOfMissingCallback(account: TwilioAccount, wanted: DetectionWanted): void {
  if (wanted.isAsync && !wanted.callback) recordFault(account, 21262, 'no AsyncAmdStatusCallback')
}
