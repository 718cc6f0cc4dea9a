import { type Client, createClient, type Transaction } from '@libsql/client/sqlite3'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { compose } from '../compose.ts'
import { parseConfig } from '../config.ts'
import type { Logger } from '../log.ts'
import { FaultProxy } from '../simulator/fault-proxy.ts'
import { listenOnLoopback } from '../simulator/loopback.ts'
import type { Scenario } from '../simulator/scenario.ts'
import type { SimulatedCall } from '../simulator/simulated-call.ts'
import { type Simulator, startSimulator } from '../simulator/simulator.ts'
import type { TwilioEvent } from '../simulator/twilio-events.ts'

const Told = z.object({
  type: z.string(),
  data: z.looseObject({ status: z.string().optional(), end_reason: z.string().nullish() }),
})

/** A message to the user, as it arrived. */
export type Told = z.infer<typeof Told> & { readonly id: string }

/** The network between the server and each of those that it asks. */
export type ChaosProxies = Readonly<Record<'hearing' | 'voice' | 'model' | 'carrier', FaultProxy>>

/**
 * A whole server for one call, with every vendor behind a network that can break. One for each call: what one call suffers
 * has no part in what another one does, and a call can be made again by itself.
 */
export type ChaosWorld = {
  readonly simulator: Simulator
  readonly url: string
  readonly proxies: ChaosProxies
  /** What the user was told so far. */
  readonly told: readonly Told[]
  /** Keeps everybody from writing to the database, until `unlock`. */
  readonly lockStore: () => Promise<void>
  readonly unlockStore: () => Promise<void>
  /** The call that is made in it, once there is one. */
  call(): SimulatedCall | undefined
  close(): Promise<void>
}

const INBOUND = {
  INBOUND_ACTION: 'Answer questions about Downtown Dental and take messages',
  INBOUND_CONTEXT: 'Open Monday to Friday from nine to five.',
  AGENT_NAME: 'Alex',
  ORGANIZATION: 'Downtown Dental',
}

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

export async function startChaosWorld(options: {
  readonly scenario: Scenario
  readonly clock: Clock
  readonly log: Logger
  readonly on: (event: TwilioEvent) => void
}): Promise<ChaosWorld> {
  const { scenario, clock, log, on } = options
  await using opened = new AsyncDisposableStack()
  const simulator = await startSimulator({ clock, scenarios: [scenario], on })
  opened.defer(() => simulator.close())
  // Hundreds of calls would fill the memory with sound.
  simulator.twilio.knobs.record = false
  const proxies = await proxiesOf(simulator, clock)
  opened.defer(async () => {
    await Promise.all(Object.values(proxies).map((proxy) => proxy.close()))
  })
  const receiver = await startReceiver()
  opened.defer(() => receiver.close())
  const folder = await mkdtemp(join(tmpdir(), 'parley-chaos-'))
  opened.defer(() => rm(folder, { recursive: true }))
  const database = `file:${join(folder, 'parley.db')}`
  const config = parseConfig({
    ...INBOUND,
    ...simulator.environment,
    TWILIO_BASE_URL: proxies.carrier.urlFor(simulator.twilio.url),
    DEEPGRAM_BASE_URL: proxies.hearing.urlFor(simulator.deepgram.url),
    ANTHROPIC_BASE_URL: proxies.model.urlFor(simulator.claude.url),
    ELEVENLABS_BASE_URL: proxies.voice.urlFor(simulator.elevenLabs.url),
    DATABASE_URL: database,
    RECORDINGS_DIR: join(folder, 'recordings'),
    WEBHOOK_URL: receiver.url,
    WEBHOOK_SECRET: SECRET,
    HOST: '127.0.0.1',
    PORT: '0',
  })
  const parley = await compose(config, { clock, log })
  opened.defer(() => parley.close())
  await parley.app.listen({ host: config.HOST, port: config.PORT })
  const { port } = parley.app.server.address() as AddressInfo
  simulator.serverAt(`http://127.0.0.1:${port}`)
  const lock = storeLock(database)
  opened.defer(() => lock.release())
  const owned = opened.move()
  return {
    simulator,
    url: `http://127.0.0.1:${port}`,
    proxies,
    told: receiver.told,
    lockStore: () => lock.take(),
    unlockStore: () => lock.release(),
    call: () => simulator.twilio.calls()[0],
    close: () => owned.disposeAsync(),
  }
}

async function proxiesOf(simulator: Simulator, clock: Clock): Promise<ChaosProxies> {
  const { twilio, deepgram, claude, elevenLabs } = simulator
  const before = (target: string) => FaultProxy.start({ clock, target })
  const [carrier, hearing, model, voice] = await Promise.all([
    before(twilio.url),
    before(deepgram.url),
    before(claude.url),
    before(elevenLabs.url),
  ])
  return { carrier, hearing, model, voice }
}

/** Another program that holds the database's only lock for writers. */
function storeLock(url: string) {
  let held: { readonly client: Client; readonly transaction: Transaction } | undefined
  const release = async () => {
    const lock = held
    held = undefined
    await lock?.transaction.rollback()
    lock?.client.close()
  }
  return {
    take: async () => {
      if (held) return
      const client = createClient({ url, timeout: 5 })
      held = { client, transaction: await client.transaction('write') }
    },
    release,
  }
}

async function startReceiver() {
  const told: Told[] = []
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request)
    told.push({ ...Told.parse(JSON.parse(body)), id: String(request.headers['webhook-id']) })
    response.writeHead(204).end()
  }
  const loopback = await listenOnLoopback((request, response) => {
    void take(request, response)
  })
  return { url: `${loopback.url}/hooks`, told, close: () => loopback.close() }
}
