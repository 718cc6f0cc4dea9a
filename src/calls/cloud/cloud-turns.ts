import type { CloudWords } from '../../pipeline/cloud-backend.ts'
import type { Turn } from '../../pipeline/transcript.ts'

/**
 * What was said in a call in the cloud, as turns. Nothing is told of what was heard of the agent, so nothing counts as cut
 * off; of when, only one moment, or nothing: then it was with what was said before.
 */
export function turnsOf(words: readonly CloudWords[], answeredAt: Date | undefined): Turn[] {
  let lastMs = 0
  return words
    .filter(({ text }) => text.trim() !== '')
    .map(({ role, text, at, offsetMs }) => {
      const told = offsetMs ?? (at && answeredAt && at.getTime() - answeredAt.getTime())
      lastMs = Math.max(lastMs, told ?? 0)
      const when = { startMs: lastMs, endMs: lastMs }
      return role === 'agent'
        ? { role, text, interrupted: false, ...when }
        : { role, text, ...when }
    })
}

/** Those of `turns` that are not among those told already. */
export function untold(turns: readonly Turn[], told: readonly Turn[]): readonly Turn[] {
  const left = told.map(keyOf)
  return turns.filter((turn) => {
    const at = left.indexOf(keyOf(turn))
    if (at !== -1) left.splice(at, 1)
    return at === -1
  })
}

function keyOf(turn: Turn): string {
  return `${turn.role} ${turn.role === 'tool' ? turn.id : turn.text}`
}
