import { pino } from 'pino'
import type { Clock } from '../../../src/clock.ts'
import { steadyClock } from '../../../src/simulator/steady-clock.ts'
import type { ProviderError } from '../../../src/errors.ts'
import type { Alignment, SpeechListener } from '../../../src/pipeline/ports.ts'
import {
  StreamingTts,
  type StreamingTtsOptions,
} from '../../../src/providers/elevenlabs/streaming-tts.ts'
import {
  type ElevenLabsKnobs,
  type SimulatedElevenLabs,
  startElevenLabs,
} from '../../../src/simulator/elevenlabs.ts'
import { type HeardByte, textOf, ToneListener } from '../../../src/simulator/tone-speech.ts'
import { Violations } from '../../../src/simulator/violations.ts'
import { onTestFinished } from '../../helpers/together.ts'

export const silentLog = pino({ level: 'silent' })

export type Voice = {
  readonly tts: StreamingTts
  readonly eleven: SimulatedElevenLabs
  readonly violations: Violations
  readonly clock: Clock
}

/** The adapter and a stand-in to speak with, both closed when the test ends. */
export async function voice(
  options: Partial<StreamingTtsOptions> & {
    knobs?: Partial<ElevenLabsKnobs>
    voiceIds?: readonly string[]
    clock?: Clock
  } = {},
): Promise<Voice> {
  const { knobs = {}, voiceIds, clock = steadyClock(5), ...more } = options
  const violations = new Violations()
  const eleven = await startElevenLabs({
    clock,
    violations,
    apiKey: 'xi-test',
    knobs,
    ...(voiceIds && { voiceIds }),
  })
  const tts = new StreamingTts({
    apiKey: 'xi-test',
    baseUrl: eleven.url,
    voiceId: 'demo-voice',
    model: 'eleven_flash_v2_5',
    outputFormat: 'pcm_24000',
    clock,
    log: silentLog,
    connectTimeoutMs: 5000,
    ...more,
  })
  onTestFinished(async () => {
    await tts.close()
    await eleven.close()
  })
  return { tts, eleven, violations, clock }
}

/** Hears one speech, and knows how it ended. */
export class Ear implements SpeechListener {
  readonly ended: Promise<'done' | ProviderError>
  readonly pieces: { audio: Uint8Array; alignment: Alignment | undefined }[] = []
  /** `done` and `failed` as they came. */
  readonly endings: string[] = []
  onAudio: () => void = () => undefined
  readonly #heard: HeardByte[] = []
  readonly #listener = new ToneListener((byte) => this.#heard.push(byte))
  readonly #end: (how: 'done' | ProviderError) => void

  constructor() {
    const { promise, resolve } = Promise.withResolvers<'done' | ProviderError>()
    this.ended = promise
    this.#end = resolve
  }

  audio(audio: Uint8Array, alignment?: Alignment): void {
    this.pieces.push({ audio, alignment })
    this.#listener.hear(audio)
    this.onAudio()
  }

  done(): void {
    this.endings.push('done')
    this.#end('done')
  }

  failed(error: ProviderError): void {
    this.endings.push(error.code)
    this.#end(error)
  }

  /** Resolves with the first audio. */
  begins(): Promise<void> {
    return new Promise((resolve) => {
      this.onAudio = resolve
    })
  }

  get text(): string {
    this.#listener.hear(new Uint8Array(400).fill(0xff))
    return textOf(this.#heard)
  }
}
