import type { Flight } from './replay-file.ts'

/** A record to be read: a line for each step (event, the phase it leads to, effects) and for each note. */
export function timeline({ header, entries, isCut }: Flight): string[] {
  const { call_id, direction, language, started_at, parley, redacted } = header
  const lines = entries.map((entry) => {
    const at = seconds(entry.at_ms)
    switch (entry.type) {
      case 'step': {
        const effects = entry.effects.map(described).join(', ')
        return `${at}  ${described(entry.event)} → ${entry.phase}${effects && `: ${effects}`}`
      }
      case 'note':
        return `${at}  · ${described(entry.note)}`
      case 'gap':
        return `${at}  · ${entry.lines} lines are missing, ${entry.steps} of them steps`
      case 'end':
        return `${at}  · end of the record`
    }
  })
  return [
    `${call_id}: ${direction}, ${language}, ${started_at}, Parley ${parley}${redacted ? ', redacted' : ''}`,
    ...lines,
    ...(isCut ? ['(the last line is cut off)'] : []),
  ]
}

/** 12345 → `   12.345` */
function seconds(ms: number): string {
  return (ms / 1000).toFixed(3).padStart(9)
}

/** A longer value is no longer read at a glance. */
const MOST_CHARS = 200

/** `reply_sent reply=2 then="hang_up"` */
function described({ type, ...fields }: { readonly type: string }): string {
  const parts = Object.entries(fields).map(([name, value]) => {
    const json = JSON.stringify(value)
    return `${name}=${json.length <= MOST_CHARS ? json : `${json.slice(0, MOST_CHARS)}…`}`
  })
  return [type, ...parts].join(' ')
}
