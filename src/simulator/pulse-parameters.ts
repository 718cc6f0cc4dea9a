import { z } from 'zod'

const flag = z.enum(['true', 'false']).transform((value) => value === 'true')

/** What Pulse hears as a stream, by the vendor's list. */
const LANGUAGES: ReadonlySet<string> = new Set(
  'bg bn cs da de en es et fi fr gu hi hu it kn lt lv ml mr mt nl or pa pl pt ro ru sk sv ta te uk zh ja ko multi'.split(
    ' ',
  ),
)

/** Query parameters of `/waves/v1/stt/live`. The stand-in understands the telephone's audio alone. */
export const PulseParameters = z.strictObject({
  model: z.literal('pulse'),
  language: z.string().refine((language) => LANGUAGES.has(language), 'is not supported'),
  encoding: z.literal('mulaw'),
  sample_rate: z.literal('8000'),
  word_timestamps: flag.default(false),
  endpointing: flag.default(true),
  eou_timeout_ms: z.coerce.number().int().min(100).max(10_000).default(800),
  vad_events: flag.default(false),
  diarize: flag.default(false),
})
export type PulseParameters = z.infer<typeof PulseParameters>
