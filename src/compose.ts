import { type App, buildApp } from './app.ts'
import type { CallSettings } from './calls/call-settings.ts'
import { PhoneCalls } from './calls/phone-calls.ts'
import { pricesFrom } from './calls/prices.ts'
import type { Clock } from './clock.ts'
import { composeConversations } from './compose-conversations.ts'
import { composeAftermath, composeKeeping } from './compose-history.ts'
import { composeMastraApi } from './compose-mastra-api.ts'
import { composeMcp } from './compose-mcp.ts'
import { composeAtoms, vendorsOf } from './compose-smallest.ts'
import { composeWatching } from './compose-watching.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { meteredCarrier } from './metrics/metered-ports.ts'
import type { Meters } from './metrics/meters.ts'
import { TwilioEdge } from './providers/twilio/edge.ts'
import { TwilioTelephony } from './providers/twilio/rest.ts'
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
  const keeping = await composeKeeping(config, parts)
  const { store, events } = keeping
  const watching = composeWatching(config, { ...parts, store, events })
  const { metrics: meters } = watching
  const conversations = composeConversations(config, { keeping, meters, clock, log })
  const { circuits, createSession } = conversations
  await conversations.ready
  const atoms = composeAtoms(config, { meters, clock })
  const calls = new PhoneCalls({
    settings: settingsOf(config),
    createSession,
    telephony: meteredCarrier(telephonyOf(config), meters),
    cloud: atoms?.backend,
    store,
    events,
    doNotCall: store.doNotCall,
    circuits,
    meters,
    tapLine: (callId, line) => meters.tapLine(callId, line),
    clock,
    log,
  })
  watching.watch(calls, circuits)
  const aftermath = composeAftermath(config, keeping, { ...parts, calls })
  const app = buildApp({
    calls,
    history: aftermath.history,
    prices: pricesFrom(config.PRICES),
    webhooks: aftermath.webhooks,
    metrics: meters,
    machine: { ...watching.machine, circuits },
    twilio: edgeOf(config, { ...parts, meters }),
    atoms: atoms?.edge,
    apiKeys: config.API_KEYS,
    maxSocketMessageBytes: MAX_SOCKET_MESSAGE_BYTES,
    log,
  })
  const mcp = await composeMcp(config, { app, clock })
  const mastraApi = await composeMastraApi(config, { app, clock, log })
  aftermath.start()
  conversations.start()
  return {
    app,
    calls,
    close: async () => {
      await mcp?.close()
      await calls.endAll()
      await app.close()
      await mastraApi?.close()
      await Promise.all([conversations.close(), atoms?.close()])
      await aftermath.close()
      await watching.close()
    },
  }
}

function telephonyOf(config: Config): TwilioTelephony {
  return new TwilioTelephony({
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN,
    phoneNumber: config.TWILIO_PHONE_NUMBER,
    publicHost: config.PUBLIC_HOST,
    baseUrl: config.TWILIO_BASE_URL,
  })
}

function edgeOf(
  config: Config,
  { meters, clock, log }: Surroundings & { readonly meters: Meters },
): TwilioEdge {
  return new TwilioEdge({
    publicHost: config.PUBLIC_HOST,
    accountSid: config.TWILIO_ACCOUNT_SID,
    authTokens: [config.TWILIO_AUTH_TOKEN, config.TWILIO_SECONDARY_AUTH_TOKEN ?? []].flat(),
    clock,
    log,
    meters,
  })
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
    signsWebhooks: config.WEBHOOK_SECRET !== undefined,
    vendors: vendorsOf(config),
    inbound: action === undefined ? undefined : { action, context },
  }
}
