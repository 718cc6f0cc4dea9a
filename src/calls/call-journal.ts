import type { CallObserver } from '../pipeline/call-observer.ts'
import type { FlightNote, FlightRecord, FlightStep } from '../pipeline/flight-record.ts'
import type { CallEvents } from './call-events.ts'

/** What a conversation notes, told to the one who records the flight and to all who follow the call. */
export class CallJournal implements CallObserver {
  readonly #callId: string
  readonly #events: CallEvents
  readonly #flight: FlightRecord

  constructor(callId: string, events: CallEvents, flight: FlightRecord) {
    this.#callId = callId
    this.#events = events
    this.#flight = flight
  }

  step(entry: FlightStep): void {
    this.#flight.step(entry)
  }

  note(entry: FlightNote): void {
    this.#flight.note(entry)
    switch (entry.type) {
      case 'turn':
        this.#events.publish(this.#callId, { type: 'turn', turn: entry.turn })
        return
      case 'timings':
        this.#events.publish(this.#callId, { type: 'timings', timings: entry.timings })
        return
      case 'answered_by':
        this.#events.publish(this.#callId, {
          type: 'call.answered_by',
          answeredBy: entry.answeredBy,
        })
        return
      case 'opted_out':
        this.#events.publish(this.#callId, { type: 'call.opted_out' })
        return
      case 'spec':
      case 'stream':
      case 'failure':
        return
      default:
        entry satisfies never
    }
  }

  partial(text: string): void {
    this.#events.pass(this.#callId, { type: 'caller.partial', text })
  }

  heard(reply: number, text: string): void {
    this.#events.pass(this.#callId, { type: 'agent.heard', reply, text })
  }

  end(): void {
    this.#flight.end()
  }
}
