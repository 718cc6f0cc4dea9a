import { z } from 'zod'
import type { PieceWord } from '../hearing/channel.ts'

/**
 * The JSON of Deepgram's two streaming endpoints, as it is on the wire: Nova on `/v1/listen`, Flux on `/v2/listen`.
 * Fields that Deepgram's specification requires and Parley does not read are left out, so that a server which drops one
 * of them still works.
 */
const Word = z.object({
  word: z.string(),
  confidence: z.number().optional(),
  /** Seconds of audio since the connection was opened. */
  start: z.number().optional(),
  end: z.number().optional(),
  punctuated_word: z.string().optional(),
})
export type Word = z.infer<typeof Word>

/** Words with the marks that they are written with, where there are any. */
export function writtenWords(words: readonly Word[]): readonly PieceWord[] {
  return words.map(({ word, punctuated_word: text = word, start, end }) => ({ text, start, end }))
}

/** Both endpoints, in one shape or another: which of the texts is filled in differs by server. */
const WireError = z.object({
  type: z.literal('Error'),
  code: z.string().optional(),
  description: z.string().optional(),
  message: z.string().optional(),
  variant: z.string().optional(),
  err_code: z.string().optional(),
  err_msg: z.string().optional(),
})
export type WireError = z.infer<typeof WireError>

export const FluxTurnInfo = z.object({
  type: z.literal('TurnInfo'),
  /** `StartOfTurn`, `Update`, `EagerEndOfTurn`, `TurnResumed` or `EndOfTurn`; Deepgram may add others. */
  event: z.string(),
  turn_index: z.number(),
  audio_window_start: z.number(),
  audio_window_end: z.number(),
  /** The whole turn so far. */
  transcript: z.string(),
  words: z.array(Word).default([]),
  end_of_turn_confidence: z.number().optional(),
  /** Only of an `EndOfTurn`: `model`, `manual` or `timeout`; Deepgram may add others. */
  trigger: z.string().optional(),
})
export type FluxTurnInfo = z.infer<typeof FluxTurnInfo>

const FluxThresholds = z.object({
  eot_threshold: z.number().optional(),
  eager_eot_threshold: z.number().optional(),
  eot_timeout_ms: z.number().optional(),
})

export const FluxServerMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Connected'), request_id: z.string() }),
  FluxTurnInfo,
  z.object({ type: z.literal('ConfigureSuccess') }),
  z.object({
    type: z.literal('ConfigureFailure'),
    error_code: z.string().optional(),
    description: z.string().optional(),
  }),
  WireError,
])
export type FluxServerMessage = z.infer<typeof FluxServerMessage>

/** There is neither a KeepAlive nor a Finalize: Flux ends a connection on which it gets one. */
export const FluxClientMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('CloseStream') }),
  z.object({ type: z.literal('ForceEndTurn') }),
  z.object({
    type: z.literal('Configure'),
    thresholds: FluxThresholds.optional(),
    keyterms: z.array(z.string()).optional(),
    language_hints: z.array(z.string()).optional(),
    numerals: z.boolean().optional(),
  }),
])
export type FluxClientMessage = z.infer<typeof FluxClientMessage>

export const NovaResults = z.object({
  type: z.literal('Results'),
  /** The window of audio this is about, in seconds since the connection was opened. */
  start: z.number(),
  duration: z.number(),
  is_final: z.boolean().default(false),
  speech_final: z.boolean().default(false),
  from_finalize: z.boolean().default(false),
  channel: z.object({
    alternatives: z.array(z.object({ transcript: z.string(), words: z.array(Word).default([]) })),
  }),
})
export type NovaResults = z.infer<typeof NovaResults>

export const NovaServerMessage = z.discriminatedUnion('type', [
  NovaResults,
  z.object({ type: z.literal('UtteranceEnd'), last_word_end: z.number() }),
  /** Sounds, not words; `timestamp` in seconds of audio. */
  z.object({ type: z.literal('SpeechStarted'), timestamp: z.number().optional() }),
  z.object({ type: z.literal('Metadata') }),
  z.object({ type: z.literal('ConfigureSuccess') }),
  z.object({ type: z.literal('ConfigureFailure') }),
  WireError,
])
export type NovaServerMessage = z.infer<typeof NovaServerMessage>

export const NovaClientMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('KeepAlive') }),
  z.object({ type: z.literal('Finalize'), channel: z.number().int().optional() }),
  z.object({ type: z.literal('CloseStream') }),
  z.object({
    type: z.literal('Configure'),
    keyterms: z.array(z.string()).nullish(),
    features: z.object({ numerals: z.boolean().optional() }).optional(),
  }),
])
export type NovaClientMessage = z.infer<typeof NovaClientMessage>

/** The body of a refused upgrade, in either of the two shapes that Deepgram uses. */
const RefusalBody = z.object({
  err_code: z.string().optional(),
  err_msg: z.string().optional(),
  category: z.string().optional(),
  error_code: z.string().optional(),
  message: z.string().optional(),
})

/** What a refusal says of itself; nothing when its body is empty or not JSON, which happens. */
export function parseRefusal(body: string): { code?: string; message?: string } {
  const parsed = RefusalBody.safeParse(parseJson(body))
  if (!parsed.success) return {}
  const { err_code, error_code, category, err_msg, message: text } = parsed.data
  const code = err_code ?? error_code ?? category
  const message = err_msg ?? text
  return { ...(code !== undefined && { code }), ...(message !== undefined && { message }) }
}

/** Undefined when it is not JSON, which no JSON text means. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What was sent is no secret to the caller: it has the text, and says what it thinks of it.
    return undefined
  }
}
