import type { Turn } from '../pipeline/transcript.ts'

/** How the two sides are called in a transcript. */
export type Speakers = { readonly agent: string; readonly caller: string }

/** Marks where the caller cut the agent off. */
const CUT_OFF = ' —'

/** By their names where the spec has them. */
export function speakersOf(spec: {
  readonly agentName?: string | undefined
  readonly calleeName?: string | undefined
}): Speakers {
  return { agent: spec.agentName ?? 'Agent', caller: spec.calleeName ?? 'Caller' }
}

/**
 * A transcript to be read: one line a turn, `[mm:ss.t] Name: text`. Times count from the answer. What the agent could not say
 * to its end, ends in a dash; tools stand in parentheses, with what they were asked and what they said.
 */
export function transcriptText(turns: readonly Turn[], speakers: Speakers): string {
  return turns.map((turn) => `[${clockTime(turn.startMs)}] ${lineOf(turn, speakers)}\n`).join('')
}

function lineOf(turn: Turn, speakers: Speakers): string {
  if (turn.role === 'tool') {
    const input = JSON.stringify(turn.input) as string | undefined
    return `(${turn.name} ${input ?? ''} → ${oneLine(turn.result)})`
  }
  return `${speakers[turn.role]}: ${spokenText(turn)}`
}

function spokenText(turn: Exclude<Turn, { role: 'tool' }>): string {
  const isCut = turn.role === 'agent' && turn.interrupted
  return oneLine(turn.text) + (isCut ? CUT_OFF : '')
}

/**
 * A transcript to be shown next to the sound: WebVTT, one cue a turn, with the speaker as its voice (`<v Name>`). Tools are not
 * heard, and are left out. Cues are in the order of their beginnings, as WebVTT wants it; two people may talk at once.
 * https://www.w3.org/TR/webvtt1/
 */
export function transcriptVtt(turns: readonly Turn[], speakers: Speakers): string {
  const cues = turns
    .flatMap((turn) => (turn.role === 'tool' ? [] : [turn]))
    .map((turn) => {
      const startMs = Math.max(0, Math.round(turn.startMs))
      // A cue that ends where it begins is never shown.
      return { turn, startMs, endMs: Math.max(startMs + 1, Math.round(turn.endMs)) }
    })
    .sort((a, b) => a.startMs - b.startMs)
    .map(({ turn, startMs, endMs }, i) => {
      const text = `<v ${escaped(oneLine(speakers[turn.role]))}>${escaped(spokenText(turn))}`
      return `\n${i + 1}\n${cueTime(startMs)} --> ${cueTime(endMs)}\n${text}\n`
    })
  return `WEBVTT\n${cues.join('')}`
}

/** A line break would end a line of text, and an empty line a cue. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim()
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function cueTime(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return `${twoDigits(h)}:${twoDigits(m)}:${twoDigits(s)}.${String(ms % 1000).padStart(3, '0')}`
}

function clockTime(ms: number): string {
  const tenths = Math.max(0, Math.round(ms / 100))
  const seconds = Math.floor(tenths / 10)
  return `${twoDigits(Math.floor(seconds / 60))}:${twoDigits(seconds % 60)}.${tenths % 10}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
