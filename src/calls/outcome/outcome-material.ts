import type { Turn } from '../../pipeline/transcript.ts'
import type { CallRecord } from '../record.ts'

/** As much of a tool's arguments or result as a reader needs; a call may hold hundreds of them. */
const MAX_TOOL_CHARS = 2000

/**
 * A call as text for whoever is to say what came out of it: what it was for, and its transcript, in which every turn has its
 * number. Without a literal `<` inside, no words of it can close their tag or open another.
 */
export function materialOf(record: CallRecord): string {
  const { spec, direction } = record
  const call = [
    tag('direction', direction),
    tag('day', record.createdAt.toISOString().slice(0, 10)),
    tag('purpose', spec.action),
    tag('facts', spec.context),
    tag('person_name', spec.calleeName),
    tag('answered_by', record.answeredBy),
    tag('ended', record.endReason),
  ].filter((line) => line !== undefined)
  const turns = record.turns.map(lineOf)
  return [...wrapped('call', call), ...wrapped('transcript', turns)].join('\n')
}

function wrapped(name: string, lines: readonly string[]): readonly string[] {
  return [`<${name}>`, ...lines, `</${name}>`]
}

function tag(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `<${name}>${plain(value)}</${name}>`
}

function lineOf(turn: Turn, index: number): string {
  const open = `<turn number="${index}" by="${turn.role === 'caller' ? 'person' : turn.role}">`
  switch (turn.role) {
    case 'caller':
      return `${open}${plain(turn.text)}</turn>`
    case 'agent':
      return `${open}${plain(turn.text)}${turn.interrupted ? ' —' : ''}</turn>`
    case 'tool': {
      const input = JSON.stringify(turn.input ?? null).slice(0, MAX_TOOL_CHARS)
      const result = turn.result.slice(0, MAX_TOOL_CHARS)
      return `${open}${plain(`${turn.name} ${input}: ${result}`)}</turn>`
    }
  }
}

function plain(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').toWellFormed().replaceAll('<', '&lt;')
}
