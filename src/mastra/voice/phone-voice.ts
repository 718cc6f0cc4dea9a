import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import { MastraVoice, type VoiceEventMap, type VoiceEventType } from '@mastra/core/voice'
import type { Clock } from '../../clock.ts'
import { ProviderError } from '../../errors.ts'
import type { SpeechToText, TextToSpeech } from '../../pipeline/ports.ts'
import { heardWhole } from '../../pipeline/voice/heard-whole.ts'
import { spokenPieces } from '../../pipeline/voice/spoken-pieces.ts'
import { type RawSound, type SpokenFormat, telephoneAudio, written } from './voice-sound.ts'

export type PhoneVoiceParts = {
  /** Whoever asks closes it. */
  readonly speech: (voiceId?: string) => TextToSpeech
  /** Whoever asks closes it. */
  readonly hearing: () => SpeechToText
  /** What `getSpeakers` tells of. */
  readonly voices: readonly { readonly vendor: string; readonly voice: string }[]
  readonly clock: Clock
}

export type SpeakOptions = {
  /** Another voice of the vendor. */
  readonly speaker?: string
  /** Default: `wav`. Samples come as they are spoken, a WAV file when it is whole. */
  readonly format?: SpokenFormat
  /** What else Mastra's documents call it; only these formats are there. */
  readonly filetype?: SpokenFormat
  readonly signal?: AbortSignal
}

/** `format` is for sound that is no WAV file. */
export type ListenOptions = Partial<RawSound> & { readonly signal?: AbortSignal }

type Listener = (data: unknown) => void
type Live = {
  readonly stt: SpeechToText
  readonly raw: RawSound
  readonly closing: AbortController
}

/** Sound that is longer than any call is refused before it fills the memory. */
const MAX_BYTES = 256 * 1024 * 1024

/**
 * The ears and voices of calls as a voice of Mastra's agents: `speak` and `listen` for what is written and recorded, `connect` and `send`
 * for an ear that stays open. Calls themselves do without it: it knows no marks, no barge-in and no timing of words.
 *
 * Events: `writing` for each turn that is heard, `speaker` with each stream that is spoken, `speaking` with each piece of it (base64),
 * `error` with a code.
 */
export class PhoneVoice extends MastraVoice<unknown, SpeakOptions, ListenOptions> {
  readonly #parts: PhoneVoiceParts
  readonly #events = new EventEmitter()
  #live: Live | undefined

  constructor(parts: PhoneVoiceParts) {
    const [first] = parts.voices
    super({ name: 'phone-voice', ...(first && { speaker: first.voice }) })
    this.#parts = parts
  }

