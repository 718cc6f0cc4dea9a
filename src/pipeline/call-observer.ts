import { type FlightRecord, noFlightRecord } from './flight-record.ts'

/** Whoever follows a call while it goes on: records its flight, shows it, measures it. None of it may wait or throw. */
export interface CallObserver extends FlightRecord {
  /** What the caller has said so far in their turn. */
  partial(text: string): void
  /** What was heard so far of what the agent is saying. */
  heard(reply: number, text: string): void
}

/** For calls that nobody follows. */
export const noObserver: CallObserver = {
  ...noFlightRecord,
  partial: () => undefined,
  heard: () => undefined,
}
