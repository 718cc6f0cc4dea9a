import type { ConversationPlan } from './calls/call-settings.ts'
import type { Circuits } from './calls/circuits/circuits.ts'
import { toldHearing } from './calls/circuits/told-ports.ts'
import type { Clock } from './clock.ts'
import { hearingCircuit } from './compose-circuits.ts'
import { composeMind } from './compose-mind.ts'
import { pulseHearing } from './compose-smallest.ts'
import type { Voices } from './compose-voice.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { meteredHearing } from './metrics/metered-ports.ts'
import type { MindThread } from './mastra/engine/mind-thread.ts'
import { type Meters, noMeters } from './metrics/meters.ts'
import type { AnswerJudge } from './pipeline/answering/answer-judge.ts'
import { closedCircuit } from './pipeline/circuit.ts'
import { CallSession } from './pipeline/call-session.ts'
import type { CallObserver } from './pipeline/call-observer.ts'
import type { HttpToolRunner } from './pipeline/http-tool.ts'
import type { CallControl, SpeechToText } from './pipeline/ports.ts'
import type { SessionLimits } from './pipeline/session-clocks.ts'
import type { SpeechRules } from './pipeline/session-scripts.ts'
import { ToolBox } from './pipeline/tool-box.ts'
import { toolsFor } from './pipeline/tools.ts'
import type { AnthropicConnection } from './providers/anthropic/client.ts'
import { StreamingStt } from './providers/deepgram/streaming-stt.ts'

/** What one conversation shares with all others, and what is its own. */
export type SessionSurroundings = {
  readonly anthropic: AnthropicConnection
  /** What is known of the vendors. */
  readonly circuits?: Circuits
  /** Where Mastra's agent thinks, if it is to. */
  readonly mindThread?: MindThread | undefined
  readonly httpTools: HttpToolRunner
  readonly judge: AnswerJudge
  readonly control: CallControl
  readonly record: CallObserver
  readonly voices: Pick<Voices, 'forCall'>
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
  const { httpTools: runner, circuits, voices, meters = noMeters, clock, log } = surroundings
  const definitions = toolsFor({
    direction: plan.brief.direction,
    transferTargets: plan.transferTo,
    httpTools: plan.tools,
  })
  return new CallSession({
    ...surroundings,
    brief: plan.brief,
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
    stt: toldHearing(
      meteredHearing(composeHearing(config, plan, surroundings), meters),
      circuits?.of(hearingCircuit(config)) ?? closedCircuit,
    ),
    tts: voices.forCall({ language: plan.brief.language, voiceId: plan.voiceId, log }),
    engine: composeMind(config, surroundings),
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
    deadAir: {
      fillersMs: [config.DEAD_AIR_FILLER_MS, config.DEAD_AIR_SECOND_FILLER_MS],
      giveUpMs: config.DEAD_AIR_GIVE_UP_MS,
    },
  }
}

/** Hears in one language, by the configured vendor. */
export function composeHearing(
  config: Config,
  plan: Pick<ConversationPlan, 'keyterms'> & { readonly brief: { readonly language: string } },
  { clock, log }: Pick<SessionSurroundings, 'clock' | 'log'>,
): SpeechToText {
  if (config.STT_PROVIDER === 'pulse') return pulseHearing(config, plan, { clock, log })
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
