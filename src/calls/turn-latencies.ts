import type { TurnTimings } from '../pipeline/timings.ts'

/**
 * Where the time of one turn of the agent went, in milliseconds. A stage is undefined when one of its ends is; stages that
 * overlap (an answer prepared while the caller was still speaking) count only what the person waited for them.
 */
export type TurnLatencies = Pick<TurnTimings, 'reply' | 'kind'> & {
  /** The caller's last word → the first sound of the answer in their ear. Undefined when words filled the wait first. */
  readonly waitMs?: number | undefined
  /** The caller's last word → words in their ear that only fill the wait. */
  readonly fillerMs?: number | undefined
  /** The caller's last word → the turn is known to be over. */
  readonly sttMs?: number | undefined
  /** … → the model's first text. */
  readonly llmMs?: number | undefined
  /** … → the first whole phrase. */
  readonly phraseMs?: number | undefined
  /** … → the first audio of it. */
  readonly ttsMs?: number | undefined
  /** … → heard. */
  readonly playoutMs?: number | undefined
  /** The caller's words that cut the agent off → the line was silenced. */
  readonly stopMs?: number | undefined
}

export function latenciesOf(times: TurnTimings): TurnLatencies {
  const { reply, kind, speechEndMs, turnEndMs, firstTextMs, fillerMs, heardMs } = times
  const start = speechEndMs ?? turnEndMs
  // The times of phrase, audio and ear are of whatever came first.
  const isFilled = fillerMs !== undefined && fillerMs <= (times.firstAudioMs ?? Infinity)
  const stage = stages(start)
  const waitMs = gap(start, heardMs)
  return {
    reply,
    kind,
    sttMs: speechEndMs === undefined ? undefined : stage(turnEndMs),
    llmMs: stage(firstTextMs),
    ...(isFilled
      ? { fillerMs: waitMs }
      : {
          phraseMs: stage(times.firstPhraseMs),
          ttsMs: stage(times.firstAudioMs),
          playoutMs: stage(heardMs),
          waitMs,
        }),
    stopMs: gap(times.bargeInMs, times.clearedMs),
  }
}

/** Measures one stage after the other; a time that lies before the last one adds nothing. */
function stages(start: number | undefined) {
  let at = start
  return (until: number | undefined): number | undefined => {
    if (at === undefined || until === undefined) return undefined
    const ms = Math.max(0, until - at)
    at = Math.max(at, until)
    return ms
  }
}

function gap(from: number | undefined, until: number | undefined): number | undefined {
  return from === undefined || until === undefined ? undefined : Math.max(0, until - from)
}
