import { z } from 'zod'

/** What came of a call, in one word. */
export const DISPOSITIONS = [
  'completed', // there was a conversation
  'voicemail_left', // a machine has the message
  'voicemail_no_message', // a machine answered, and no message was left
  'screened', // an assistant asked who is calling, and nobody came
  'ivr_no_agent', // a menu or a queue answered, and nobody came
  'wrong_number', // the person is not the one who was wanted
  'callback_requested', // the person wants to be called another time
  'opted_out', // the person does not want to be called again
  'transferred', // the person was handed over to somebody else
  'no_answer', // nobody picked up, or the call was called off before
  'busy',
  'failed', // `failedBy` says by whose fault
] as const
export type Disposition = (typeof DISPOSITIONS)[number]

/** Whose fault a failed call is. `callee`: who was called, or had called, said nothing or cannot be called. */
export const BLAMED = [
  'us',
  'twilio',
  'deepgram',
  'anthropic',
  'elevenlabs',
  'smallest',
  'carrier', // the telephone network
  'callee',
] as const
export type Blamed = (typeof BLAMED)[number]

/**
 * What came out of a call, as it is kept: nothing but JSON, so that a store can keep it as text. Turns are counted from 0, as
 * in the record's `turns`.
 */
export const CallOutcome = z.object({
  disposition: z.enum(DISPOSITIONS),
  /** Of `failed` only. */
  failedBy: z.enum(BLAMED).optional(),
  /** Of `callback_requested` only: when, in the words of the call. */
  callbackAt: z.string().optional(),
  /** Of `completed` only: the person did not want what the call was for. */
  refused: z.literal(true).optional(),
  /** Two sentences; undefined when the model could not be asked. */
  summary: z.string().optional(),
  /** What the spec's `outcome_schema` asks for, without the fields that are unknown; undefined when there is none of it. */
  data: z.unknown().optional(),
  /** Field of `data` → the turn that it rests on. The field is called `answer` when `data` has no fields. */
  turns: z.record(z.string(), z.int()),
  /** Fields of the `outcome_schema` that the call says nothing about. */
  unknown: z.array(z.string()).readonly(),
  /** Why there is no summary, or not what was asked for. */
  problems: z.array(z.string()).readonly(),
})
export type CallOutcome = z.infer<typeof CallOutcome>
