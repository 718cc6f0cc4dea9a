import type { AddressInfo } from 'node:net'
import type { Clock } from '../clock.ts'
import { compose } from '../compose.ts'
import { parseConfig } from '../config.ts'
import type { Logger } from '../log.ts'
import type { Scenario } from '../simulator/scenario.ts'
import { type Simulator, startSimulator } from '../simulator/simulator.ts'
import type { TwilioEvent } from '../simulator/twilio-events.ts'

/** A whole Parley server, and the simulated vendors and people that it talks with, all on loopback. */
export type DemoWorld = {
  readonly simulator: Simulator
  /** `http://127.0.0.1:PORT` of the server. */
  readonly url: string
  [Symbol.asyncDispose](): Promise<void>
}

/** Puts something between the server and everybody else. */
export type Reroute = {
  /** Where the vendors are, and where the server is to look for them: variables of the environment. */
  vendors(environment: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>>
  /** Where the server is, and where the carrier is to look for it. */
  server(url: string): Promise<string>
}

/** What an inbound call is told when the environment says nothing else. */
const INBOUND = {
  INBOUND_ACTION: 'Answer questions about Downtown Dental and take messages',
  INBOUND_CONTEXT: 'Open Monday to Friday from nine to five. Dr. Smith, Suite 200.',
  AGENT_NAME: 'Alex',
  ORGANIZATION: 'Downtown Dental',
}

/**
 * Starts server and simulator. The server is composed as in production; only its environment differs.
 *
 * @param environment variables on top of those that point to the simulator
 * @param reroute told of those, and where the server listens: what it returns takes their place, for a network in between
 */
export async function startDemoWorld(options: {
  scenarios: readonly Scenario[]
  clock: Clock
  log: Logger
  port?: number
  environment?: Readonly<Record<string, string>>
  reroute?: Reroute
  /** What the vendors' stand-ins take for their keys. */
  credentials?: Partial<Record<'twilio' | 'deepgram' | 'anthropic' | 'elevenlabs', string>>
  on?: (event: TwilioEvent) => void
}): Promise<DemoWorld> {
  const { clock, log } = options
  const simulator = await startSimulator(options)
  const { reroute } = options
  const vendors = await reroute?.vendors(simulator.environment)
  const config = parseConfig({
    ...INBOUND,
    ...simulator.environment,
    ...vendors,
    // Vendors and people share the loop with the server here: how busy it is says nothing of the server.
    MAX_LOOP_UTILIZATION: '1',
    HOST: '127.0.0.1',
    PORT: String(options.port ?? 0),
    ...options.environment,
  })
  const parley = await compose(config, { clock, log })
  try {
    await parley.app.listen({ host: config.HOST, port: config.PORT })
  } catch (error) {
    await Promise.all([parley.close(), simulator.close()])
    throw error
  }
  const { port } = parley.app.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  simulator.serverAt((await reroute?.server(url)) ?? url)
  const close = async () => {
    await parley.close()
    await simulator.close()
  }
  return { simulator, url, [Symbol.asyncDispose]: close }
}
