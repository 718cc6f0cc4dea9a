import { agrees } from './agreement.ts'
import type { ToolCall } from './tools.ts'
import type { Turn } from './transcript.ts'

/** What the spec says of a tool beyond its arguments. Enforced here, whatever the model has been talked into. */
export type ToolPolicy = {
  /** The person must agree to every run, after the agent has said what it is about to do. */
  readonly confirm?: boolean | undefined
  /** Runs in one call. */
  readonly maxCalls?: number | undefined
}

/** What the model is told instead of a result; also the mark in the transcript from which on agreement counts. */
export const ASK_FIRST =
  'Not run yet: the person has to agree first. Tell them exactly what you are about to do, with every detail of these arguments, ' +
  'and ask whether that is right. Once they have said yes, call this tool again with the same arguments.'

const USED_UP =
  'Not run: this tool may not be used again in this call. Go on without it, and tell the person what you cannot do.'

/**
 * Why a call whose arguments fit may not run, as words for the model; undefined when it may.
 *
 * @param context.turns the transcript: what the person has heard, and what they have said
 * @param context.ran how often the tool has run in this call
 */
export function policyProblem(
  call: ToolCall,
  policy: ToolPolicy,
  { turns, ran }: { readonly turns: readonly Turn[]; readonly ran: number },
): string | undefined {
  if (policy.maxCalls !== undefined && ran >= policy.maxCalls) return USED_UP
  return policy.confirm && !hasAgreed(turns, toolCallKey(call)) ? ASK_FIRST : undefined
}

/**
 * Whether the person has agreed to this very call: since it was put off, the agent has spoken to the end of what it had to say,
 * and what the person answered to that is a yes.
 */
function hasAgreed(turns: readonly Turn[], key: string): boolean {
  const asked = turns.findLastIndex((turn) => turn.role === 'tool' && toolCallKey(turn) === key)
  const last = turns[asked]
  if (last?.role !== 'tool' || last.result !== ASK_FIRST) return false
  const told = turns.findLastIndex((turn) => turn.role === 'agent' && !turn.interrupted)
  if (told < asked) return false
  const answer = turns.slice(told + 1).flatMap((turn) => (turn.role === 'caller' ? turn.text : []))
  return agrees(answer.join(' '))
}

/** The same for calls that ask the same: the order of arguments does not matter. */
export function toolCallKey({ name, input }: Pick<ToolCall, 'name' | 'input'>): string {
  return JSON.stringify([name, input], (_key, value: unknown) => {
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (!isRecord) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
