import type { Clock } from '../clock.ts'
import { type ClaudeScript, startClaude, type SimulatedClaude } from './claude.ts'
import { startDeepgram, type SimulatedDeepgram } from './deepgram.ts'
import { startElevenLabs, type SimulatedElevenLabs } from './elevenlabs.ts'
import type { Person, Scenario } from './scenario.ts'
import { anybody } from './scenarios/anybody.ts'
import { type SimulatedSmallest, startSmallest } from './smallest.ts'
import { type SimulatedTools, startToolServer, type ToolRoutes } from './tool-server.ts'
import { startTwilio, type SimulatedTwilio } from './twilio.ts'
import type { TwilioEvent } from './twilio-events.ts'
import { Violations } from './violations.ts'

const ACCOUNT_SID = `AC${'0123456789abcdef'.repeat(2)}`
const OWN_NUMBER = '+15005550006'
/** The host that the server believes it is reached at; the stand-in of Twilio signs for it, and dials loopback. */
const PUBLIC_HOST = 'parley.example'

/**
 * The simulated network has whatever numbers its people have, and nobody there is annoyed or out of money. Its scenarios are
 * judged by their own words, so those that the law wants are left out unless a scenario is about them.
 */
const NETWORK = {
  DIAL_ALLOWED_PREFIXES: '+',
  KEY_DIALS_PER_SECOND: '0',
  KEY_MAX_CALLS: '0',
  KEY_CALLS_PER_HOUR: '0',
  KEY_MINUTES_PER_DAY: '0',
  KEY_COUNTRIES_PER_DAY: '0',
  RATE_LIMIT_PER_KEY: '0',
  RATE_LIMIT_PER_ADDRESS: '0',
  AI_DISCLOSURE: 'false',
  RECORDING_ANNOUNCEMENT: 'false',
}

/** The keys of the vendors; Twilio's is its auth token. */
type Credentials = Readonly<Record<'twilio' | 'deepgram' | 'anthropic' | 'elevenlabs', string>>

const CREDENTIALS: Credentials = {
  twilio: 'twilio-demo',
  deepgram: 'dg-demo',
  anthropic: 'sk-demo',
  elevenlabs: 'xi-demo',
}

/** All stand-ins of one simulated world. */
export type Simulator = {
  readonly violations: Violations
  readonly twilio: SimulatedTwilio
  readonly deepgram: SimulatedDeepgram
  readonly claude: SimulatedClaude
  readonly elevenLabs: SimulatedElevenLabs
  readonly smallest: SimulatedSmallest
  /** The HTTP endpoints of the scenarios' tools. */
  readonly tools: SimulatedTools
  /** The number of ours that the person of an inbound call dials. */
  readonly ownNumber: string
  /** The variables of the environment that make Parley use these stand-ins. */
  readonly environment: Readonly<Record<string, string>>
  /** Tells where the server listens: `http://127.0.0.1:PORT`. */
  serverAt(url: string): void
  close(): Promise<void>
}

/**
 * Starts every stand-in on loopback.
 *
 * @param scenarios who is at which number, and what Claude says in which call. A scenario that is alone also says how
 *   the vendors behave; several share vendors in their usual state.
 * @param on told of what happens on the line, as it happens
 */
