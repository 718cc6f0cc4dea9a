import type { Clock } from '../../src/clock.ts'
import { ProviderError } from '../../src/errors.ts'
import { closedCircuit } from '../../src/pipeline/circuit.ts'
import type { Recogniser } from '../../src/pipeline/hearing/recogniser.ts'
import type { HearingEvent, HearingListener, SpeechToText } from '../../src/pipeline/ports.ts'
import { HeardWords, transcriptOf } from '../../src/simulator/heard-words.ts'

/** What becomes of one connection: how long it takes, and after how much audio it is lost, unless it never is. */
export type ConnectionFate = {
  readonly connectMs: number
  readonly dropAfterMs: number
  /** What is dropped before it is told: the newest of the audio. */
  readonly error?: ProviderError
  /** Never listens. */
  readonly refusal?: ProviderError
  /** Accepts audio, and tells nothing more of it after so much. */
  readonly stallAfterMs?: number
  /** Tells no times of words. */
  readonly untimed?: boolean
  readonly lateMs?: number
}

export const HEALTHY: ConnectionFate = { connectMs: 50, dropAfterMs: Infinity }
const END_MS = 300
const UPDATE_MS = 100

export const lost = () =>
  new ProviderError('connection lost', { provider: 'deepgram', code: 'disconnected' })

/**
 * A recogniser that understands simulated speech without any socket: words as they grow, and an end of the turn after 300 ms
 * of silence. `fates` are of its connections, one after the other; those after the last one are well.
 */
export function toneRecogniser(
  clock: Clock,
  fates: readonly ConnectionFate[],
  more: Partial<Recogniser> = {},
) {
  const made: ToneStt[] = []
  const recogniser: Recogniser = {
    name: 'tones',
    vendor: 'deepgram',
    circuit: closedCircuit,
    make: (language) => {
      const stt = new ToneStt(clock, fates[made.length] ?? HEALTHY, language)
      made.push(stt)
      return stt
    },
    ...more,
  }
  return { recogniser, made }
}

export class ToneStt implements SpeechToText {
  readonly language: string
  readonly patience: number[] = []
  readonly switchedTo: string[] = []
  isClosed = false
  sentMs = 0
  readonly #clock: Clock
  readonly #fate: ConnectionFate
  readonly #heard = new HeardWords()
  readonly #closed = new AbortController()
  #listener: HearingListener | undefined
  #told = ''
  #isOver = false
  #startedAt = 0

  constructor(clock: Clock, fate: ConnectionFate, language: string) {
    this.#clock = clock
    this.#fate = fate
    this.language = language
  }

  /** Audio sent so far, in times of real time since it listens. */
  get rate(): number {
    return this.sentMs / Math.max(1, this.#clock.now() - this.#startedAt)
  }

  async start(listener: HearingListener, { signal }: { signal: AbortSignal }): Promise<void> {
    await this.#clock.sleep(this.#fate.connectMs, {
      signal: AbortSignal.any([signal, this.#closed.signal]),
    })
    if (this.#fate.refusal) throw this.#fate.refusal
    this.#startedAt = this.#clock.now()
    this.#listener = listener
  }

  sendAudio(audio: Uint8Array): void {
    this.sentMs += audio.length / 8
    if (this.#isOver || this.sentMs >= (this.#fate.stallAfterMs ?? Infinity)) return
    if (this.sentMs >= this.#fate.dropAfterMs) {
      this.fail(this.#fate.error ?? lost())
      return
    }
    this.#heard.hear(audio)
    this.#listen()
  }

  /** Gives up, as a watchdog of the adapter does. */
  fail(error: ProviderError, unheardMs = 0): void {
    this.#isOver = true
    this.#listener?.({ type: 'failed', error, unheardMs })
  }

  setPatience(pauseMs: number): void {
    this.patience.push(pauseMs)
  }

  switchLanguage(language: string): void {
    this.switchedTo.push(language)
  }

  close(): Promise<void> {
    this.isClosed = true
    this.#closed.abort()
    this.#isOver = true
    return Promise.resolve()
  }

  #listen(): void {
    const quietMs = (this.#heard.position - this.#heard.lastSymbolEnd) / 8
    const isEnd = this.#heard.words().length > 0 && quietMs >= END_MS
    if (isEnd) this.#heard.finishWord()
    const words = this.#heard.words()
    const text = transcriptOf(words)
    const timed = words.map(({ word, start, end }) => ({
      text: word,
      startMs: Math.round(start * 1000),
      endMs: Math.round(end * 1000),
    }))
    const times = this.#fate.untimed || timed.length === 0 ? {} : { timed }
    const isDue = this.sentMs % UPDATE_MS < 20 || this.#told === '' || isEnd
    if (text !== '' && text !== this.#told && isDue) {
      this.#tell({ type: 'words', text, ...times })
      this.#told = text
    }
    if (!isEnd) return
    const end = this.#fate.untimed ? {} : { speechEndMs: timed.at(-1)?.endMs ?? 0 }
    this.#tell({ type: 'turn_end', text, ...end, ...times })
    this.#heard.take()
    this.#told = ''
  }

  #tell(event: HearingEvent): void {
    const tell = () => {
      if (!this.#isOver) this.#listener?.(event)
    }
    if (this.#fate.lateMs === undefined) tell()
    else this.#clock.after(this.#fate.lateMs, tell)
  }
}
