import type { Cancel, Clock } from '../clock.ts'
import type { ClientMessage } from '../providers/elevenlabs/messages.ts'
import { Delivery } from './elevenlabs-delivery.ts'
import type { SocketErrorId } from './elevenlabs-errors.ts'
import type { ElevenLabsFault, ElevenLabsKnobs } from './elevenlabs-knobs.ts'
import { type VoiceChunk, voiceChunks, type VoiceFormat } from './elevenlabs-voice.ts'

/** How much text the i-th piece of speech waits for; the last number holds for all that follow. */
const DEFAULT_SCHEDULE: readonly number[] = [120, 160, 250, 290]
/** The least for which `try_trigger_generation` does something; the real number is not known. */
const TRIGGER_CHARS = 50

export type VoiceSocketSettings = {
  readonly format: VoiceFormat
  readonly autoMode: boolean
  readonly inactivityTimeoutS: number
}

/** What a context asks of the socket that it lives on. */
export interface ContextHost {
  readonly clock: Clock
  readonly knobs: ElevenLabsKnobs
  readonly settings: VoiceSocketSettings
  /** The context was given a text. */
  given(context: VoiceContext, text: string): void
  faultFor(text: string): ElevenLabsFault | undefined
  audio(context: VoiceContext, chunk: VoiceChunk): void
  /** The last frame of a context. */
  final(context: VoiceContext): void
  timedOut(context: VoiceContext): void
  /** Carries out a fault of the connection. */
  break(context: VoiceContext, fault: ElevenLabsFault): void
  refuse(error: SocketErrorId): void
}

/** One stream of text that becomes one stream of speech: a context of a multi-context socket, or all of a single one. */
export class VoiceContext {
  readonly id: string | undefined
  readonly #host: ContextHost
  readonly #delivery: Delivery<VoiceChunk>
  readonly #voiceSettings: string | undefined
  readonly #schedule: readonly number[]
  #buffer = ''
  #pieces = 0
  #spoken = ''
  #sentBytes = 0
  #flushed = false
  #closing = false
  #fault: ElevenLabsFault | undefined
  #lastMessageAt: number
  #cancelInactivity: Cancel | undefined

  /** `first`: the message that opened it. */
  constructor(id: string | undefined, first: ClientMessage, host: ContextHost) {
    this.id = id
    this.#host = host
    this.#voiceSettings = settingsOf(first)
    const { generation_config, generator_config } = first
    this.#schedule =
      (generation_config ?? generator_config)?.chunk_length_schedule ?? DEFAULT_SCHEDULE
    this.#lastMessageAt = host.clock.now()
    this.#delivery = new Delivery<VoiceChunk>({
      clock: host.clock,
      knobs: host.knobs,
      send: (chunk) => {
        this.#send(chunk)
      },
      onIdle: () => {
        if (this.#closing) this.#end()
      },
    })
    this.#watchInactivity(host.settings.inactivityTimeoutS * 1000)
  }

  /** All text that it has begun to speak. */
  get spoken(): string {
    return this.#spoken
  }

  /** Whether everything that it was given was also flushed, so that a close lets it speak to the end. */
  get flushed(): boolean {
    return this.#flushed
  }

  accept(message: ClientMessage): void {
    this.#lastMessageAt = this.#host.clock.now()
    const settings = settingsOf(message)
    if (settings !== undefined && settings !== this.#voiceSettings) {
      this.#host.refuse('voice_settings_changed')
      return
    }
    this.#take(message.text ?? '')
    if (this.#wantsSpeech(message)) this.#speak()
    if (message.flush) this.#flushed = true
  }

  /** No more text comes: a flushed context speaks to its end, any other falls silent after some late frames. */
  close(): void {
    this.#closing = true
    this.#cancelInactivity?.()
    if (!this.#flushed) {
      this.#buffer = ''
      this.#delivery.keepOnly(this.#host.knobs.lateFrames)
    }
    if (this.#delivery.idle) this.#end()
  }

  /** Nothing more is heard of it. */
  stop(): void {
    this.#cancelInactivity?.()
    this.#delivery.stop()
  }

  #take(text: string): void {
    if (text.trim() === '') {
      // A space between two pieces of text is text; a space before any only opens the context, or keeps it alive.
      if (this.#buffer !== '') this.#buffer += text
      return
    }
    if (this.#buffer === '' && this.#pieces === 0) this.#fault = this.#host.faultFor(text)
    this.#host.given(this, text)
    this.#flushed = false
    this.#buffer += text
  }

  #wantsSpeech(message: ClientMessage): boolean {
    const waitFor = this.#schedule[Math.min(this.#pieces, this.#schedule.length - 1)] ?? 0
    const { length } = this.#buffer
    return (
      this.#host.settings.autoMode ||
      message.flush === true ||
      (message.try_trigger_generation === true && length >= TRIGGER_CHARS) ||
      length >= waitFor
    )
  }

  #speak(): void {
    const text = this.#buffer
    this.#buffer = ''
    if (text === '') return
    this.#pieces++
    this.#spoken += text
    switch (this.#fault?.kind) {
      case 'silent':
        this.#delivery.stop()
        return
      case 'error':
      case 'garbage':
        if (this.#fault.afterBytes === undefined) this.#host.break(this, this.#fault)
        else this.#deliver(text)
        return
      case 'empty':
        return
      default:
        this.#deliver(text)
    }
  }

  #deliver(text: string): void {
    const lateMs = this.#fault?.kind === 'slow' ? this.#fault.ms : 0
    const chunks = voiceChunks(text, this.#host.settings.format, this.#host.knobs)
    this.#delivery.add(chunks, lateMs)
  }

  #send(chunk: VoiceChunk): void {
    const fault = this.#fault
    if (fault && breaksOff(fault) && this.#sentBytes >= (fault.afterBytes ?? 0)) {
      this.#delivery.stop()
      if (fault.kind === 'end') this.#end()
      else this.#host.break(this, fault)
      return
    }
    this.#sentBytes += chunk.audio.length
    this.#host.audio(this, chunk)
  }

  #end(): void {
    this.stop()
    this.#host.final(this)
  }

  /** Messages only note the time; the timer looks at it when it fires. */
  #watchInactivity(ms: number): void {
    const { clock, settings } = this.#host
    this.#cancelInactivity = clock.after(ms, () => {
      const left = this.#lastMessageAt + settings.inactivityTimeoutS * 1000 - clock.now()
      if (left <= 0) this.#host.timedOut(this)
      else this.#watchInactivity(left)
    })
  }
}

type BreakingOff = Extract<ElevenLabsFault, { readonly afterBytes?: number }>

function breaksOff(fault: ElevenLabsFault): fault is BreakingOff {
  return !['silent', 'empty', 'slow'].includes(fault.kind)
}

function settingsOf(message: ClientMessage): string | undefined {
  return message.voice_settings && JSON.stringify(message.voice_settings)
}
