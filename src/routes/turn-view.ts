import { z } from 'zod'
import { latenciesOf } from '../calls/turn-latencies.ts'
import type { TurnTimings } from '../pipeline/timings.ts'
import type { Turn } from '../pipeline/transcript.ts'
import { REPLY_KINDS } from '../pipeline/turn-events.ts'

/** Turns and their times as the API shows them: whole milliseconds. */
const ms = z.int()
const maybeMs = ms.nullable()

export const TurnView = z.discriminatedUnion('role', [
  z.object({ role: z.literal('caller'), text: z.string(), start_ms: ms, end_ms: ms }),
  z.object({
    role: z.literal('agent'),
    text: z.string().meta({ description: 'The words that were heard' }),
    interrupted: z.boolean().meta({ description: 'The caller cut the agent off after `text`' }),
    filler: z.literal(true).optional().meta({ description: 'Words that only filled a wait' }),
    start_ms: ms,
    end_ms: ms,
  }),
  z.object({
    role: z.literal('tool'),
    id: z.string(),
    name: z.string(),
    input: z.unknown(),
    result: z.string(),
    start_ms: ms,
    end_ms: ms,
  }),
])

export const TimingsView = z
  .object({
    reply: z.int(),
    kind: z.enum(REPLY_KINDS),
    speech_end_ms: ms.optional(),
    turn_end_ms: ms.optional(),
    filler_ms: ms.optional().meta({ description: 'The first words that only filled the wait' }),
    first_text_ms: ms.optional(),
    first_phrase_ms: ms.optional(),
    first_audio_ms: ms.optional(),
    heard_ms: ms.optional(),
    barge_in_ms: ms.optional(),
    cleared_ms: ms.optional(),
  })
  .meta({ description: 'Milliseconds since the line was there, for one turn of the agent' })

export const LatenciesView = z
  .object({
    reply: z.int(),
    kind: z.enum(REPLY_KINDS),
    wait_ms: maybeMs.meta({
      description:
        'What the person waited: the end of their last word → the first sound of the answer in their ear. Null where words filled the wait first, for the opening, and for what was never heard',
    }),
    filler_ms: maybeMs.meta({
      description: 'The end of their last word → words in their ear that only fill the wait',
    }),
    stt_ms: maybeMs.meta({
      description: 'The end of their last word → the turn is known to be over',
    }),
    llm_ms: maybeMs.meta({ description: '… → the first text of the model' }),
    phrase_ms: maybeMs.meta({ description: '… → the first whole phrase' }),
    tts_ms: maybeMs.meta({ description: '… → the first audio of it' }),
    playout_ms: maybeMs.meta({ description: '… → heard' }),
    stop_ms: maybeMs.meta({
      description: 'The words that cut the agent off → the line was silenced',
    }),
  })
  .meta({ description: 'Where the time of one turn of the agent went, stage by stage' })

export function turnOf(turn: Turn): z.infer<typeof TurnView> {
  const { startMs, endMs, ...said } = turn
  return { ...said, start_ms: Math.round(startMs), end_ms: Math.round(endMs) }
}

export function timingsOf(times: TurnTimings): z.infer<typeof TimingsView> {
  return {
    reply: times.reply,
    kind: times.kind,
    ...rounded('speech_end_ms', times.speechEndMs),
    ...rounded('turn_end_ms', times.turnEndMs),
    ...rounded('filler_ms', times.fillerMs),
    ...rounded('first_text_ms', times.firstTextMs),
    ...rounded('first_phrase_ms', times.firstPhraseMs),
    ...rounded('first_audio_ms', times.firstAudioMs),
    ...rounded('heard_ms', times.heardMs),
    ...rounded('barge_in_ms', times.bargeInMs),
    ...rounded('cleared_ms', times.clearedMs),
  }
}

export function latenciesViewOf(times: TurnTimings): z.infer<typeof LatenciesView> {
  const latencies = latenciesOf(times)
  return {
    reply: latencies.reply,
    kind: latencies.kind,
    wait_ms: orNull(latencies.waitMs),
    filler_ms: orNull(latencies.fillerMs),
    stt_ms: orNull(latencies.sttMs),
    llm_ms: orNull(latencies.llmMs),
    phrase_ms: orNull(latencies.phraseMs),
    tts_ms: orNull(latencies.ttsMs),
    playout_ms: orNull(latencies.playoutMs),
    stop_ms: orNull(latencies.stopMs),
  }
}

function orNull(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value)
}

function rounded(name: string, value: number | undefined): Readonly<Record<string, number>> {
  return value === undefined ? {} : { [name]: Math.round(value) }
}