export async function startSimulator(options: {
  clock: Clock
  /** What the stand-ins take for their keys. */
  credentials?: Partial<Credentials>
  scenarios: readonly Scenario[]
  on?: (event: TwilioEvent) => void
}): Promise<Simulator> {
  const { clock, scenarios } = options
  const credentials = { ...CREDENTIALS, ...options.credentials }
  const violations = new Violations()
  const knobs = scenarios.length === 1 ? scenarios[0]?.vendors : undefined
  const scripts = scriptsOf(scenarios)
  const each = { clock, violations }
  let server = ''
  const [deepgram, claude, elevenLabs, smallest, tools, twilio] = await Promise.all([
    startDeepgram({
      ...each,
      apiKey: credentials.deepgram,
      knobs: knobs?.deepgram ?? {},
    }),
    startClaude({ ...each, apiKey: credentials.anthropic, scripts, knobs: knobs?.claude ?? {} }),
    startElevenLabs({
      ...each,
      apiKey: credentials.elevenlabs,
      knobs: knobs?.elevenlabs ?? {},
    }),
    smallestWith(options, { violations, serverUrl: () => server }),
    startToolServer({ clock, routes: routesOf(scenarios) }),
    startTwilio({
      ...each,
      accountSid: ACCOUNT_SID,
      authToken: credentials.twilio,
      publicHost: PUBLIC_HOST,
      serverUrl: () => server,
      personAt: personAt(scenarios),
      ...(options.on && { on: options.on }),
    }),
  ])
  return {
    violations,
    twilio,
    deepgram,
    claude,
    elevenLabs,
    smallest,
    tools,
    ownNumber: OWN_NUMBER,
    environment: environmentFor({ twilio, deepgram, claude, elevenLabs, smallest }, credentials),
    serverAt: (url) => {
      server = url
    },
    close: async () => {
      await twilio.close()
      const others = [deepgram, claude, elevenLabs, smallest, tools]
      await Promise.all(others.map((vendor) => vendor.close()))
    },
  }
}

function smallestWith(
  { clock, scenarios }: { clock: Clock; scenarios: readonly Scenario[] },
  world: { violations: Violations; serverUrl: () => string },
): Promise<SimulatedSmallest> {
  const [only] = scenarios.length === 1 ? scenarios : []
  return startSmallest({
    ...world,
    clock,
    apiKey: 'sm-demo',
    webhookSecret: 'sm-webhooks',
    scenarios,
    publicHost: PUBLIC_HOST,
    knobs: only?.vendors?.smallest ?? {},
  })
}

function environmentFor(
  vendors: Pick<Simulator, 'twilio' | 'deepgram' | 'claude' | 'elevenLabs' | 'smallest'>,
  credentials: Credentials,
): Simulator['environment'] {
  const { twilio, deepgram, claude, elevenLabs, smallest } = vendors
  return {
    // Tools and receivers of webhooks are on this machine, too.
    ALLOW_LOOPBACK_URLS: 'true',
    // Nothing of a simulated call stays on this machine, and nothing is spoken that no call asked for.
    DATABASE_URL: 'file::memory:',
    STOCK_PHRASES: 'off',
    ...NETWORK,
    TWILIO_ACCOUNT_SID: ACCOUNT_SID,
    TWILIO_AUTH_TOKEN: credentials.twilio,
    TWILIO_PHONE_NUMBER: OWN_NUMBER,
    TWILIO_BASE_URL: twilio.url,
    DEEPGRAM_API_KEY: credentials.deepgram,
    DEEPGRAM_BASE_URL: deepgram.url,
    ANTHROPIC_API_KEY: credentials.anthropic,
    ANTHROPIC_BASE_URL: claude.url,
    ELEVENLABS_API_KEY: credentials.elevenlabs,
    ELEVENLABS_VOICE_ID: 'demo-voice',
    ELEVENLABS_BASE_URL: elevenLabs.url,
    SMALLEST_API_KEY: 'sm-demo',
    SMALLEST_ATOMS_BASE_URL: smallest.atomsUrl,
    SMALLEST_WAVES_BASE_URL: smallest.url,
    SMALLEST_WEBHOOK_SECRET: 'sm-webhooks',
    ATOMS_AGENT_ID: smallest.agentId,
    WAVES_VOICE_ID: 'demo-voice',
    PUBLIC_HOST,
  }
}

function personAt(scenarios: readonly Scenario[]): (number: string) => Person {
  const people = new Map(
    scenarios.map(({ call, person, earlier = [] }) => [
      call.phone_number,
      { person, earlier: Array.from(earlier) },
    ]),
  )
  return (number) => {
    const there = people.get(number)
    return there?.earlier.shift() ?? there?.person ?? anybody.person
  }
}

/** Scenarios that run together have paths of their own; of one that several use, the last script counts. */
function routesOf(scenarios: readonly Scenario[]): ToolRoutes {
  return Object.fromEntries(scenarios.flatMap(({ toolServer = {} }) => Object.entries(toolServer)))
}

function scriptsOf(scenarios: readonly Scenario[]): ClaudeScript[] {
  return scenarios.map(({ call, claude: rules }) => ({ marker: call.action, rules }))
}
