import {
  FRAME_BYTES,
  MULAW_BYTES_PER_MS,
  MULAW_SILENCE,
  type Mulaw8k,
} from '../../audio/samples.ts'
import type { Cancel } from '../../clock.ts'
import type { HearingEvent } from '../../pipeline/ports.ts'
import type { Ear, EarParts } from './ear.ts'
import { failureOfMessage } from './failure.ts'
import { NovaServerMessage, parseJson } from './messages.ts'
import {
  endTurn,
  hearResults,
  hearUtteranceEnd,
  isOpen,
  noTurn,
  type NovaTurn,
} from './nova-turn.ts'

/** A connection is closed after 10 s without audio or a message: at worst, two of these pass. */
const KEEP_ALIVE_MS = 3000
const SILENCE: Mulaw8k = new Uint8Array(FRAME_BYTES).fill(MULAW_SILENCE)
/** Interims come about once a second: so much later than the gap between words, the end of the turn was missed. */
const PATIENCE_MS = 1500
/** How long Nova may take to answer a Finalize; with little audio waiting there it does not answer at all. */
const FINALIZE_MS = 1000

/**
 * Listens with Nova. Noise can keep back both of its signals for the end of speech; then a turn to which no words were
 * added for long enough is ended by us.
 */
export class NovaEar implements Ear {
  readonly #parts: EarParts
  readonly #patienceMs: number
  #turn: NovaTurn = noTurn
  #cancelPatience: Cancel | undefined
  #cancelKeepAlive: Cancel | undefined
  #audioSinceTick = false
  #audioEver = false
  /** Silence sent that was not the caller's. */
  #addedMs = 0

  constructor(parts: EarParts, { utteranceEndMs }: { readonly utteranceEndMs: number }) {
    this.#parts = parts
    this.#patienceMs = utteranceEndMs + PATIENCE_MS
  }

  opened(): void {
    this.#cancelKeepAlive = this.#parts.clock.every(KEEP_ALIVE_MS, () => {
      this.#keepAlive()
    })
    // Nova says nothing of its own accord: it listens as soon as the connection is open.
    this.#parts.owner.ready()
  }

  sendAudio(audio: Mulaw8k): void {
    this.#audioSinceTick = true
    this.#audioEver = true
    this.#parts.connection.sendAudio(audio)
  }

  receive(text: string): void {
    const parsed = NovaServerMessage.safeParse(parseJson(text))
    if (!parsed.success) {
      this.#parts.owner.skipped()
      return
    }
    const message = parsed.data
    if (message.type === 'Results') this.#report(hearResults(this.#turn, message))
    else if (message.type === 'UtteranceEnd') {
      this.#report(hearUtteranceEnd(this.#turn, message.last_word_end))
    } else if (message.type === 'Error') this.#parts.owner.failed(failureOfMessage(message))
  }

  stop(): void {
    this.#cancelKeepAlive?.()
    this.#cancelPatience?.()
  }

  #report({ turn, events }: { turn: NovaTurn; events: readonly HearingEvent[] }): void {
    this.#turn = turn
    if (!isOpen(turn)) this.#cancelPatience?.()
    else if (events.length > 0) this.#beginPatience()
    for (const event of events) this.#parts.owner.heard(this.#inGivenAudio(event))
  }

  #beginPatience(): void {
    this.#cancelPatience?.()
    this.#cancelPatience = this.#parts.clock.after(this.#patienceMs, () => {
      // Its answer ends the turn, with the final words.
      this.#parts.connection.sendMessage({ type: 'Finalize' })
      this.#cancelPatience = this.#parts.clock.after(FINALIZE_MS, () => {
        this.#report(endTurn(this.#turn))
      })
    })
  }

  #keepAlive(): void {
    if (!this.#audioSinceTick) this.#parts.connection.sendMessage({ type: 'KeepAlive' })
    this.#audioSinceTick = false
    // Until there was audio, a KeepAlive counts for nothing.
    if (!this.#audioEver) {
      this.sendAudio(SILENCE)
      this.#addedMs = SILENCE.length / MULAW_BYTES_PER_MS
    }
  }

  /** Times count the audio that Nova got; ours count what we were given. */
  #inGivenAudio(event: HearingEvent): HearingEvent {
    if (event.type !== 'turn_end' || event.speechEndMs === undefined) return event
    return { ...event, speechEndMs: event.speechEndMs - this.#addedMs }
  }
}
