import { styleText } from 'node:util'
import { z } from 'zod'

/** An event as `GET /api/phone/calls/{call_id}/events` tells it: what the terminal shows of it. */
export const EventJson = z.looseObject({
  type: z.string(),
  call_id: z.string(),
  at: z.string(),
  status: z.string().optional(),
  end_reason: z.string().nullish(),
  answered_by: z.string().optional(),
  failure: z.looseObject({ by: z.string(), code: z.string(), message: z.string() }).nullish(),
  call: z.looseObject({ direction: z.string(), phone_number: z.string() }).optional(),
  turn: z
    .looseObject({
      role: z.enum(['caller', 'agent', 'tool']),
      text: z.string().optional(),
      interrupted: z.boolean().optional(),
      name: z.string().optional(),
      result: z.string().optional(),
    })
    .optional(),
  outcome: z
    .looseObject({ disposition: z.string().optional(), summary: z.string().nullish() })
    .nullish(),
})
export type EventJson = z.infer<typeof EventJson>

/** An event as a line for people; undefined when there is nothing to show. */
export function lineOf(event: EventJson): string | undefined {
  const words = wordsOf(event)
  return words === undefined ? undefined : `${styleText('dim', event.at.slice(11, 19))}  ${words}`
}

const WORDS: Readonly<Record<string, (event: EventJson) => string | undefined>> = {
  'call.created': ({ call }) => `${call?.direction ?? ''} call ${call?.phone_number ?? ''}`.trim(),
  'call.status': ({ status }) => styleText('dim', status?.replace('_', ' ') ?? ''),
  'call.answered': () => styleText('dim', 'answered'),
  'call.resumed': () => styleText('yellow', 'goes on after a restart'),
  'call.answered_by': ({ answered_by: who }) =>
    styleText('dim', `by ${who?.replace('_', ' ') ?? '?'}`),
  'call.opted_out': () => styleText('yellow', 'does not want to be called again'),
  turn: ({ turn }) => turnWords(turn),
  'call.ended': endWords,
  'call.outcome': ({ outcome }) =>
    `${styleText('bold', outcome?.disposition ?? 'outcome')}  ${outcome?.summary ?? ''}`,
}

function wordsOf(event: EventJson): string | undefined {
  return WORDS[event.type]?.(event)
}

function turnWords(turn: EventJson['turn']): string | undefined {
  if (!turn) return undefined
  if (turn.role === 'tool')
    return styleText('magenta', `${turn.name ?? '?'} → ${turn.result ?? ''}`)
  const cut = turn.interrupted === true ? styleText('yellow', ' — (cut off)') : ''
  const color = turn.role === 'agent' ? 'cyan' : 'green'
  return `${styleText(color, turn.role.padEnd(6))} ${turn.text ?? ''}${cut}`
}

function endWords({ status, end_reason: reason, failure }: EventJson): string {
  const why = reason?.replaceAll('_', ' ') ?? ''
  const blame = failure ? `: ${failure.by}, ${failure.code}: ${failure.message}` : ''
  return styleText(failure ? 'red' : 'bold', `${status ?? 'over'}, ${why}${blame}`)
}
