import type { CallPast } from '../pipeline/call-past.ts'
import type { CallBrief } from '../pipeline/prompt.ts'
import { legalPhrases } from '../pipeline/legal-phrases.ts'
import type { FirstSpeaker } from '../pipeline/turn-events.ts'
import type { CallRecord } from './record.ts'
import type { CallSpec } from './spec.ts'
import type { HttpTool } from './spec-parts.ts'
import type { VendorChoice } from './vendor-choice.ts'

/** What holds for every call whose spec does not say otherwise, and for all of them together. */
export type CallSettings = {
  readonly maxCalls: number
  readonly maxDurationS: number
  readonly ringTimeoutS: number
  readonly transferRingTimeoutS: number
  /** Whether the carrier is to find out if a machine has answered. */
  readonly detectMachine: boolean
  readonly streamTokenTtlS: number
  readonly registeredCallTtlS: number
  readonly language: string
  readonly agentName: string | undefined
  readonly organization: string | undefined
  /** What an inbound call is about; without it inbound calls are turned away. */
  readonly inbound: Pick<CallSpec, 'action' | 'context'> | undefined
  /** Names of the secrets that tools may send as headers. */
  readonly toolSecretNames: readonly string[]
  /** Whether the carrier is to record, too, what a spec asks to be recorded. */
  readonly carrierRecords: boolean
  /** Whether a call begins by saying that an AI speaks, or the exact words that say so. */
  readonly aiDisclosure: boolean | string
  /** The same for a call that is recorded. */
  readonly recordingAnnouncement: boolean | string
  /** Whether there is a secret to sign webhooks with. */
  readonly signsWebhooks: boolean
  /** Default: Deepgram hears, ElevenLabs speaks. */
  readonly vendors?: VendorChoice
}

/** What a conversation is made from: the spec, with everything it leaves open filled in. */
export type ConversationPlan = {
  readonly callId: string
  /** Set when another process has carried the call so far. */
  readonly past?: CallPast | undefined
  /** As it was given. */
  readonly spec: CallSpec
  readonly brief: CallBrief
  readonly firstSpeaker: FirstSpeaker
  readonly maxDurationS: number
  readonly voiceId: string | undefined
  /** Exact words before the opening. */
  readonly disclosure: string | undefined
  /** Exact words before a message on a machine. */
  readonly messageDisclosure: string | undefined
  /** What is said to its end, whoever talks over it. */
  readonly uninterruptible: readonly ('opening' | 'goodbye')[]
  readonly voicemail: NonNullable<CallSpec['voicemail']>
  /** The only numbers that the person may be handed over to. */
  readonly transferTo: NonNullable<CallSpec['transferTo']>
  readonly tools: readonly HttpTool[]
  /** As written → as spoken. */
  readonly pronunciation: Readonly<Record<string, string>>
  /** Names that are likely to be said. */
  readonly keyterms: readonly string[]
}

export function planOf(
  { callId, direction, spec }: CallRecord,
  settings: CallSettings,
): ConversationPlan {
  const brief: CallBrief = {
    direction,
    action: spec.action,
    context: spec.context,
    calleeName: spec.calleeName,
    agentName: spec.agentName ?? settings.agentName,
    organization: spec.organization ?? settings.organization,
    language: spec.language ?? settings.language,
    opening: spec.opening,
  }
  const { aiCalling, aiAnswering, recorded } = legalPhrases(brief.language)
  const ai = direction === 'outbound' ? aiCalling : aiAnswering
  return {
    callId,
    spec,
    brief,
    firstSpeaker: spec.firstSpeaker ?? (direction === 'outbound' ? 'auto' : 'agent'),
    maxDurationS: spec.maxDurationS ?? settings.maxDurationS,
    voiceId: spec.voiceId,
    disclosure: joined([
      spec.record && (spec.record.announcement ?? words(settings.recordingAnnouncement, recorded)),
      words(settings.aiDisclosure, ai),
      spec.disclosure,
    ]),
    messageDisclosure: words(settings.aiDisclosure, ai),
    uninterruptible: spec.uninterruptible ?? [],
    // Nothing private is left on a machine unasked.
    voicemail: spec.voicemail ?? { action: 'hang_up' },
    transferTo: spec.transferTo ?? [],
    tools: spec.tools ?? [],
    pronunciation: spec.pronunciation ?? {},
    keyterms: namesIn(brief),
  }
}

function words(setting: boolean | string, usual: string): string | undefined {
  if (typeof setting === 'string') return setting
  return setting ? usual : undefined
}

function joined(sentences: readonly (string | undefined)[]): string | undefined {
  const said = sentences.filter((text) => text !== undefined)
  return said.length === 0 ? undefined : said.join(' ')
}

function namesIn({ calleeName, organization, agentName }: CallBrief): readonly string[] {
  const names = [calleeName, organization, agentName].filter((name) => name !== undefined)
  return Array.from(new Set(names))
}
