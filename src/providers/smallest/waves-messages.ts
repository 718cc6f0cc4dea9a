import { z } from 'zod'

/** The JSON of Waves' text to speech: one body for the whole audio and for its stream, and the socket's messages. */

export const WAVES_MODELS = ['lightning_v3.1', 'lightning_v3.1_pro'] as const
export const SAMPLE_RATES_HZ = [8000, 16_000, 24_000, 44_100] as const
/** Waves knows `mp3` and `alaw` as well; nothing here has a use for them. */
export const OUTPUT_FORMATS = ['pcm', 'ulaw', 'wav'] as const
export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

const Id = z
  .string()
  .max(128)
  .regex(/^[\w.-]+$/)

export const SpeechRequest = z.object({
  text: z.string(),
  voice_id: z.string(),
  model: z.string().optional(),
  sample_rate: z.number().optional(),
  /** 0.5 to 2 */
  speed: z.number().optional(),
  language: z.string().optional(),
  output_format: z.string().optional(),
})
export type SpeechRequest = z.infer<typeof SpeechRequest>

/** `output_format` is in no schema of the socket. */
export const SocketRequest = SpeechRequest.extend({
  /** More text follows. */
  continue: z.boolean().optional(),
  /** Speak what there is now. */
  flush: z.boolean().optional(),
  /** How long after its last audio the server says `complete`: 4,000 unless asked otherwise, 10,000 at most. */
  complete_backoff_ms: z.number().optional(),
  word_timestamps: z.boolean().optional(),
  request_id: Id.optional(),
})
export type SocketRequest = z.infer<typeof SocketRequest>

const Correlated = { external_request_id: z.string().optional() }

export const SocketFrame = z.discriminatedUnion('status', [
  z.object({ status: z.literal('chunk'), data: z.object({ audio: z.string() }), ...Correlated }),
  z.object({
    status: z.literal('word_timestamp'),
    /** Seconds from the beginning of the stream of audio; the word as it stands in the text. */
    data: z.object({ word: z.string(), start: z.number(), end: z.number() }),
    ...Correlated,
  }),
  /** The last one: the server closes. */
  z.object({ status: z.literal('complete'), ...Correlated }),
  z.object({
    status: z.literal('error'),
    message: z.string().optional(),
    error: z.union([z.string(), z.object({ message: z.string().optional() })]).optional(),
  }),
])
export type SocketFrame = z.infer<typeof SocketFrame>

/** The data of one server-sent event of `POST /waves/v1/tts/live`. */
export const StreamedAudio = z.object({
  audio: z.string().optional(),
  done: z.boolean().optional(),
})

export const Voice = z.looseObject({
  voiceId: z.string(),
  displayName: z.string().optional(),
  tags: z.looseObject({ language: z.array(z.string()).optional() }).optional(),
})
export type Voice = z.infer<typeof Voice>

export const Voices = z.object({ voices: z.array(Voice) })

export const WavesRefusal = z.object({
  error: z.union([z.string(), z.object({ message: z.string().optional() })]).optional(),
  message: z.string().optional(),
})
