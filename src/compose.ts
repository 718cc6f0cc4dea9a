import { type App, buildApp } from './app.ts'
import type { CallSettings } from './calls/call-settings.ts'
import { PhoneCalls } from './calls/phone-calls.ts'
import { pricesFrom } from './calls/prices.ts'
import { isStillOurs } from './calls/recovery/open-elsewhere.ts'
import type { Clock } from './clock.ts'
import { composeConversations, type Conversations } from './compose-conversations.ts'
import { composeDialling, type Dialling } from './compose-dialling.ts'
import { checkFallbackEars } from './compose-ears.ts'
import { composeAftermath, composeKeeping, type Keeping } from './compose-history.ts'
import { composeMastraApi } from './compose-mastra-api.ts'
import { composeMcp } from './compose-mcp.ts'
import type { composeMastra, MastraParts } from './compose-mastra.ts'
import { type AtomsParts, composeAtoms, vendorsOf } from './compose-smallest.ts'
import { composeWatching } from './compose-watching.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { meteredCarrier } from './metrics/metered-ports.ts'
import type { Meters } from './metrics/meters.ts'
import { EgressGuard } from './providers/egress/egress-guard.ts'
import { TwilioCallBook } from './providers/twilio/call-book.ts'
import { TwilioEdge } from './providers/twilio/edge.ts'
import { TwilioTelephony } from './providers/twilio/rest.ts'
import type { TwilioAccount } from './providers/twilio/rest-client.ts'
import { MAX_SOCKET_MESSAGE_BYTES } from './providers/twilio/stream-door.ts'

/** A whole server, not yet listening. */
export type Parley = {
  readonly app: App
  readonly calls: PhoneCalls
  /** Ends every call that is left, and lets go of everything. */
  close(): Promise<void>
}

/** What all parts share. */
type Surroundings = { readonly log: Logger; readonly clock: Clock }

/**
 * Makes the real parts and puts them together; nothing else does.
 *
 * @throws {ConfigError} when something that the configuration names cannot be used
 */
export async function compose(config: Config, parts: Surroundings): Promise<Parley> {
  const { clock, log } = parts
  await checkFallbackEars(config, parts)
  const keeping = await composeKeeping(config, parts)
  const { store, events } = keeping
  const watching = composeWatching(config, { ...parts, store, events })
  const { metrics: meters } = watching
  const egress = egressOf(config)
  const conversations = composeConversations(config, { egress, keeping, meters, clock, log })
  const { circuits } = conversations
  await conversations.ready
  const dialling = composeDialling(config, { ...parts, store, meters })
  const atoms = composeAtoms(config, { meters, clock })
  const book = new TwilioCallBook(accountOf(config), clock)
  const calls = phoneCallsOf(config, {
    ...{ keeping, watching, egress, conversations, dialling, atoms, book },
    ...parts,
  })
  watching.watch(calls, circuits)
  const mastra = await loadMastra(config, {
    ...parts,
    ...dialling,
    egress,
    events,
    calls,
    app: () => app,
  })
  const others = mastra?.keepers ?? []
  const aftermath = composeAftermath(config, keeping, { ...parts, calls, book, egress, others })
  const app: App = buildApp({
    ...{ calls, metrics: meters, log },
    apiKeys: [config.API_KEYS, mastra?.apiKey ?? []].flat(),
    workflows: mastra?.workflows,
    machine: { ...watching.machine, circuits },
    ...{ history: aftermath.history, webhooks: aftermath.webhooks },
    prices: pricesFrom(config.PRICES),
    twilio: edgeOf(config, { ...parts, meters }),
    atoms: atoms?.edge,
    ...dialling,
    ...limitsOf(config),
  })
  const served = await composeServed(config, { ...parts, app, mastra: mastra?.mastra })
  await aftermath.start()
  mastra?.start()
  conversations.start()
  return {
    app,
    calls,
    close: async () => {
      await served.stop()
      await calls.endAll()
      // What it still does, it does by the routes of the app.
      await mastra?.close()
      await app.close()
      await served.close()
      await Promise.all([conversations.close(), atoms?.close()])
      await Promise.all([aftermath.close(), egress.close()])
      await watching.close()
    },
  }
}

