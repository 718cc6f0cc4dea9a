import { z } from 'zod'

/**
 * The JSON of Deepgram's text-to-speech socket, `/v1/speak`. Audio comes as binary messages, raw, in the encoding that the request
 * asked for; there are neither ids of speeches nor times of words.
 */
export const SpeakClientMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Speak'), text: z.string() }),
  /** Speak what was given so far, and say when all of it was sent. */
  z.object({ type: z.literal('Flush') }),
  /** Forget what was given and not sent. */
  z.object({ type: z.literal('Clear') }),
  /** Speak what was given, and end the connection. */
  z.object({ type: z.literal('Close') }),
])
export type SpeakClientMessage = z.infer<typeof SpeakClientMessage>

/** More flushes of one connection within a minute than this are refused. */
export const MAX_FLUSHES = 20
export const FLUSHES_WITHIN_MS = 60_000

export const SpeakServerMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('Metadata'),
    request_id: z.string().optional(),
    model_name: z.string().optional(),
  }),
  z.object({ type: z.literal('Flushed'), sequence_id: z.number().optional() }),
  z.object({ type: z.literal('Cleared'), sequence_id: z.number().optional() }),
  z.object({
    type: z.literal('Warning'),
    code: z.string().optional(),
    description: z.string().optional(),
  }),
])
export type SpeakServerMessage = z.infer<typeof SpeakServerMessage>
