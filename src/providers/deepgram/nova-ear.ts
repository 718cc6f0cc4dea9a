import {
  FRAME_BYTES,
  MULAW_BYTES_PER_MS,
  MULAW_SILENCE,
  type Mulaw8k,
} from '../../audio/samples.ts'
import type { Cancel } from '../../clock.ts'
import type { HearingEvent } from '../../pipeline/ports.ts'
import { NORMAL_PAUSE_MS } from '../../pipeline/patience.ts'
import type { Ear, EarParts } from './ear.ts'
import { shifted } from './event-time.ts'
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
const MISSED_MS = 1500
/** How long Nova may take to answer a Finalize; with little audio waiting there it does not answer at all. */
const FINALIZE_MS = 1000

/**
 * Listens with Nova. What it takes for the end of speech cannot be changed while it listens: to be patient, its signals are
 * kept back until there was so much audio without words. Noise can suppress both signals; then a turn to which no words were
 * added for long enough is ended by us.
 */
export class NovaEar implements Ear {
  readonly #parts: EarParts
  readonly #utteranceEndMs: number
  #turn: NovaTurn = noTurn
  #pauseMs = 0
  /** Where a sound began that may become words, in seconds of audio. */
  #soundS = 0
  #sentBytes = 0
  #cancelMissed: Cancel | undefined
  #cancelKeepAlive: Cancel | undefined
  #audioSinceTick = false
  #audioEver = false
  /** Silence sent that was not the caller's. */
  #addedMs = 0

  constructor(parts: EarParts, { utteranceEndMs }: { readonly utteranceEndMs: number }) {
    this.#parts = parts
    this.#utteranceEndMs = utteranceEndMs
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
    this.#sentBytes += audio.length
    this.#parts.connection.sendAudio(audio)
    this.#endIfDue()
  }

  setPatience(pauseMs: number): void {
    // A turn that may end by it does so with the next audio: whoever calls this is in the middle of something.
    this.#pauseMs = pauseMs > NORMAL_PAUSE_MS ? pauseMs : 0
  }

  takeLanguage(): boolean {
    return false
  }

  receive(text: string): void {
    const parsed = NovaServerMessage.safeParse(parseJson(text))
    if (!parsed.success) {
      this.#parts.owner.skipped()
      return
    }
    const message = parsed.data
    switch (message.type) {
      case 'Results':
        this.#parts.owner.told((message.start + message.duration) * 1000)
        this.#report(hearResults(this.#turn, message))
        return
      case 'UtteranceEnd':
        this.#report(hearUtteranceEnd(this.#turn, message.last_word_end))
        return
      case 'SpeechStarted':
        this.#soundS = message.timestamp ?? this.#soundS
        return
      case 'Error':
        this.#parts.owner.failed(failureOfMessage(message))
        return
      default:
    }
  }

  /** With audio waiting, Nova answers a Finalize, be it by an empty result. */
  probe(): boolean {
    this.#parts.connection.sendMessage({ type: 'Finalize' })
    return true
  }

  stop(): void {
    this.#cancelKeepAlive?.()
    this.#cancelMissed?.()
  }

  #report({ turn, events }: { turn: NovaTurn; events: readonly HearingEvent[] }): void {
    this.#turn = turn
    if (!isOpen(turn)) this.#cancelMissed?.()
    else if (events.length > 0) this.#waitForMissed()
    // Times count the audio that Nova got; ours count what we were given.
    for (const event of events) this.#parts.owner.heard(shifted(event, -this.#addedMs))
    this.#endIfDue()
  }

  /** Ends a turn that may end and was given its time. Its last words were told before: they may have changed our patience. */
  #endIfDue(): void {
    const { ending, lastWordEndS = 0 } = this.#turn
    if (!ending) return
    // Words come up to a second after their sound.
    const quietMs =
      this.#sentBytes / MULAW_BYTES_PER_MS - Math.max(lastWordEndS, this.#soundS) * 1000
    if (this.#pauseMs === 0 || quietMs >= this.#pauseMs) this.#report(endTurn(this.#turn))
  }

  #waitForMissed(): void {
    this.#cancelMissed?.()
    this.#cancelMissed = this.#parts.clock.after(
      Math.max(this.#utteranceEndMs, this.#pauseMs) + MISSED_MS,
      () => {
        // Its answer ends the turn, with the final words.
        this.#parts.connection.sendMessage({ type: 'Finalize' })
        this.#cancelMissed = this.#parts.clock.after(FINALIZE_MS, () => {
          // Whoever listens no more must not end a turn that goes on: it is heard again by somebody else.
          if (this.#parts.owner.isOwed()) this.#waitForMissed()
          else this.#report(endTurn(this.#turn))
        })
      },
    )
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
}
