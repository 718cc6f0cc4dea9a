import type { Clock } from '../clock.ts'
import type { CallEvent, PassingEvent } from './call-events.ts'

/** What one follower is told at once, without a queue: that something has happened, and the latest of what passes. */
export class EventFollower {
  readonly #clock: Clock
  readonly #callId: string | undefined
  /** The latest of each kind in each call; one that comes late is of no use to anybody. */
  readonly #passing = new Map<string, PassingEvent>()
  #bell = Promise.withResolvers<boolean>()

  /** @param callId undefined: follows all calls */
  constructor(callId: string | undefined, clock: Clock) {
    this.#callId = callId
    this.#clock = clock
  }

  tell(event: CallEvent | PassingEvent): void {
    if (this.#callId !== undefined && event.callId !== this.#callId) return
    if (event.seq === undefined) this.#passing.set(keyOf(event.callId, event.type), event)
    else this.#outdate(event)
    this.wake()
  }

  wake(): void {
    this.#bell.resolve(true)
  }

  takePassing(): readonly PassingEvent[] {
    const taken = Array.from(this.#passing.values())
    this.#passing.clear()
    return taken
  }

  /** Waits until something has happened since it was last waited for. False: nothing has, for `ms`. */
  async something(ms: number): Promise<boolean> {
    const cancel = this.#clock.after(ms, () => {
      this.#bell.resolve(false)
    })
    const hasHappened = await this.#bell.promise
    cancel()
    this.#bell = Promise.withResolvers()
    return hasHappened
  }

  /** Whole turns come in the place of what was heard of them so far. */
  #outdate(event: CallEvent): void {
    const isOver = event.type === 'call.ended'
    const role = event.type === 'turn' ? event.turn.role : undefined
    if (isOver || role === 'caller') this.#passing.delete(keyOf(event.callId, 'caller.partial'))
    if (isOver || role === 'agent') this.#passing.delete(keyOf(event.callId, 'agent.heard'))
  }
}

function keyOf(callId: string, type: PassingEvent['type']): string {
  return `${callId} ${type}`
}
