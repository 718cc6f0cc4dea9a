import type { SimulatedCall } from './simulated-call.ts'
import type { Utterance } from './person-ear.ts'

/** A silence in which it was the agent's turn; times are milliseconds since the answer. */
export type DeadAir = {
  readonly fromMs: number
  readonly toMs: number
  readonly lengthMs: number
  /** What was heard or said last before it, and next after it; empty at the ends of the call. */
  readonly before: string
  readonly after: string
}

/** Mouths and networks leave such gaps all the time; nobody takes them for an answer that does not come. */
const UNNOTICED_MS = 300

type Sound = Utterance & { readonly by: 'agent' | 'caller' }

/**
 * The silences of a call in which the person was waiting for the agent, as they heard them: from the answer to the agent's
 * first sound, from the end of what the person said to the agent's next sound, and the gaps inside what is one turn of the
 * agent on record. The time that it takes to tell that the person has finished is in them.
 *
 * Silence after the agent has finished is the person's own turn, and no dead air. A wait in which both are quiet because
 * the person asked for it is for the caller of this function to leave out.
 *
 * @param turns texts of the agent's turns on record: they tell a pause inside a turn from one after it
 * @param endMs when the call was over, if the silence at its end counts: the person did not hang up by themselves
 */
export function deadAirIn(
  call: Pick<SimulatedCall, 'said' | 'heard'>,
  turns: readonly string[],
  endMs?: number,
): DeadAir[] {
  const sounds: Sound[] = [
    ...call.said.map((said) => ({ ...said, by: 'caller' as const })),
    ...call.heard.map((heard) => ({ ...heard, by: 'agent' as const })),
  ].sort((a, b) => a.startMs - b.startMs)
  const gaps: DeadAir[] = []
  const note = (from: Sound | undefined, toMs: number, after: string) => {
    const fromMs = from?.endMs ?? 0
    const lengthMs = toMs - fromMs
    if (lengthMs > UNNOTICED_MS)
      gaps.push({ fromMs, toMs, lengthMs, before: from?.text ?? '', after })
  }
  /** The sound that ends last of those so far: people talk at the same time. */
  let last: Sound | undefined
  for (const sound of sounds) {
    const isAgents = sound.by === 'agent' && isAgentsTurn(last, sound, turns)
    if (isAgents) note(last, sound.startMs, sound.text)
    if (!last || sound.endMs > last.endMs) last = sound
  }
  if (endMs !== undefined && last?.by !== 'agent') note(last, endMs, '')
  return gaps
}

/** The longest of them, in ms; 0 when nobody waited. */
export function longestDeadAirMs(
  call: Pick<SimulatedCall, 'said' | 'heard'>,
  turns: readonly string[],
  endMs?: number,
): number {
  return Math.max(0, ...deadAirIn(call, turns, endMs).map(({ lengthMs }) => lengthMs))
}

function isAgentsTurn(last: Sound | undefined, next: Sound, turns: readonly string[]): boolean {
  if (last?.by !== 'agent') return true
  // Whatever was heard in one turn on record was one turn, however it was torn.
  const before = lastWords(last.text)
  const after = firstWords(next.text)
  return turns.some((turn) => squeezed(turn).includes(squeezed(`${before} ${after}`)))
}

/** Enough words to know a place in a turn by. */
const KNOWN_BY = 3

function lastWords(text: string): string {
  return text.split(/\s+/u).slice(-KNOWN_BY).join(' ')
}

function firstWords(text: string): string {
  return text.split(/\s+/u).slice(0, KNOWN_BY).join(' ')
}

/** A word that was torn in the middle is whole in the record. */
function squeezed(text: string): string {
  return text.replace(/\s+/gu, '')
}
