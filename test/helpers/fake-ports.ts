import { pino } from 'pino'
import type { Mulaw8k } from '../../src/audio/samples.ts'
import type {
  Alignment,
  ConversationEngine,
  HearingListener,
  Line,
  ReplyPart,
  Speech,
  SpeechListener,
  SpeechToText,
  TextToSpeech,
} from '../../src/pipeline/ports.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'

export const quiet = pino({ level: 'silent' })

/** A line that remembers what it was told to do; marks are returned by the test. */
export class FakeLine implements Line {
  readonly id = 'line'
  readonly did: string[] = []
  readonly marks: string[] = []
  sentBytes = 0

  send(audio: Mulaw8k): void {
    this.sentBytes += audio.length
    this.did.push(`send ${audio.length}`)
  }
  flush(): void {
    this.did.push('flush')
  }
  mark(name: string): void {
    this.marks.push(name)
    this.did.push(`mark ${name}`)
  }
  clear(): void {
    this.did.push('clear')
  }
  close(): void {
    this.did.push('close')
  }
}

/** Bytes of audio for each character that a fake voice speaks: 50 ms. */
export const CHAR_BYTES = 400

export function alignmentOf(text: string): Alignment {
  const chars = Array.from(text)
  return {
    chars,
    startMs: chars.map((_, i) => i * 50),
    durationMs: chars.map(() => 50),
  }
}

export function audioOf(text: string): Mulaw8k {
  return new Uint8Array(Array.from(text).length * CHAR_BYTES).fill(0x7f)
}

/** A voice that speaks each phrase at once; `auto = false` lets the test decide when. */
export class FakeVoice implements TextToSpeech {
  readonly texts: string[] = []
  readonly speeches: { listener: SpeechListener; texts: string[]; cancelled: boolean }[] = []
  readonly languages: string[] = []
  auto = true
  connected = 0
  closed = false

  connect(): Promise<void> {
    this.connected++
    return Promise.resolve()
  }

  speak(listener: SpeechListener): Speech {
    const speech = { listener, texts: [] as string[], cancelled: false }
    this.speeches.push(speech)
    return {
      sendText: (text) => {
        this.texts.push(text)
        speech.texts.push(text)
        if (this.auto) listener.audio(audioOf(text), alignmentOf(text))
      },
      flush: () => {
        if (this.auto) listener.done()
      },
      cancel: () => {
        speech.cancelled = true
      },
    }
  }

  switchLanguage(language: string): void {
    this.languages.push(language)
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

type Script = readonly ReplyPart[] | Error | 'never'

/** A mind that says what the test gave it, one script per reply. */
export class FakeMind implements ConversationEngine {
  readonly asked: (readonly Turn[])[] = []
  readonly #opening: Script
  readonly #answers: Script[]

  constructor(opening: Script, answers: Script[] = []) {
    this.#opening = opening
    this.#answers = [...answers]
  }

  setup(): Promise<void> {
    return Promise.resolve()
  }
  getOpening({ signal }: { signal: AbortSignal }): AsyncIterable<ReplyPart> {
    return play(this.#opening, signal)
  }
  streamResponse(
    turns: readonly Turn[],
    { signal }: { signal: AbortSignal },
  ): AsyncIterable<ReplyPart> {
    this.asked.push([...turns])
    return play(this.#answers.shift() ?? new Error('nothing scripted'), signal)
  }
  getResponse(): Promise<string> {
    return Promise.reject(new Error('not used in a call'))
  }
}

async function* play(script: Script, signal: AbortSignal): AsyncIterable<ReplyPart> {
  if (script instanceof Error) throw script
  if (script === 'never') {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve()
      })
    })
    return
  }
  for (const part of script) {
    await Promise.resolve()
    yield part
  }
  if (script.at(-1)?.type !== 'done') yield { type: 'done', reason: 'end' }
}

export function says(text: string): ReplyPart[] {
  return [
    { type: 'text', text },
    { type: 'done', reason: 'end' },
  ]
}

/** Ears that hear what the test tells them. */
export class FakeEars implements SpeechToText {
  hear: HearingListener = () => {
    throw new Error('not listening yet')
  }
  heardBytes = 0
  closed = false
  readonly patience: number[] = []
  readonly languages: string[] = []
  readonly #failure: Error | undefined

  constructor(failure?: Error) {
    this.#failure = failure
  }

  start(listener: HearingListener): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    this.hear = listener
    return Promise.resolve()
  }
  sendAudio(audio: Mulaw8k): void {
    this.heardBytes += audio.length
  }
  setPatience(pauseMs: number): void {
    this.patience.push(pauseMs)
  }
  switchLanguage(language: string): void {
    this.languages.push(language)
  }
  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

/** Lets everything that is already under way settle. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 300; i++) await Promise.resolve()
}
