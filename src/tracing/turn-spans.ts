import type { VendorChoice } from '../calls/vendor-choice.ts'
import type { TurnTimings } from '../pipeline/timings.ts'
import type { Attributes } from './spans.ts'

export type SpanName = 'stt' | 'llm' | 'tool' | 'tts' | 'playout'

/** A part of a turn; times in milliseconds since the line was attached. */
export type TurnPart = {
  readonly name: SpanName
  readonly startMs: number
  readonly endMs: number
  readonly attributes?: Attributes
}

/** A tool that has run, in milliseconds since the line was attached. */
export type ToolRun = {
  readonly id: string
  readonly name: string
  readonly startMs: number
  readonly endMs: number
}

export type TurnContext = {
  /** Those that ran in this turn. */
  readonly tools: readonly ToolRun[]
  /** When the model was asked, where no turn of the caller tells. */
  readonly askedMs?: number | undefined
  /** When the reply was heard to its end, or was cut off. */
  readonly overMs: number
  /** The model, by the name that its vendor gives it. */
  readonly model?: string | undefined
  /** Default: Deepgram and ElevenLabs. */
  readonly vendors?: VendorChoice | undefined
}

/**
 * What a turn of the agent was made of, as far as its times tell. Parts overlap where work did; an answer that was prepared while
 * the caller was still speaking has an `llm` of no length.
 */
export function partsOf(times: TurnTimings, context: TurnContext): TurnPart[] {
  const { speechEndMs, turnEndMs, firstPhraseMs, firstAudioMs, heardMs } = times
  const { tools, overMs, vendors } = context
  return [
    ...part('stt', speechEndMs, turnEndMs, { 'phone.provider': vendors?.hearing ?? 'deepgram' }),
    ...thinking(times, context),
    ...tools.flatMap(({ id, name, startMs, endMs }) =>
      part('tool', startMs, endMs, {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': name,
        'gen_ai.tool.call.id': id,
      }),
    ),
    ...part('tts', firstPhraseMs, firstAudioMs, {
      'phone.provider': vendors?.voice ?? 'elevenlabs',
      'gen_ai.output.type': 'speech',
    }),
    ...part('playout', heardMs ?? firstAudioMs, overMs),
  ]
}

/** When a turn began, for its span: with the first thing that is known of it. */
export function turnStart(parts: readonly TurnPart[], overMs: number): number {
  return Math.min(overMs, ...parts.map(({ startMs }) => startMs))
}

/** From the question to the first words; what tools took in between was no thinking. */
function thinking(
  { kind, turnEndMs, firstTextMs }: TurnTimings,
  { tools, askedMs, model }: TurnContext,
): TurnPart[] {
  const asked = kind === 'answer' ? turnEndMs : askedMs
  if (asked === undefined || firstTextMs === undefined) return []
  const attributes: Attributes = {
    'phone.provider': 'anthropic',
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'anthropic',
    ...(model !== undefined && { 'gen_ai.request.model': model }),
    'phone.speculative': firstTextMs < asked,
  }
  const parts: TurnPart[] = []
  let at = Math.min(asked, firstTextMs)
  for (const { startMs, endMs } of tools.toSorted((a, b) => a.startMs - b.startMs)) {
    if (startMs >= firstTextMs) break
    if (startMs >= at) parts.push(...part('llm', at, startMs, attributes))
    at = Math.max(at, Math.min(endMs, firstTextMs))
  }
  return [...parts, ...part('llm', at, firstTextMs, attributes)]
}

function part(
  name: SpanName,
  startMs: number | undefined,
  endMs: number | undefined,
  attributes?: Attributes,
): TurnPart[] {
  if (startMs === undefined || endMs === undefined) return []
  // Times of one moment, taken one after the other, may be in either order.
  return [{ name, startMs, endMs: Math.max(startMs, endMs), ...(attributes && { attributes }) }]
}
