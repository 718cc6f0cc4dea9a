import { z } from 'zod'

/** The JSON of Pulse's socket, `/waves/v1/stt/live` (docs/smallest.md says which pages it is from). */
const Word = z.object({
  word: z.string(),
  /** Seconds of audio since the connection was opened. */
  start: z.number().optional(),
  end: z.number().optional(),
})

const Transcription = z.object({
  type: z.literal('transcription'),
  /** The text stands under either name. */
  transcription: z.string().optional(),
  transcript: z.string().optional(),
  /** The text will not change any more. With endpointing, the speaker has stopped as well. */
  is_final: z.boolean().default(false),
  /** Nothing follows: the answer to `close_stream`. */
  is_last: z.boolean().default(false),
  from_finalize: z.boolean().default(false),
  words: z.array(Word).default([]),
})
export type Transcription = z.infer<typeof Transcription>

const PulseError = z.object({
  type: z.literal('error'),
  message: z.string().optional(),
  status: z.string().optional(),
})
export type PulseError = z.infer<typeof PulseError>

export const PulseServerMessage = z.discriminatedUnion('type', [
  Transcription,
  PulseError,
  /** Sounds, not words. */
  z.object({ type: z.literal('speech_started') }),
  z.object({ type: z.literal('speech_ended') }),
])

export const PulseClientMessage = z.discriminatedUnion('type', [
  /** The end of a turn: what is there becomes final, and the connection stays open. */
  z.object({ type: z.literal('finalize') }),
  z.object({ type: z.literal('close_stream') }),
])
export type PulseClientMessage = z.infer<typeof PulseClientMessage>
