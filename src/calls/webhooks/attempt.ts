import type { Delivery } from './delivery.ts'
import { pauseAfter } from './retry-schedule.ts'

/** What one attempt to deliver has come to. */
export type Attempt =
  | { readonly status: number }
  /** There was no answer; `forbidden`: the address is not one that may be asked. */
  | { readonly error: string; readonly forbidden?: true }

/** The receiver wants no more of it. */
const GONE = 410

/** A delivery after an attempt that was made at `at`. */
export function afterAttempt(delivery: Delivery, attempt: Attempt, at: Date): Delivery {
  const attempts = delivery.attempts + 1
  const made = {
    ...messageOf(delivery),
    attempts,
    lastAttemptAt: at,
    ...('status' in attempt && { lastStatus: attempt.status }),
  }
  const lastError = whatIsWrong(attempt)
  if (lastError === undefined) return { ...made, state: 'delivered' }
  const pauseMs = isFinal(attempt) ? undefined : pauseAfter(attempts, Math.random())
  if (pauseMs === undefined) return { ...made, state: 'dead', lastError }
  const nextAttemptAt = new Date(at.getTime() + pauseMs)
  return { ...made, state: 'pending', nextAttemptAt, lastError }
}

/** Whether the address of these deliveries, which is one and the same, has said last that it wants no more. */
export function isGone(deliveries: readonly Delivery[]): boolean {
  const attempts = deliveries.flatMap(({ lastAttemptAt, lastStatus }) =>
    lastAttemptAt ? [{ atMs: lastAttemptAt.getTime(), lastStatus }] : [],
  )
  const last = attempts.sort((a, b) => a.atMs - b.atMs).at(-1)
  return last?.lastStatus === GONE
}

/** A delivery that is given up because another one of its call found its address gone. */
export function givenUp(delivery: Delivery): Delivery {
  const { attempts, lastAttemptAt, lastStatus } = delivery
  return {
    ...messageOf(delivery),
    attempts,
    ...(lastAttemptAt && { lastAttemptAt }),
    ...(lastStatus !== undefined && { lastStatus }),
    state: 'dead',
    lastError: 'the address has said that it is gone (410)',
  }
}

/** A delivery that is due later, with nothing else changed; or at once. */
export function dueAt(delivery: Delivery, nextAttemptAt: Date): Delivery {
  return { ...delivery, nextAttemptAt }
}

/** A delivery that begins anew, at once. What its last attempt came to stays known until the next one. */
export function sentAgain(delivery: Delivery, now: Date): Delivery {
  return { ...delivery, state: 'pending', attempts: 0, nextAttemptAt: now }
}

/** What never changes. */
function messageOf({ id, callId, type, url, payload, createdAt }: Delivery) {
  return { id, callId, type, url, payload, createdAt }
}

function isFinal(attempt: Attempt): boolean {
  return 'status' in attempt ? attempt.status === GONE : attempt.forbidden === true
}

/** Undefined: it was delivered. */
function whatIsWrong(attempt: Attempt): string | undefined {
  if ('error' in attempt) return attempt.error
  const { status } = attempt
  if (status >= 200 && status < 300) return undefined
  if (status >= 300 && status < 400) return `answered ${status}: redirects are not followed`
  return `answered ${status}`
}