/** All calls, with everything that they need of the others. */
function phoneCallsOf(
  config: Config,
  parts: Surroundings & {
    readonly keeping: Keeping
    readonly watching: ReturnType<typeof composeWatching>
    readonly egress: EgressGuard
    readonly conversations: Conversations
    readonly dialling: Dialling
    readonly atoms: AtomsParts | undefined
    readonly book: TwilioCallBook
  },
): PhoneCalls {
  const { keeping, watching, egress, conversations, dialling, atoms, book, clock, log } = parts
  const { store, events, interrupted, shared } = keeping
  const { metrics: meters } = watching
  const { circuits, createSession } = conversations
  return new PhoneCalls({
    settings: settingsOf(config),
    createSession,
    telephony: meteredCarrier(new TwilioTelephony(accountOf(config), clock), meters),
    book,
    cloud: atoms?.backend,
    ...dialling,
    store,
    events,
    doNotCall: store.doNotCall,
    circuits,
    interrupted,
    ...(shared && {
      elsewhere: (call) => shared.isOpen(call),
      isOurs: (callId) => isStillOurs(callId, { lost: (ids) => shared.lost(ids), clock, log }),
    }),
    machine: watching.closedFor,
    written: () => store.written(),
    urlProblem: (url) => egress.problemOf(url),
    meters,
    tapLine: (callId, line) => meters.tapLine(callId, line),
    clock,
    log,
  })
}

/** Other ways in than our own API; of each, what it takes is loaded only where it is used. */
async function composeServed(
  config: Config,
  parts: Parameters<typeof composeMastraApi>[1],
): Promise<{ stop(): Promise<void>; close(): Promise<void> }> {
  const mcp = await composeMcp(config, parts)
  const mastraApi = await composeMastraApi(config, parts)
  return {
    stop: async () => {
      await mcp?.close()
    },
    close: async () => {
      await mastraApi?.close()
    },
  }
}

/** A process that does not use Mastra does not load it: it takes a second, and more memory than all the rest. */
async function loadMastra(
  config: Config,
  parts: Parameters<typeof composeMastra>[1],
): Promise<MastraParts | undefined> {
  if (!config.MASTRA_ENABLED) return undefined
  const { composeMastra } = await import('./compose-mastra.ts')
  return composeMastra(config, parts)
}

/** What the operator has written in the configuration may be asked wherever it is. */
function egressOf({ INTERNAL_HOSTS, WEBHOOK_URL, ALLOW_LOOPBACK_URLS }: Config): EgressGuard {
  return new EgressGuard({
    allowLoopback: ALLOW_LOOPBACK_URLS,
    internalHosts: [...INTERNAL_HOSTS, WEBHOOK_URL ?? []].flat(),
  })
}

function accountOf(config: Config): TwilioAccount {
  return {
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN,
    phoneNumber: config.TWILIO_PHONE_NUMBER,
    publicHost: config.PUBLIC_HOST,
    baseUrl: config.TWILIO_BASE_URL,
    fallbackUrl: config.TWILIO_FALLBACK_URL,
  }
}

function edgeOf(
  config: Config,
  { meters, clock, log }: Surroundings & { readonly meters: Meters },
): TwilioEdge {
  return new TwilioEdge({
    publicHost: config.PUBLIC_HOST,
    accountSid: config.TWILIO_ACCOUNT_SID,
    authTokens: [config.TWILIO_AUTH_TOKEN, config.TWILIO_SECONDARY_AUTH_TOKEN ?? []].flat(),
    language: config.LANGUAGE,
    clock,
    log,
    meters,
  })
}

/** What anybody may ask of the server, and how often. */
function limitsOf(config: Config) {
  return {
    rateLimits: { perKey: config.RATE_LIMIT_PER_KEY, perAddress: config.RATE_LIMIT_PER_ADDRESS },
    maxSocketMessageBytes: MAX_SOCKET_MESSAGE_BYTES,
    corsOrigins: config.CORS_ORIGINS,
    trustedProxies: config.TRUSTED_PROXIES,
  }
}

function settingsOf(config: Config): CallSettings {
  const { INBOUND_ACTION: action, INBOUND_CONTEXT: context } = config
  return {
    maxCalls: config.MAX_CALLS,
    maxDurationS: config.MAX_DURATION_S,
    ringTimeoutS: config.RING_TIMEOUT_S,
    transferRingTimeoutS: config.TRANSFER_RING_TIMEOUT_S,
    detectMachine: config.TWILIO_AMD,
    toolSecretNames: Object.keys(config.TOOL_SECRETS),
    streamTokenTtlS: config.STREAM_TOKEN_TTL_S,
    registeredCallTtlS: config.REGISTERED_CALL_TTL_S,
    language: config.LANGUAGE,
    agentName: config.AGENT_NAME,
    organization: config.ORGANIZATION,
    carrierRecords: config.TWILIO_RECORD,
    aiDisclosure: config.AI_DISCLOSURE,
    recordingAnnouncement: config.RECORDING_ANNOUNCEMENT,
    signsWebhooks: config.WEBHOOK_SECRET !== undefined,
    vendors: vendorsOf(config),
    inbound: action === undefined ? undefined : { action, context },
  }
}
