import type { ConversationPlan } from './calls/call-settings.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { meteredHearing, meteredMind, meteredVoice } from './metrics/metered-ports.ts'
import { type Meters, noMeters } from './metrics/meters.ts'
import type { AnswerJudge } from './pipeline/answering/answer-judge.ts'
import { CallSession } from './pipeline/call-session.ts'
import type { CallObserver } from './pipeline/call-observer.ts'
import type { HttpToolRunner } from './pipeline/http-tool.ts'
import type {
  CallControl,
  ConversationEngine,
  SpeechToText,
  TextToSpeech,
} from './pipeline/ports.ts'
import type { SessionLimits } from './pipeline/session-clocks.ts'
import type { SpeechRules } from './pipeline/session-scripts.ts'
import { ToolBox } from './pipeline/tool-box.ts'
import { toolsFor } from './pipeline/tools.ts'
import { ClaudeEngine } from './providers/anthropic/claude-engine.ts'
import type { AnthropicConnection } from './providers/anthropic/client.ts'
import { StreamingStt } from './providers/deepgram/streaming-stt.ts'
import { StreamingTts } from './providers/elevenlabs/streaming-tts.ts'

/** What one conversation shares with all others, and what is its own. */
export type SessionSurroundings = {
  readonly anthropic: AnthropicConnection
  readonly httpTools: HttpToolRunner
  readonly judge: AnswerJudge
  readonly control: CallControl
  readonly record: CallObserver
  readonly meters?: Meters
  readonly clock: Clock
  readonly log: Logger
}

/** One call's conversation, with connections of its own to hear and to speak. */
export function composeSession(
  config: Config,
  plan: ConversationPlan,
  surroundings: SessionSurroundings,
): CallSession {
  const { httpTools: runner, meters = noMeters, clock, log } = surroundings
  const definitions = toolsFor({
    direction: plan.brief.direction,
    transferTargets: plan.transferTo,
    httpTools: plan.tools,
  })
  return new CallSession({
    ...surroundings,
    brief: plan.brief,
    past: plan.past,
    firstSpeaker: plan.firstSpeaker,
    rules: rulesOf(plan),
    leavesMessages: plan.voicemail.action === 'leave_message',
    transferTargets: plan.transferTo,
    tools: {
      definitions,
      box: new ToolBox({ definitions, httpTools: plan.tools, runner, clock, log }),
    },
    pronunciation: plan.pronunciation,
    limits: limitsOf(config, plan),
    speculates: config.SPECULATION,
    backchannels: config.BACKCHANNELS,
    stt: meteredHearing(hearing(config, plan, surroundings), meters),
    tts: meteredVoice(voice(config, plan, surroundings), meters),
    engine: meteredMind(mind(config, surroundings), meters),
  })
}

function rulesOf(plan: ConversationPlan): SpeechRules {
  return {
    disclosure: plan.disclosure,
    guardsOpening: plan.uninterruptible.includes('opening'),
    guardsGoodbye: plan.uninterruptible.includes('goodbye'),
    voicemailMessage: plan.voicemail.message,
  }
}

function limitsOf(config: Config, plan: ConversationPlan): SessionLimits {
  return {
    maxDurationMs: plan.maxDurationS * 1000,
    timeWarningMs: config.TIME_WARNING_S * 1000,
    silenceMs: config.SILENCE_TIMEOUT_MS,
    holdMs: config.HOLD_TIMEOUT_S * 1000,
    reattachMs: config.REATTACH_TIMEOUT_MS,
  }
}

function hearing(
  config: Config,
  plan: ConversationPlan,
  { clock, log }: SessionSurroundings,
): SpeechToText {
  return new StreamingStt({
    apiKey: config.DEEPGRAM_API_KEY,
    baseUrl: config.DEEPGRAM_BASE_URL,
    model: config.DEEPGRAM_MODEL,
    language: plan.brief.language,
    keyterms: plan.keyterms,
    eotThreshold: config.DEEPGRAM_EOT_THRESHOLD,
    ...(config.SPECULATION && { eagerEotThreshold: config.DEEPGRAM_EAGER_EOT_THRESHOLD }),
    eotTimeoutMs: config.DEEPGRAM_EOT_TIMEOUT_MS,
    endpointingMs: config.DEEPGRAM_ENDPOINTING_MS,
    utteranceEndMs: config.DEEPGRAM_UTTERANCE_END_MS,
    connectTimeoutMs: config.CONNECT_TIMEOUT_MS,
    clock,
    log,
  })
}

function voice(
  config: Config,
  plan: ConversationPlan,
  { meters = noMeters, clock, log }: SessionSurroundings,
): TextToSpeech {
  return new StreamingTts({
    apiKey: config.ELEVENLABS_API_KEY,
    baseUrl: config.ELEVENLABS_BASE_URL,
    voiceId: plan.voiceId ?? config.ELEVENLABS_VOICE_ID,
    model: config.ELEVENLABS_MODEL,
    outputFormat: config.ELEVENLABS_OUTPUT_FORMAT,
    language: plan.brief.language,
    connectTimeoutMs: config.CONNECT_TIMEOUT_MS,
    firstAudioTimeoutMs: config.ELEVENLABS_FIRST_AUDIO_TIMEOUT_MS,
    onReconnect: () => {
      meters.vendorReconnected('elevenlabs')
    },
    clock,
    log,
  })
}

function mind(
  config: Config,
  { anthropic, meters = noMeters, clock, log }: SessionSurroundings,
): ConversationEngine {
  return new ClaudeEngine({
    client: anthropic.client,
    model: config.ANTHROPIC_MODEL,
    maxTokens: config.ANTHROPIC_MAX_TOKENS,
    firstTokenTimeoutMs: config.ANTHROPIC_FIRST_TOKEN_TIMEOUT_MS,
    stallTimeoutMs: config.ANTHROPIC_STALL_TIMEOUT_MS,
    onUsage: ({ inputTokens, cachedTokens, cacheWriteTokens = 0, outputTokens }) => {
      meters.tokens('input', inputTokens)
      meters.tokens('cached', cachedTokens)
      meters.tokens('cache_write', cacheWriteTokens)
      meters.tokens('output', outputTokens)
    },
    onRetry: () => {
      meters.vendorReconnected('anthropic')
    },
    clock,
    log,
  })
}
