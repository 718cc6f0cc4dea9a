import type { Provider } from '../errors.ts'
import type { Line, LineListener } from './ports.ts'
import type { TurnTimings } from './timings.ts'
import type { Turn } from './transcript.ts'

export type SessionFailure = {
  /** `parley` when the fault is our own. */
  readonly by: Provider | 'parley'
  readonly code: string
  readonly message: string
}

/** How a call's conversation came to its end. */
export type SessionEnd = {
  readonly reason:
    | 'agent_hung_up' // the agent said goodbye
    | 'caller_hung_up' // the line went away by itself
    | 'requested' // `end` was called: by the API, or by a drain
    | 'time_limit'
    | 'failed' // a vendor or we failed; `failure` says who
  readonly failure?: SessionFailure
}

/**
 * One call's conversation, from the moment its number is dialled. It outlives its line: lines are attached to it.
 *
 * Order: `start` when dialling (prepares the opening), `answered` when the phone was picked up (opens the ears),
 * `attach` when the line is there, `ended` when the conversation is over, `cleanup` to release everything.
 */
export interface CallSession {
  start(): void
  answered(): void
  attach(line: Line): LineListener
  /** Ends the call from outside; safe at any time and more than once. */
  end(reason: 'requested' | 'caller_hung_up'): void
  cleanup(): Promise<void>
  readonly ended: Promise<SessionEnd>
  readonly turns: readonly Turn[]
  readonly timings: readonly TurnTimings[]
}
