import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../clock.ts'
import { VoiceDoor } from './elevenlabs-door.ts'
import type { SocketErrorId } from './elevenlabs-errors.ts'
import { VoiceHttp } from './elevenlabs-http.ts'
import { type ElevenLabsEvent, VoiceJournal } from './elevenlabs-journal.ts'
import { ELEVENLABS_KNOBS, ElevenLabsFaults, type ElevenLabsKnobs } from './elevenlabs-knobs.ts'
import type { VoiceWorld } from './elevenlabs-session.ts'
import { listenOnLoopback } from './loopback.ts'
import type { Violations } from './violations.ts'

export type { ElevenLabsEvent } from './elevenlabs-journal.ts'
export type { ElevenLabsFault, ElevenLabsKnobs } from './elevenlabs-knobs.ts'

export type ElevenLabsOptions = {
  readonly clock: Clock
  readonly violations: Violations
  readonly apiKey: string
  /** The voices that there are; default: any id is one. */
  readonly voiceIds?: readonly string[]
  readonly knobs?: Partial<ElevenLabsKnobs>
  readonly port?: number
  readonly on?: (event: ElevenLabsEvent) => void
}

export type SimulatedElevenLabs = {
  /** `ws://127.0.0.1:PORT` */
  readonly url: string
  readonly httpUrl: string
  readonly knobs: ElevenLabsKnobs
  /** Sockets that are open now. */
  connections(): number
  /** Sockets that were ever opened. */
  total(): number
  /** What each of them asked for, path and query, oldest first; the last thousand. */
  asked(): readonly URL[]
  /** What each context was given to speak and has begun to, oldest first. */
  spoken(): readonly string[]
  close(): Promise<void>
}

/**
 * ElevenLabs on loopback: text-to-speech by both sockets and by HTTP. The voice speaks in tones that carry the text; what
 * the real service would refuse is refused, and recorded as a violation.
 */
export async function startElevenLabs(options: ElevenLabsOptions): Promise<SimulatedElevenLabs> {
  const knobs: ElevenLabsKnobs = { ...ELEVENLABS_KNOBS, ...options.knobs }
  const journal = new VoiceJournal(options.on)
  const world: VoiceWorld = {
    clock: options.clock,
    knobs,
    violations: options.violations,
    faults: new ElevenLabsFaults(),
    journal,
    refusalOf: (key, voice) => refusalOf(options, key, voice),
  }
  const http = new VoiceHttp(world, options.voiceIds ?? ['demo-voice'])
  const loopback = await listenOnLoopback((request, response) => {
    http.answer(request, response)
  }, options.port)
  const door = new VoiceDoor(world)
  loopback.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    door.knock(request, socket, head)
  })
  return {
    url: loopback.url.replace(/^http/, 'ws'),
    httpUrl: loopback.url,
    knobs,
    connections: () => door.open,
    total: () => door.total,
    asked: () => door.asked,
    spoken: () => journal.spoken,
    close: async () => {
      door.close()
      await loopback.close()
    },
  }
}

function refusalOf(
  { apiKey, voiceIds }: ElevenLabsOptions,
  key: string | undefined,
  voice: string,
): SocketErrorId | undefined {
  if (key !== apiKey) return 'authentication_required'
  return voice === '' || voiceIds === undefined || voiceIds.includes(voice)
    ? undefined
    : 'voice_not_found'
}
