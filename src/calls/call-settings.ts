import type { CallBrief } from '../pipeline/prompt.ts'
import type { FirstSpeaker } from '../pipeline/turn-events.ts'
import type { CallRecord } from './record.ts'
import type { CallSpec } from './spec.ts'

/** What holds for every call whose spec does not say otherwise, and for all of them together. */
export type CallSettings = {
  readonly maxCalls: number
  readonly maxDurationS: number
  readonly ringTimeoutS: number
  readonly streamTokenTtlS: number
  readonly registeredCallTtlS: number
  readonly language: string
  readonly agentName: string | undefined
  readonly organization: string | undefined
  /** What an inbound call is about; without it inbound calls are turned away. */
  readonly inbound: Pick<CallSpec, 'action' | 'context'> | undefined
}

/** What a conversation is made from: the spec, with everything it leaves open filled in. */
export type ConversationPlan = {
  readonly callId: string
  readonly brief: CallBrief
  readonly firstSpeaker: FirstSpeaker
  readonly maxDurationS: number
  readonly voiceId: string | undefined
}

export function planOf(
  { callId, direction, spec }: CallRecord,
  settings: CallSettings,
): ConversationPlan {
  return {
    callId,
    brief: {
      direction,
      action: spec.action,
      context: spec.context,
      calleeName: spec.calleeName,
      agentName: spec.agentName ?? settings.agentName,
      organization: spec.organization ?? settings.organization,
      language: spec.language ?? settings.language,
      opening: spec.opening,
    },
    firstSpeaker: spec.firstSpeaker ?? (direction === 'outbound' ? 'auto' : 'agent'),
    maxDurationS: spec.maxDurationS ?? settings.maxDurationS,
    voiceId: spec.voiceId,
  }
}
