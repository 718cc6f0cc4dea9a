import type { AnsweredBy } from './answering/answered-by.ts'
import type { SessionFailure } from './session-end.ts'
import type { TurnTimings } from './timings.ts'
import type { Turn } from './transcript.ts'
import type { TurnEffect, TurnEvent, TurnState } from './turn-events.ts'

/**
 * A call's flight record: every event and effect of the turn machine with its time, and beside them what happened outside
 * the machine. The machine is pure, so a record can be replayed. Recording never waits, and never throws into the call.
 */
export interface FlightRecord {
  /** The machine took one step. */
  step(entry: FlightStep): void
  note(entry: FlightNote): void
  /** The call is over: nothing more is taken. */
  end(): void
}

export type FlightStep = {
  /** `Clock.now` of the call's clock. */
  readonly atMs: number
  readonly event: TurnEvent
  /** The state that follows the event. */
  readonly state: TurnState
  readonly effects: readonly TurnEffect[]
}

/** What is worth knowing of a call and does not pass through the machine. */
export type FlightNote =
  /** What the call was to be, as in the body of `POST /api/phone/call`. */
  | { readonly type: 'spec'; readonly spec: Readonly<Record<string, unknown>> }
  /** A turn came into the transcript; its times are milliseconds since the line was first attached. */
  | { readonly type: 'turn'; readonly turn: Turn }
  /** The times of an agent turn, once they are all known. */
  | { readonly type: 'timings'; readonly timings: TurnTimings }
  | { readonly type: 'answered_by'; readonly answeredBy: AnsweredBy }
  /** The person does not want to be called again. */
  | { readonly type: 'opted_out' }
  /** A media stream of the carrier came or went; `id` is the carrier's. */
  | {
      readonly type: 'stream'
      readonly what: 'opened' | 'closed'
      readonly id: string
      readonly cause?: 'stopped' | 'lost'
    }
  /** A vendor failed, whether or not the call could go on without it. */
  | { readonly type: 'failure'; readonly failure: SessionFailure }

/** For calls that are not recorded. */
export const noFlightRecord: FlightRecord = {
  step: () => undefined,
  note: () => undefined,
  end: () => undefined,
}
