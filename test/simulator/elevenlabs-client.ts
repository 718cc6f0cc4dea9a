import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Clock } from '../../src/clock.ts'
import {
  type ElevenLabsEvent,
  type ElevenLabsKnobs,
  startElevenLabs,
} from '../../src/simulator/elevenlabs.ts'
import { type HeardByte, textOf, ToneListener } from '../../src/simulator/tone-speech.ts'
import { Violations } from '../../src/simulator/violations.ts'
import { steadyClock } from '../../src/simulator/steady-clock.ts'
import { onTestFinished } from '../helpers/together.ts'

/** A stand-in of its own for each test, and the events that it tells. */
export async function elevenLabs(
  knobs: Partial<ElevenLabsKnobs> = {},
  more: { voiceIds?: readonly string[]; clock?: Clock } = {},
) {
  const violations = new Violations()
  const events: ElevenLabsEvent[] = []
  const eleven = await startElevenLabs({
    clock: steadyClock(10),
    violations,
    apiKey: 'xi-test',
    knobs,
    on: (event) => events.push(event),
    ...more,
  })
  onTestFinished(() => eleven.close())
  const rules = () => violations.list.map(({ rule }) => rule)
  return { eleven, events, rules }
}

export type Frame = {
  readonly audio?: string | null
  readonly isFinal?: boolean | null
  readonly contextId?: string
  readonly error?: string
  readonly message?: string
  readonly [key: string]: unknown
}

/** A bare client: sends what it is told and keeps what it gets. */
export class Client {
  readonly frames: Frame[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  readonly #ws: WebSocket
  #changed: (() => void)[] = []

  constructor(url: string, headers: Record<string, string> = { 'xi-api-key': 'xi-test' }) {
    this.#ws = new WebSocket(url, { headers, perMessageDeflate: false })
    const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>()
    this.closed = promise
    this.#ws.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString() })
    })
    this.#ws.on('message', (bytes: Buffer) => {
      this.frames.push(JSON.parse(bytes.toString()) as Frame)
      for (const changed of this.#changed.splice(0)) changed()
    })
    onTestFinished(() => {
      this.#ws.terminate()
    })
  }

  async open(): Promise<this> {
    await once(this.#ws, 'open')
    return this
  }

  send(...messages: (object | string | Uint8Array)[]): void {
    for (const message of messages) {
      const raw = typeof message === 'string' || message instanceof Uint8Array
      this.#ws.send(raw ? message : JSON.stringify(message))
    }
  }

  async frame(matches: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(matches)
      if (found) return found
      await new Promise<void>((resolve) => this.#changed.push(resolve))
    }
  }

  final(contextId?: string): Promise<Frame> {
    return this.frame((frame) => frame.isFinal === true && frame.contextId === contextId)
  }

  /** What was said in μ-law in a context. */
  text(contextId?: string): string {
    const pieces = this.frames
      .filter((frame) => frame.audio && frame.contextId === contextId)
      .map((frame) => Buffer.from(frame.audio!, 'base64'))
    return understood(Buffer.concat(pieces))
  }
}

/** The text in μ-law speech. */
export function understood(audio: Uint8Array): string {
  const heard: HeardByte[] = []
  const listener = new ToneListener((byte) => heard.push(byte))
  listener.hear(audio)
  listener.hear(new Uint8Array(400).fill(0xff))
  return textOf(heard)
}
