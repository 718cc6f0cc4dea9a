import { type App, buildApp } from './app.ts'
import type { CallSettings, ConversationPlan } from './calls/call-settings.ts'
import { MemoryCallStore } from './calls/call-store.ts'
import { PhoneCalls } from './calls/phone-calls.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { CallSession } from './pipeline/call-session.ts'
import { ClaudeEngine } from './providers/anthropic/claude-engine.ts'
import { type AnthropicConnection, createAnthropicClient } from './providers/anthropic/client.ts'
import { StreamingStt } from './providers/deepgram/streaming-stt.ts'
import { StreamingTts } from './providers/elevenlabs/streaming-tts.ts'
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

/** Makes the real parts and puts them together; nothing else does. */
export function compose(config: Config, { log, clock }: Surroundings): Parley {
  const anthropic = createAnthropicClient({
    apiKey: config.ANTHROPIC_API_KEY,
    baseUrl: config.ANTHROPIC_BASE_URL,
  })
  const calls = new PhoneCalls({
    settings: settingsOf(config),
    createSession: (plan, callLog) =>
      createSession(config, anthropic, plan, { log: callLog, clock }),
    telephony: new TwilioTelephony({
      accountSid: config.TWILIO_ACCOUNT_SID,
      authToken: config.TWILIO_AUTH_TOKEN,
      phoneNumber: config.TWILIO_PHONE_NUMBER,
      publicHost: config.PUBLIC_HOST,
      baseUrl: config.TWILIO_BASE_URL,
    }),
    store: new MemoryCallStore(),
    clock,
    log,
  })
  const app = buildApp({
    calls,
    twilio: new TwilioEdge({
      publicHost: config.PUBLIC_HOST,
      accountSid: config.TWILIO_ACCOUNT_SID,
      authTokens: [config.TWILIO_AUTH_TOKEN, config.TWILIO_SECONDARY_AUTH_TOKEN ?? []].flat(),
      clock,
      log,
    }),
    apiKeys: config.API_KEYS,
    maxSocketMessageBytes: MAX_SOCKET_MESSAGE_BYTES,
    log,
  })
  return {
    app,
    calls,
    close: async () => {
      await calls.endAll()
      await app.close()
      await anthropic.close()
    },
  }
}

/** One call's conversation, with connections of its own to hear and to speak. */
function createSession(
  config: Config,
  anthropic: AnthropicConnection,
  plan: ConversationPlan,
  { log, clock }: Surroundings,
): CallSession {
  const { language } = plan.brief
  return new CallSession({
    brief: plan.brief,
    firstSpeaker: plan.firstSpeaker,
    maxDurationMs: plan.maxDurationS * 1000,
    silenceMs: config.SILENCE_TIMEOUT_MS,
    stt: new StreamingStt({
      apiKey: config.DEEPGRAM_API_KEY,
      baseUrl: config.DEEPGRAM_BASE_URL,
      model: config.DEEPGRAM_MODEL,
      language,
      eotThreshold: config.DEEPGRAM_EOT_THRESHOLD,
      eotTimeoutMs: config.DEEPGRAM_EOT_TIMEOUT_MS,
      endpointingMs: config.DEEPGRAM_ENDPOINTING_MS,
      utteranceEndMs: config.DEEPGRAM_UTTERANCE_END_MS,
      connectTimeoutMs: config.CONNECT_TIMEOUT_MS,
      clock,
      log,
    }),
    tts: new StreamingTts({
      apiKey: config.ELEVENLABS_API_KEY,
      baseUrl: config.ELEVENLABS_BASE_URL,
      voiceId: plan.voiceId ?? config.ELEVENLABS_VOICE_ID,
      model: config.ELEVENLABS_MODEL,
      outputFormat: config.ELEVENLABS_OUTPUT_FORMAT,
      language,
      connectTimeoutMs: config.CONNECT_TIMEOUT_MS,
      firstAudioTimeoutMs: config.ELEVENLABS_FIRST_AUDIO_TIMEOUT_MS,
      clock,
      log,
    }),
    engine: new ClaudeEngine({
      client: anthropic.client,
      model: config.ANTHROPIC_MODEL,
      maxTokens: config.ANTHROPIC_MAX_TOKENS,
      firstTokenTimeoutMs: config.ANTHROPIC_FIRST_TOKEN_TIMEOUT_MS,
      stallTimeoutMs: config.ANTHROPIC_STALL_TIMEOUT_MS,
      clock,
      log,
    }),
    clock,
    log,
  })
}

function settingsOf(config: Config): CallSettings {
  const { INBOUND_ACTION: action, INBOUND_CONTEXT: context } = config
  return {
    maxCalls: config.MAX_CALLS,
    maxDurationS: config.MAX_DURATION_S,
    ringTimeoutS: config.RING_TIMEOUT_S,
    streamTokenTtlS: config.STREAM_TOKEN_TTL_S,
    registeredCallTtlS: config.REGISTERED_CALL_TTL_S,
    language: config.LANGUAGE,
    agentName: config.AGENT_NAME,
    organization: config.ORGANIZATION,
    inbound: action === undefined ? undefined : { action, context },
  }
}
