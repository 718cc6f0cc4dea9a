import {
  FRAME_BYTES,
  MULAW_BYTES_PER_MS,
  MULAW_SILENCE,
  type Mulaw8k,
} from '../../audio/samples.ts'
import type { Cancel } from '../../clock.ts'
import { shifted } from '../hearing/event-time.ts'
import type { HeardPiece } from '../hearing/finals-turn.ts'
import { TurnsByFinals } from '../hearing/turns-by-finals.ts'
import type { Ear, EarParts } from './ear.ts'
import { failureOfMessage } from './failure.ts'
import { type NovaResults, NovaServerMessage, parseJson } from './messages.ts'

/** A connection is closed after 10 s without audio or a message: at worst, two of these pass. */
const KEEP_ALIVE_MS = 3000
const SILENCE: Mulaw8k = new Uint8Array(FRAME_BYTES).fill(MULAW_SILENCE)

/** Listens with Nova, which tells words by results and ends no turns. */
export class NovaEar implements Ear {
  readonly #parts: EarParts
  readonly #turns: TurnsByFinals
  #cancelKeepAlive: Cancel | undefined
  #audioSinceTick = false
  #audioEver = false
  /** Silence sent that was not the caller's. */
  #addedMs = 0

  constructor(parts: EarParts, { utteranceEndMs }: { readonly utteranceEndMs: number }) {
    this.#parts = parts
    this.#turns = new TurnsByFinals({
      clock: parts.clock,
      gapMs: utteranceEndMs,
      askForFinal: () => {
        parts.connection.sendMessage({ type: 'Finalize' })
      },
      heard: (event) => {
        // Times count the audio that Nova got; ours count what we were given.
        parts.owner.heard(shifted(event, -this.#addedMs))
      },
    })
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
    this.#turns.sent(audio.length)
  }

  setPatience(pauseMs: number): void {
    this.#turns.setPatience(pauseMs)
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
        this.#turns.piece(pieceOf(message))
        return
      case 'UtteranceEnd':
        this.#turns.gap(message.last_word_end)
        return
      case 'SpeechStarted':
        if (message.timestamp !== undefined) this.#turns.sounded(message.timestamp)
        return
      case 'Error':
        this.#parts.owner.failed(failureOfMessage(message))
        return
      default:
    }
  }

  stop(): void {
    this.#cancelKeepAlive?.()
    this.#turns.stop()
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

/** One result as a piece of what was heard. */
export function pieceOf(results: NovaResults): HeardPiece {
  const best = results.channel.alternatives[0]
  const words = (best?.words ?? []).map(({ word, punctuated_word: text = word, start, end }) => ({
    text,
    start,
    end,
  }))
  return {
    text: best?.transcript.trim() ?? '',
    words,
    endS: results.start + results.duration,
    isFinal: results.is_final,
    endsSpeech: results.speech_final,
    wasAskedFor: results.from_finalize,
  }
}
