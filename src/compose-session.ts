import type { ConversationPlan } from './calls/call-settings.ts'
import type { Circuits } from './calls/circuits/circuits.ts'
import type { Clock } from './clock.ts'
import { composeEars } from './compose-ears.ts'
import { composeMind, type MindSurroundings } from './compose-mind.ts'
import type { Voices } from './compose-voice.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import type { MindThread } from './mastra/engine/mind-thread.ts'
import { personId } from './mastra/person-id.ts'
import { type Meters, noMeters } from './metrics/meters.ts'
import type { AnswerJudge } from './pipeline/answering/answer-judge.ts'
import { CallSession } from './pipeline/call-session.ts'
import type { CallObserver } from './pipeline/call-observer.ts'
import type { HttpToolRunner } from './pipeline/http-tool.ts'
import { LeakGuard } from './pipeline/leak-guard.ts'
import type { CallControl } from './pipeline/ports.ts'
import { buildPrompt } from './pipeline/prompt.ts'
import type { SessionLimits } from './pipeline/session-clocks.ts'
import type { SpeechRules } from './pipeline/session-scripts.ts'
import { ToolBox } from './pipeline/tool-box.ts'
import { BUILT_IN_TOOL_NAMES, type ToolDefinition, toolsFor } from './pipeline/tools.ts'
import type { AnthropicConnection } from './providers/anthropic/client.ts'
import { secretValues } from './secret-values.ts'

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
    leakGuard: new LeakGuard({
      texts: [
        buildPrompt(plan.brief).rules,
        ...definitions.filter(isBuiltIn).map(({ description }) => description),
      ],
      secrets: secretValues(config),
    }),
    limits: limitsOf(config, plan),
    speculates: config.SPECULATION,
    backchannels: config.BACKCHANNELS,
    stt: composeEars(config, plan, {
      ...(circuits && { circuitOf: (name) => circuits.of(name) }),
      meters,
      clock,
      log,
    }),
    tts: voices.forCall({ language: plan.brief.language, voiceId: plan.voiceId, log }),
    engine: composeMind(config, { ...surroundings, person: personOf(plan) }),
  })
}

/** Whose memory there may be: of somebody who rings us, the number is only what they say it is. */
function personOf({ callId, spec, brief }: ConversationPlan): MindSurroundings['person'] {
  if (brief.direction !== 'outbound') return undefined
  return { resourceId: personId(spec.phoneNumber), threadId: callId }
}

function isBuiltIn({ name }: ToolDefinition): boolean {
  return BUILT_IN_TOOL_NAMES.includes(name)
}

function rulesOf(plan: ConversationPlan): SpeechRules {
  return {
    disclosure: plan.disclosure,
    guardsOpening: plan.uninterruptible.includes('opening'),
    guardsGoodbye: plan.uninterruptible.includes('goodbye'),
    messageDisclosure: plan.messageDisclosure,
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