  /** The sound of a text, or of one that is still being written. */
  override async speak(
    input: string | NodeJS.ReadableStream,
    options: SpeakOptions = {},
  ): Promise<NodeJS.ReadableStream> {
    const { speaker, format = options.filetype ?? 'wav', signal } = options
    if (!['wav', 'pcm', 'mulaw'].includes(format)) {
      throw new TypeError(`there is no ${format}: sound comes as wav, pcm or mulaw`)
    }
    const tts = this.#parts.speech(speaker)
    const aborted = new AbortController()
    const until = signal ? AbortSignal.any([signal, aborted.signal]) : aborted.signal
    try {
      await tts.connect({ signal: until })
    } catch (error) {
      await tts.close()
      throw this.#told(error)
    }
    const stream = Readable.from(this.#sound(tts, input, { format, signal: until }))
    stream.once('close', () => {
      aborted.abort(new Error('nobody listens any more'))
    })
    this.#events.emit('speaker', stream)
    return stream
  }

  /** What is said in a recording: a WAV file, or bare samples if `format` says so. */
  override async listen(
    audioStream: NodeJS.ReadableStream,
    { format, sampleRateHz, signal = new AbortController().signal }: ListenOptions = {},
  ): Promise<string> {
    const raw = format && { format, sampleRateHz }
    const audio = telephoneAudio(await wholeOf(audioStream), raw)
    try {
      const stt = this.#parts.hearing()
      const turns = await heardWhole(stt, audio, { clock: this.#parts.clock, signal })
      for (const text of turns) this.#events.emit('writing', { text, role: 'user' })
      return turns.join(' ')
    } catch (error) {
      throw this.#told(error)
    }
  }

  /** Opens an ear that hears what is sent; its turns come as `writing`. `format`, `sampleRateHz`: of what is sent, by default PCM at 8 kHz. */
  override async connect(options: Partial<RawSound> = {}): Promise<void> {
    this.close()
    const { format = 'pcm', sampleRateHz } = options
    const stt = this.#parts.hearing()
    const closing = new AbortController()
    const live = { stt, raw: { format, sampleRateHz }, closing }
    this.#live = live
    try {
      await stt.start(
        (event) => {
          if (event.type === 'failed') this.#told(event.error)
          const isTurn = event.type === 'turn_end' && event.text.trim() !== ''
          if (isTurn) this.#events.emit('writing', { text: event.text, role: 'user' })
        },
        { signal: closing.signal },
      )
    } catch (error) {
      this.close()
      throw this.#told(error)
    }
  }

  /** Lets the open ear hear something; of a stream, every piece is a piece of sound. */
  override async send(audioData: NodeJS.ReadableStream | Int16Array): Promise<void> {
    const live = this.#live
    if (!live) throw new Error('connect comes before send')
    if (audioData instanceof Int16Array) {
      const { buffer, byteOffset, byteLength } = audioData
      this.#hear(live, new Uint8Array(buffer, byteOffset, byteLength), {
        ...live.raw,
        format: 'pcm',
      })
      return
    }
    let odd = Buffer.alloc(0)
    for await (const piece of audioData) {
      const bytes = Buffer.concat([odd, Buffer.from(piece as Uint8Array)])
      const whole = bytes.length - (live.raw.format === 'pcm' ? bytes.length % 2 : 0)
      odd = bytes.subarray(whole)
      this.#hear(live, bytes.subarray(0, whole), live.raw)
    }
  }

  override close(): void {
    const live = this.#live
    this.#live = undefined
    // What keeps it from saying goodbye is nobody's concern any more.
    live?.stt.close().catch(() => undefined)
  }

  override on<E extends VoiceEventType>(
    event: E,
    callback: (data: E extends keyof VoiceEventMap ? VoiceEventMap[E] : unknown) => void,
  ): void {
    this.#events.on(event, callback as Listener)
  }

  override off<E extends VoiceEventType>(
    event: E,
    callback: (data: E extends keyof VoiceEventMap ? VoiceEventMap[E] : unknown) => void,
  ): void {
    this.#events.off(event, callback as Listener)
  }

  override getSpeakers(): Promise<{ voiceId: string; vendor: string }[]> {
    return Promise.resolve(
      this.#parts.voices.map(({ vendor, voice }) => ({ voiceId: voice, vendor })),
    )
  }

  override getListener(): Promise<{ enabled: boolean }> {
    return Promise.resolve({ enabled: true })
  }

  #hear(live: Live, bytes: Uint8Array, raw: RawSound): void {
    live.stt.sendAudio(telephoneAudio(bytes, raw))
  }

  async *#sound(
    tts: TextToSpeech,
    input: string | NodeJS.ReadableStream,
    { format, signal }: { format: SpokenFormat; signal: AbortSignal },
  ): AsyncGenerator<Buffer> {
    const text = typeof input === 'string' ? input : textsOf(input)
    try {
      const pieces = spokenPieces(tts, text, { clock: this.#parts.clock, signal })
      for await (const piece of written(pieces, format)) {
        this.#events.emit('speaking', { audio: piece.toString('base64') })
        yield piece
      }
    } catch (error) {
      throw this.#told(error)
    } finally {
      await tts.close()
    }
  }

  /** Tells of an error those who want to know, and hands it back. Without any, nothing is thrown here. */
  #told(error: unknown): unknown {
    const message = error instanceof Error ? error.message : String(error)
    const code = error instanceof ProviderError ? error.code : undefined
    if (this.#events.listenerCount('error') > 0) this.#events.emit('error', { message, code })
    return error
  }
}

async function* textsOf(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  for await (const piece of stream) {
    yield typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true })
  }
}

async function wholeOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of stream) {
    pieces.push(Buffer.from(piece))
    bytes += piece.length
    if (bytes > MAX_BYTES) throw new RangeError(`a recording has at most ${MAX_BYTES} bytes here`)
  }
  return Buffer.concat(pieces)
}
