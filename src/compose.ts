import { type App, buildApp } from './app.ts'
import type { CallSettings } from './calls/call-settings.ts'
import { CallJournal } from './calls/call-journal.ts'
import { FlightFiles } from './calls/flight-files.ts'
import { PhoneCalls, type PhoneCallsParts } from './calls/phone-calls.ts'
import { pricesFrom } from './calls/prices.ts'
import { RecordedConversation } from './calls/recording/recorded-conversation.ts'
import { bodyFromSpec } from './calls/spec.ts'
import type { Clock } from './clock.ts'
import { composeAftermath, composeKeeping, type Keeping } from './compose-history.ts'
import type { composeMastra, MastraParts } from './compose-mastra.ts'
import { composeSession } from './compose-session.ts'
import { composeAtoms, vendorsOf } from './compose-smallest.ts'
import { composeVoices, type Voices } from './compose-voice.ts'
import { composeWatching } from './compose-watching.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { meteredCarrier } from './metrics/metered-ports.ts'
import type { Meters } from './metrics/meters.ts'
import { noFlightRecord } from './pipeline/flight-record.ts'
import { ClaudeAnswerJudge } from './providers/anthropic/answer-judge.ts'
import { type AnthropicConnection, createAnthropicClient } from './providers/anthropic/client.ts'
import { HttpToolClient } from './providers/http-tools/http-tool-runner.ts'
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
  const anthropic = anthropicOf(config)
  const httpTools = new HttpToolClient({ secrets: config.TOOL_SECRETS, clock, log })
  const flights = flightFiles(config, parts)
  const atoms = composeAtoms(config, { meters, clock })
  const voices = composeVoices(config, { meters, clock, log })
  const shared = { anthropic, httpTools, flights, voices, keeping, meters, clock, log }
  const calls = new PhoneCalls({
    settings: settingsOf(config),
    createSession: sessionMaker(config, shared),
    telephony: meteredCarrier(telephonyOf(config), meters),
    cloud: atoms?.backend,
    store,
    events,
    doNotCall: store.doNotCall,
    meters,
    tapLine: (callId, line) => meters.tapLine(callId, line),
    clock,
    log,
  })
  watching.watch(calls)
  const mastra = await loadMastra(config, { ...parts, events, calls, app: () => app })
  const others = mastra?.keepers ?? []
  const aftermath = composeAftermath(config, keeping, { ...parts, calls, others })
  const app: App = buildApp({
    calls,
    history: aftermath.history,
    prices: pricesFrom(config.PRICES),
    webhooks: aftermath.webhooks,
    metrics: meters,
    machine: watching.machine,
    twilio: edgeOf(config, { ...parts, meters }),
    atoms: atoms?.edge,
    workflows: mastra?.workflows,
    apiKeys: [config.API_KEYS, mastra?.apiKey ?? []].flat(),
    maxSocketMessageBytes: MAX_SOCKET_MESSAGE_BYTES,
    log,
  })
  aftermath.start()
  mastra?.start()
  voices.start()
  return {
    app,
    calls,
    close: async () => {
      await calls.endAll()
      // What it still does, it does by the routes of the app.
      await mastra?.close()
      await app.close()
      await Promise.all([anthropic.close(), httpTools.close(), flights?.close()])
      await Promise.all([voices.close(), atoms?.close()])
      await aftermath.close()
      await watching.close()
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

function anthropicOf(config: Config): AnthropicConnection {
  const { ANTHROPIC_API_KEY: apiKey, ANTHROPIC_BASE_URL: baseUrl } = config
  return createAnthropicClient({ apiKey, baseUrl })
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

/** Makes the conversations of calls, which share connections and a judge. */
function sessionMaker(
  config: Config,
  parts: Surroundings & {
    readonly anthropic: AnthropicConnection
    readonly httpTools: HttpToolClient
    readonly flights: FlightFiles | undefined
    readonly voices: Voices
    readonly keeping: Keeping
    readonly meters: Meters
  },
): PhoneCallsParts['createSession'] {
  const { anthropic, httpTools, flights, voices, keeping, meters, clock } = parts
  const judge = new ClaudeAnswerJudge({
    client: anthropic.client,
    model: config.ANTHROPIC_MODEL,
    timeoutMs: config.ANTHROPIC_FIRST_TOKEN_TIMEOUT_MS,
    clock,
    log: parts.log,
  })
  return (plan, log, control) => {
    const { callId, spec, brief } = plan
    const { direction, language } = brief
    const flight = flights?.record({ callId, direction, language }) ?? noFlightRecord
    const record = new CallJournal(callId, keeping.events, flight)
    record.note({ type: 'spec', spec: bodyFromSpec(spec) })
    const own = { control, record, voices, meters, clock, log }
    const session = composeSession(config, plan, { anthropic, httpTools, judge, ...own })
    return spec.record
      ? new RecordedConversation(session, keeping.recordings.start(callId))
      : session
  }
}

function flightFiles(config: Config, { log, clock }: Surroundings): FlightFiles | undefined {
  const dir = config.FLIGHT_RECORD_DIR
  return dir === undefined
    ? undefined
    : new FlightFiles({ dir, pii: config.FLIGHT_RECORD_PII, clock, log })
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
