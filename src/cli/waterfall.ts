/** Times of one agent turn in a call's record, in milliseconds since the line was attached. */
export type StageTimes = {
  readonly reply: number
  readonly kind: string
  readonly speech_end_ms?: number | undefined
  readonly turn_end_ms?: number | undefined
  readonly first_text_ms?: number | undefined
  readonly first_audio_ms?: number | undefined
  readonly heard_ms?: number | undefined
}

type Stage = { readonly name: string; readonly fill: string; readonly ms: number }

/** One character of a bar. */
const CELL_MS = 25

/**
 * A turn's latency, stage by stage, as a line of text: from the end of the caller's speech to the first sound of the
 * answer. Undefined when the turn was never heard.
 */
export function waterfall(times: StageTimes): string | undefined {
  const { heard_ms: heard, speech_end_ms: from, turn_end_ms: turnEnd } = times
  if (heard === undefined) return undefined
  if (times.kind === 'opening') {
    const begun = times.first_text_ms ?? 0
    const ready = begun < 0 ? `first words ready ${format(-begun)} ms before the line was; ` : ''
    const sent = times.first_audio_ms ?? heard
    return `opening   ${ready}sent ${format(sent)} and heard ${format(heard)} ms after it`
  }
  const start = from ?? turnEnd
  if (start === undefined) return undefined
  const stages = stagesOf(start, times, heard)
  const bar = stages
    .map(({ fill, ms }) => fill.repeat(Math.round(Math.max(0, ms) / CELL_MS)))
    .join('')
  const legend = stages.map(({ name, ms }) => `${name} ${format(ms)}`).join(' + ')
  return `turn ${String(times.reply).padEnd(4)} ${bar}\n          ${legend} = ${format(heard - start)} ms`
}

function stagesOf(start: number, times: StageTimes, heard: number): Stage[] {
  let at = start
  const stages: Stage[] = []
  const add = (name: string, fill: string, until: number | undefined) => {
    if (until === undefined) return
    stages.push({ name, fill, ms: until - at })
    at = until
  }
  add('transcript', '░', times.turn_end_ms)
  add('first token', '▒', times.first_text_ms)
  add('first audio', '▓', times.first_audio_ms)
  add('heard', '█', heard)
  return stages
}

function format(ms: number): string {
  return String(Math.round(ms))
}
