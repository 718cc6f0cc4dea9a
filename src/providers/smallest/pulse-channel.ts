import type { Mulaw8k } from '../../audio/samples.ts'
import type { Cancel, Clock } from '../../clock.ts'
import type { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { baseLanguage } from '../../pipeline/language.ts'
import type { Channel, ChannelOwner } from '../hearing/channel.ts'
import { shifted } from '../hearing/event-time.ts'
import type { HeardPiece } from '../hearing/finals-turn.ts'
import { TurnsByFinals } from '../hearing/turns-by-finals.ts'
import { VendorSocket } from '../vendor-socket.ts'
import { failure, failureOfWords, socketFailures } from './failure.ts'
import { parseJson } from './json.ts'
import {
  type PulseClientMessage,
  PulseServerMessage,
  type Transcription,
} from './pulse-messages.ts'

/** A transcript with every word of a long turn stays far below this. */
const MAX_MESSAGE_BYTES = 1024 * 1024
const GOODBYE_MS = 1000
/** Pings keep the connection open while no audio comes, and find one whose other end is gone. */
const PING_MS = 5000
/** Pings in a row after which nothing at all was received. */
const MAX_MISSED_PINGS = 2

export type PulseOptions = {
  readonly apiKey: string
  /** Scheme and host, such as `https://api.smallest.ai`. */
  readonly baseUrl: string
  readonly model: string
  /** BCP 47 */
  readonly language: string
  /** Silence that ends an utterance. */
  readonly endOfUtteranceMs: number
  /** Ask for the times of words. */
  readonly wordTimes: boolean
  readonly connectTimeoutMs: number
  readonly clock: Clock
  readonly log: Logger
}

/**
 * One connection to Pulse. Its finals come when the speaker has stopped for as long as it was told to wait: a turn ends with
 * them, unless the call is patient.
 */
export class PulseChannel implements Channel {
  readonly #options: PulseOptions
  readonly #owner: ChannelOwner
  readonly #socket: VendorSocket
  readonly #turns: TurnsByFinals
  readonly #cancelDeadline: Cancel
  #cancelPings: Cancel | undefined
  #missedPings = 0
  #isReady = false
  #isOver = false
  #originMs = 0

  constructor(options: PulseOptions, owner: ChannelOwner) {
    const { clock, connectTimeoutMs } = options
    this.#options = options
    this.#owner = owner
    this.#cancelDeadline = clock.after(connectTimeoutMs, () => {
      this.#fail(failure('timeout', `does not listen after ${connectTimeoutMs} ms`))
    })
    this.#turns = new TurnsByFinals({
      clock,
      gapMs: options.endOfUtteranceMs,
      askForFinal: () => {
        this.#send({ type: 'finalize' })
      },
      heard: (event) => {
        if (!this.#isOver) owner.heard(shifted(event, this.#originMs))
      },
    })
    this.#socket = this.#connect()
  }

  get ready(): boolean {
    return this.#isReady
  }

  beginAt(originMs: number): void {
    this.#originMs = originMs
  }

  sendAudio(audio: Mulaw8k): void {
    this.#socket.send(audio)
    this.#turns.sent(audio.length)
  }

  setPatience(pauseMs: number): void {
    this.#turns.setPatience(pauseMs)
  }

  takeLanguage(language: string): boolean {
    return baseLanguage(language) === baseLanguage(this.#options.language)
  }

  cut(): void {
    this.#end()
    this.#socket.cut()
  }

  async goodbye(): Promise<void> {
    this.#end()
    await this.#socket.goodbye(
      JSON.stringify({ type: 'close_stream' } satisfies PulseClientMessage),
    )
  }

  #connect(): VendorSocket {
    const { apiKey, clock } = this.#options
    return new VendorSocket(
      {
        url: listenUrl(this.#options),
        headers: { authorization: `Bearer ${apiKey}` },
        maxMessageBytes: MAX_MESSAGE_BYTES,
        goodbyeMs: GOODBYE_MS,
        clock,
        failures: socketFailures,
      },
      {
        accepted: () => undefined,
        opened: () => {
          this.#listen()
        },
        message: (text) => {
          this.#missedPings = 0
          if (text !== undefined) this.#receive(text)
        },
        pong: () => {
          this.#missedPings = 0
        },
        lost: (error) => {
          this.#fail(error)
        },
      },
    )
  }

  /** Pulse says nothing of its own accord: it listens as soon as the connection is open. */
  #listen(): void {
    if (this.#isOver) return
    this.#isReady = true
    this.#cancelDeadline()
    this.#cancelPings = this.#options.clock.every(PING_MS, () => {
      if (this.#missedPings >= MAX_MISSED_PINGS) {
        this.#fail(failure('timeout', 'nothing received, not even an answer to a ping'))
        return
      }
      this.#missedPings++
      this.#socket.ping()
    })
    this.#owner.ready()
  }

  #receive(text: string): void {
    const parsed = PulseServerMessage.safeParse(parseJson(text))
    if (!parsed.success) {
      this.#options.log.debug('unknown hearing message skipped')
      return
    }
    const message = parsed.data
    switch (message.type) {
      case 'transcription':
        this.#turns.piece(pieceOf(message))
        return
      case 'speech_started':
        this.#turns.sounded(undefined)
        return
      case 'error':
        this.#fail(failureOfWords(message.message ?? message.status ?? 'no reason given'))
        return
      default:
    }
  }

  #send(message: PulseClientMessage): void {
    this.#socket.send(JSON.stringify(message))
  }

  #fail(error: ProviderError): void {
    if (this.#isOver) return
    this.cut()
    this.#owner.failed(error)
  }

  #end(): void {
    this.#isOver = true
    this.#cancelDeadline()
    this.#cancelPings?.()
    this.#turns.stop()
  }
}

function pieceOf(message: Transcription): HeardPiece {
  const words = message.words.map(({ word, start, end }) => ({ text: word, start, end }))
  return {
    text: (message.transcript ?? message.transcription ?? '').trim(),
    words,
    endS: undefined,
    isFinal: message.is_final,
    endsSpeech: message.is_final,
    wasAskedFor: message.from_finalize,
  }
}

function listenUrl(options: PulseOptions): string {
  const url = new URL(options.baseUrl.replace(/^http/, 'ws'))
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/waves/v1/stt/live`
  url.searchParams.set('model', options.model)
  url.searchParams.set('language', baseLanguage(options.language))
  url.searchParams.set('encoding', 'mulaw')
  url.searchParams.set('sample_rate', '8000')
  url.searchParams.set('word_timestamps', String(options.wordTimes))
  url.searchParams.set('vad_events', 'true')
  url.searchParams.set('endpointing', 'true')
  url.searchParams.set('eou_timeout_ms', String(options.endOfUtteranceMs))
  return url.href
}
