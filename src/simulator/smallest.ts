import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../clock.ts'
import { Atoms, PRODUCT_ID } from './atoms.ts'
import type { AtomsAccount } from './atoms-agents.ts'
import type { AtomsCall } from './atoms-call.ts'
import type { SentWebhook } from './atoms-webhooks.ts'
import { VoiceJournal } from './elevenlabs-journal.ts'
import { listenOnLoopback } from './loopback.ts'
import type { Scenario } from './scenario.ts'
import { SmallestDoor } from './smallest-door.ts'
import { SMALLEST_KNOBS, type SmallestKnobs } from './smallest-knobs.ts'
import { SmallestWorld } from './smallest-world.ts'
import type { Violations } from './violations.ts'
import { WavesHttp } from './waves-http.ts'

export type { SmallestKnobs } from './smallest-knobs.ts'

export const AGENT_ID = 'a'.repeat(24)

export type SmallestOptions = {
  readonly clock: Clock
  readonly violations: Violations
  readonly apiKey: string
  readonly webhookSecret: string
  /** Who is at which number, and what the agent says there. */
  readonly scenarios?: readonly Scenario[]
  readonly publicHost?: string
  /** Where the server listens. */
  readonly serverUrl?: () => string
  readonly knobs?: Partial<SmallestKnobs>
  readonly port?: number
}

export type SimulatedSmallest = {
  /** `http://127.0.0.1:PORT`, which is the base of Waves and Pulse. */
  readonly url: string
  readonly atomsUrl: string
  readonly agentId: string
  readonly productId: string
  readonly knobs: SmallestKnobs
  /** Sockets that are open now, and that were ever opened. */
  connections(): number
  total(): number
  /** What each of them asked for, oldest first; the last thousand. */
  asked(): readonly URL[]
  /** What each speech was given to speak and has begun to, oldest first. */
  spoken(): readonly string[]
  /** Calls that Atoms carries or has carried, oldest first. */
  calls(): readonly AtomsCall[]
  webhooks(): readonly SentWebhook[]
  readonly account: AtomsAccount
  close(): Promise<void>
}

/**
 * Smallest.ai on loopback: Atoms, Waves and Pulse. Its voice speaks in tones that carry the text, its ears hear nothing else; what
 * the real service would refuse is refused, and recorded as a violation.
 */
export async function startSmallest(options: SmallestOptions): Promise<SimulatedSmallest> {
  const { publicHost = 'parley.example', serverUrl = () => '' } = options
  const knobs: SmallestKnobs = { ...SMALLEST_KNOBS, ...options.knobs }
  const world = new SmallestWorld({ ...options, knobs })
  const journal = new VoiceJournal(undefined)
  const waves = new WavesHttp(world)
  const atoms = new Atoms({
    world,
    scenarios: options.scenarios ?? [],
    webhookSecret: options.webhookSecret,
    dialled: (url) => {
      const { host, pathname } = new URL(url)
      return host === publicHost ? serverUrl() + pathname : url
    },
    agentId: AGENT_ID,
    webhookUrl: `https://${publicHost}/api/phone/atoms/webhook`,
  })
  const loopback = await listenOnLoopback((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://loopback')
    const service = pathname.startsWith('/atoms/') ? atoms : waves
    service.answer(request, response, pathname).catch((error: unknown) => {
      world.violation('stand-in failed', String(error))
      response.destroy()
    })
  }, options.port)
  const door = new SmallestDoor(world, journal)
  loopback.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    door.knock(request, socket, head)
  })
  return {
    url: loopback.url,
    atomsUrl: `${loopback.url}/atoms/v1`,
    agentId: AGENT_ID,
    productId: PRODUCT_ID,
    knobs,
    connections: () => door.open,
    total: () => door.total,
    asked: () => door.asked,
    spoken: () => journal.spoken,
    calls: () => atoms.calls,
    webhooks: () => atoms.webhooks.sent,
    account: atoms.account,
    close: async () => {
      knobs.webhooks = 'lost'
      for (const call of atoms.calls) call.cancel()
      door.close()
      await Promise.all(atoms.calls.map(({ ended }) => ended))
      await loopback.close()
    },
  }
}
