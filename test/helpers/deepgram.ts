import { pino } from 'pino'
import { FRAME_BYTES, MULAW_SILENCE } from '../../src/audio/samples.ts'
import { type Clock, scaledClock } from '../../src/clock.ts'
import type { HearingEvent, SpeechToText } from '../../src/pipeline/ports.ts'
import {
  StreamingStt,
  type StreamingSttOptions,
} from '../../src/providers/deepgram/streaming-stt.ts'
import {
  type DeepgramEvent,
  type DeepgramKnobs,
  startDeepgram,
} from '../../src/simulator/deepgram.ts'
import { steadyClock } from '../../src/simulator/steady-clock.ts'
import { Violations } from '../../src/simulator/violations.ts'

export const KEY = 'dg-test'
export const silentLog = pino({ level: 'silent' })

/** Everything that `StreamingStt` wants to know, for a server at `baseUrl`. */
export function sttOptions(baseUrl: string, more: Partial<StreamingSttOptions> = {}) {
  return {
    apiKey: KEY,
    baseUrl,
    model: 'flux-general-en',
    language: 'en',
    clock: scaledClock(1),
    log: silentLog,
    eotThreshold: 0.7,
    eotTimeoutMs: 5000,
    endpointingMs: 300,
    utteranceEndMs: 1500,
    connectTimeoutMs: 10_000,
    ...more,
  }
}

/** Deepgram's stand-in. Violations fail the test, unless it takes them out of the list with `violations.take()`. */
export async function simulateDeepgram({
  speed = 10,
  // What lasts for minutes needs more speed than a world of this process can make.
  clock = speed > 20 ? scaledClock(speed) : steadyClock(speed),
  knobs = {},
}: { speed?: number; clock?: Clock; knobs?: Partial<DeepgramKnobs> } = {}) {
  const violations = new Violations()
  const events: DeepgramEvent[] = []
  const deepgram = await startDeepgram({
    clock,
    violations,
    apiKey: KEY,
    knobs,
    on: (event) => events.push(event),
  })
  let expected = 0
  return {
    clock,
    deepgram,
    events,
    /** The rules that were broken; the test that asks for them knows of them. */
    brokenRules: () => {
      expected = violations.list.length
      return violations.list.map(({ rule }) => rule)
    },
    stt: (more: Partial<StreamingSttOptions> = {}) =>
      new StreamingStt(sttOptions(deepgram.url, { clock, ...more })),
    async [Symbol.asyncDispose]() {
      await deepgram.close()
      if (violations.list.length > expected) {
        throw new Error(`the vendor was treated badly: ${JSON.stringify(violations.list)}`)
      }
    },
  }
}

/** Listens to a caller, and waits for what is heard. */
export class Ears {
  readonly events: HearingEvent[] = []
  #waiting: { fits: (event: HearingEvent) => boolean; found: (event: HearingEvent) => void }[] = []

  readonly listener = (event: HearingEvent): void => {
    this.events.push(event)
    for (const waiter of this.#waiting.filter(({ fits }) => fits(event))) waiter.found(event)
    this.#waiting = this.#waiting.filter(({ fits }) => !fits(event))
  }

  get types(): string[] {
    return this.events.map(({ type }) => type)
  }

  /** The next event of this type, or the first that has come already and was not waited for. */
  async next<T extends HearingEvent['type']>(
    type: T,
    after = -1,
  ): Promise<Extract<HearingEvent, { type: T }>> {
    const fits = (event: HearingEvent) => event.type === type
    const event =
      this.events.find((candidate, i) => i > after && fits(candidate)) ??
      (await new Promise<HearingEvent>((found) => this.#waiting.push({ fits, found })))
    return event as Extract<HearingEvent, { type: T }>
  }
}

export function silence(ms: number): Uint8Array {
  return new Uint8Array(ms * 8).fill(MULAW_SILENCE)
}

/** Sound without words: full-scale samples at random. */
export function noise(ms: number): Uint8Array {
  let seed = 1
  return Uint8Array.from({ length: ms * 8 }, () => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return (seed >> 16) & 0x9f
  })
}

/** As the telephone sends it: 20 ms at a time, here all at once. */
export function framesOf(...audio: Uint8Array[]): Uint8Array[] {
  return audio.flatMap((piece) =>
    Array.from({ length: Math.ceil(piece.length / FRAME_BYTES) }, (_, i) =>
      piece.subarray(i * FRAME_BYTES, (i + 1) * FRAME_BYTES),
    ),
  )
}

/** Sends audio as a telephone does, a frame every 20 ms; `at` is told how much was sent before each. */
export async function speakInTime(
  stt: Pick<SpeechToText, 'sendAudio'>,
  clock: Clock,
  audio: readonly Uint8Array[],
  at: (ms: number) => void = () => undefined,
): Promise<void> {
  const frames = framesOf(...audio)
  const { promise, resolve } = Promise.withResolvers<undefined>()
  let sent = 0
  const begun = clock.now()
  const cancel = clock.every(20, () => {
    // A busy machine misses ticks.
    while (sent < frames.length && sent * 20 <= clock.now() - begun) {
      at(sent * 20)
      stt.sendAudio(frames[sent++]!)
    }
    if (sent === frames.length) resolve(undefined)
  })
  await promise
  cancel()
}
