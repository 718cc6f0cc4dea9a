import { rewrite } from './patterns.ts'
import type { RuleFor } from './rule.ts'

/** `2:30 pm`, `14:05`, `14 Uhr`, `14h30`. */
export const timeRule: RuleFor = (wording) => (text) =>
  rewrite(text, wording.timePattern, (groups, { after }) => {
    const hour = Number(groups['hour'])
    const minute = groups['minute'] ?? groups['dotMinute'] ?? groups['lateMinute']
    const half = (groups['half'] ?? groups['hourHalf'])?.charAt(0).toLowerCase()
    const words = wording.time({
      hour,
      minute: minute === undefined ? undefined : Number(minute),
      half: half === 'a' ? 'am' : half === 'p' ? 'pm' : undefined,
    })
    // “2pm.” ends with one full stop, not two.
    return words.endsWith('.') && after.startsWith('.') ? words.slice(0, -1) : words
  })
