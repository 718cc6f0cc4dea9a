import { latenciesOf, type TurnLatencies } from '../calls/turn-latencies.ts'
import type { TurnTimings } from '../pipeline/timings.ts'
import type { TurnAir } from './line-air.ts'

/** What a turn's latency is made of; `tool`: how long a tool ran. */
export type StageName = 'stt' | 'llm' | 'phrase' | 'tts' | 'playout' | 'tool'

/** What one turn of the agent amounted to, in milliseconds. */
export type TurnFigures = {
  /** From the end of the caller's speech to the first sound of the answer itself; a filler before it is none. */
  readonly latencyMs?: number
  /** What each stage added to it; together they are the latency. Empty when a filler or a tool came in between. */
  readonly stages: readonly { readonly stage: StageName; readonly ms: number }[]
  /** How long the person heard nothing although it was the agent's turn: before its first sound, and in the middle. */
  readonly silencesMs: readonly number[]
  /** What words filled the wait for, if any did: a tool, or an answer that did not come. */
  readonly filledFor?: 'tool' | 'dead_air'
  /** The caller's words reached us, and so much later the line was silent. */
  readonly stopMs?: number
}

/** When a tool ran in a turn, in milliseconds since the line was attached. */
export type ToolSpan = { readonly startMs: number; readonly endMs: number }

/**
 * Works out a turn's figures from its times, and from what its line was given to play meanwhile.
 *
 * @param air as the line saw it; its times count from the same moment as those of `times`
 * @param tools those that were over before the turn was
 */
export function turnFigures(
  times: TurnTimings,
  { air, tools }: { air: TurnAir; tools: readonly ToolSpan[] },
): TurnFigures {
  const { kind, fillerMs, firstTextMs, firstAudioMs } = times
  const latencies = latenciesOf(times)
  // A reply of stock words, such as "are you still there?", answers nothing.
  const asked = kind === 'answer' ? times.speechEndMs : undefined
  const firstSoundMs = times.heardMs ?? times.firstAudioMs
  const isFilled = fillerMs !== undefined && fillerMs <= (firstAudioMs ?? Infinity)
  const answerMs = isFilled ? answerAfterFiller(times, air) : firstSoundMs
  const isChain = !isFilled && !tools.some(({ startMs }) => startMs < (firstTextMs ?? Infinity))
  const isHeard = asked !== undefined && firstSoundMs !== undefined
  return {
    ...(asked !== undefined && answerMs !== undefined && { latencyMs: answerMs - asked }),
    stages: asked !== undefined && isChain ? stagesOf(latencies) : [],
    silencesMs: [...(isHeard ? [firstSoundMs - asked] : []), ...air.gapsMs],
    ...filledFor(times, tools),
    ...(latencies.stopMs !== undefined && { stopMs: latencies.stopMs }),
  }
}

function filledFor(
  { fillerMs }: TurnTimings,
  tools: readonly ToolSpan[],
): Pick<TurnFigures, 'filledFor'> {
  if (fillerMs === undefined) return {}
  return { filledFor: tools.some(({ startMs }) => startMs < fillerMs) ? 'tool' : 'dead_air' }
}

/**
 * The answer is the first audio that was sent after the filler, when the model had begun to write it. It takes as long to the person's ear as the
 * filler took, by the first mark that came back.
 */
function answerAfterFiller(times: TurnTimings, { pieces }: TurnAir): number | undefined {
  const { firstTextMs, fillerMs = 0, firstAudioMs, heardMs } = times
  if (firstTextMs === undefined) return undefined
  const answer = pieces.find(({ sentMs }) => sentMs >= firstTextMs && sentMs > fillerMs)
  const wayMs = Math.max(0, (heardMs ?? 0) - (firstAudioMs ?? heardMs ?? 0))
  return answer && answer.playsMs + wayMs
}

function stagesOf(latencies: TurnLatencies): TurnFigures['stages'] {
  const { sttMs, llmMs, phraseMs, ttsMs, playoutMs } = latencies
  const stages: readonly (readonly [StageName, number | undefined])[] = [
    ['stt', sttMs],
    ['llm', llmMs],
    ['phrase', phraseMs],
    ['tts', ttsMs],
    ['playout', playoutMs],
  ]
  return stages.flatMap(([stage, ms]) => (ms === undefined ? [] : [{ stage, ms }]))
}
