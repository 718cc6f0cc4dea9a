import { z } from 'zod'
import type { Alignment } from '../../pipeline/ports.ts'

/**
 * The JSON of ElevenLabs' text-to-speech sockets, single and multi-context. Its published schemas and its live traffic
 * spell the same fields in snake_case and in camelCase, so both are understood everywhere.
 */
const WireVoiceSettings = z.object({
  stability: z.number().optional(),
  similarity_boost: z.number().optional(),
  style: z.number().optional(),
  use_speaker_boost: z.boolean().optional(),
  speed: z.number().optional(),
})

const GenerationConfig = z.object({
  chunk_length_schedule: z.array(z.number().min(50).max(500)).optional(),
})

/** Every message that a client may send is some of these fields; which of them, says what it means. */
export const ClientMessage = z.object({
  text: z.string().optional(),
  context_id: z.string().optional(),
  contextId: z.string().optional(),
  voice_settings: WireVoiceSettings.optional(),
  generation_config: GenerationConfig.optional(),
  generator_config: GenerationConfig.optional(),
  flush: z.boolean().optional(),
  try_trigger_generation: z.boolean().optional(),
  close_context: z.boolean().optional(),
  close_socket: z.boolean().optional(),
  'xi-api-key': z.string().optional(),
  xi_api_key: z.string().optional(),
  authorization: z.string().optional(),
})
export type ClientMessage = z.infer<typeof ClientMessage>

/** How the voice speaks; what is left out is as the voice's owner set it. */
export type VoiceSettings = {
  readonly stability?: number
  readonly similarityBoost?: number
  readonly style?: number
  readonly useSpeakerBoost?: boolean
  readonly speed?: number
}

export function encodeVoiceSettings(
  settings: VoiceSettings,
): NonNullable<ClientMessage['voice_settings']> {
  return {
    stability: settings.stability,
    similarity_boost: settings.similarityBoost,
    style: settings.style,
    use_speaker_boost: settings.useSpeakerBoost,
    speed: settings.speed,
  }
}

/** What may be missing or null is `undefined`. */
function maybe<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined)
}

const times = z.array(z.number()).optional()

const WireAlignment = maybe(
  z
    .object({
      chars: z.array(z.string()),
      charStartTimesMs: times,
      charsStartTimesMs: times,
      char_start_times_ms: times,
      charDurationsMs: times,
      charsDurationsMs: times,
      char_durations_ms: times,
    })
    .transform((wire): Alignment | undefined => {
      const startMs = wire.charStartTimesMs ?? wire.charsStartTimesMs ?? wire.char_start_times_ms
      const durationMs = wire.charDurationsMs ?? wire.charsDurationsMs ?? wire.char_durations_ms
      const complete =
        startMs?.length === wire.chars.length && durationMs?.length === wire.chars.length
      return complete ? { chars: wire.chars, startMs, durationMs } : undefined
    }),
)
  // Audio without its timing is better than none.
  .catch(undefined)

const ServerMessage = z
  .object({
    audio: maybe(z.string()),
    isFinal: maybe(z.boolean()),
    is_final: maybe(z.boolean()),
    contextId: maybe(z.string()),
    context_id: maybe(z.string()),
    alignment: WireAlignment,
    normalizedAlignment: WireAlignment,
    normalized_alignment: WireAlignment,
    error: maybe(z.string()),
    message: maybe(z.string()),
    code: maybe(z.coerce.number()),
  })
  .transform((wire) => ({
    audio: wire.audio,
    final: wire.isFinal ?? wire.is_final ?? false,
    contextId: wire.contextId ?? wire.context_id,
    alignment: wire.alignment ?? wire.normalizedAlignment ?? wire.normalized_alignment,
    error: wire.error,
    message: wire.message,
    code: wire.code,
  }))

export type ErrorFrame = {
  readonly type: 'error'
  /** Absent: the whole socket is about to close. */
  readonly contextId: string | undefined
  readonly error: string | undefined
  readonly message: string
  readonly code: number | undefined
}

export type SpeechFrame = {
  readonly type: 'speech'
  readonly contextId: string | undefined
  readonly audio: Uint8Array
  /** Of the text as it was sent; of the text as it was read (numbers in words) when only that was given. */
  readonly alignment: Alignment | undefined
  /** All audio of this context has been sent. */
  readonly final: boolean
}

export type ServerFrame =
  | SpeechFrame
  | ErrorFrame
  /** JSON that this adapter has no use for, such as `flush_done`. */
  | { readonly type: 'unknown' }
  | { readonly type: 'not_json' }

const AUDIO_FIRST = '{"audio":"'
const NO_AUDIO = new Uint8Array(0)

/**
 * The base64 of a frame is most of its bytes, and comes first: it is cut out and only the rest is parsed and
 * checked, at about half the cost of parsing all of it. A frame of another shape is parsed whole.
 */
export function parseServerFrame(text: string): ServerFrame {
  const end = text.startsWith(AUDIO_FIRST) ? text.indexOf('"', AUDIO_FIRST.length) : -1
  if (end === -1) return readFrame(text, undefined)
  return readFrame(`{"audio":null${text.slice(end + 1)}`, text.slice(AUDIO_FIRST.length, end))
}

function readFrame(json: string, payload: string | undefined): ServerFrame {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return { type: 'not_json' }
  }
  const parsed = ServerMessage.safeParse(value)
  return parsed.success ? frameOf(parsed.data, payload) : { type: 'unknown' }
}

function frameOf(message: z.infer<typeof ServerMessage>, payload: string | undefined): ServerFrame {
  const { contextId, error, code, alignment, final } = message
  if (error !== undefined || (message.message !== undefined && code !== undefined)) {
    return { type: 'error', contextId, error, message: message.message ?? error ?? '', code }
  }
  const audio = payload ?? message.audio ?? ''
  if (audio === '' && !final) return { type: 'unknown' }
  return {
    type: 'speech',
    contextId,
    audio: audio === '' ? NO_AUDIO : Buffer.from(audio, 'base64'),
    alignment,
    final,
  }
}

const Refusal = z.object({
  detail: z.union([
    z.object({ status: z.string().optional(), message: z.string().optional() }),
    z.array(z.object({ msg: z.string() })),
    z.string(),
  ]),
})

/** What the body of a refused request says: `detail` is an object, the list of a failed validation, or a text. */
export function parseRefusal(body: string): {
  readonly status: string | undefined
  readonly message: string | undefined
} {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return { status: undefined, message: undefined }
  }
  const detail = Refusal.safeParse(value).data?.detail
  if (detail === undefined) return { status: undefined, message: undefined }
  if (typeof detail === 'string') return { status: undefined, message: detail }
  if (Array.isArray(detail)) {
    return { status: undefined, message: detail.map((problem) => problem.msg).join('; ') }
  }
  return { status: detail.status, message: detail.message }
}
