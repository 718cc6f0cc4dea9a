import type { PersonStep } from '../simulator/scenario.ts'
import { type AgentTurn, type Conversation, keysIn } from './replay-conversation.ts'

/**
 * How long the simulated person has spoken when the first words are on record, and how many letters the agent says
 * meanwhile when it is cut off there (at 50 ms each); both as measured in the simulator.
 */
const HEARING_MS = 180
const CUT_LETTERS = 3
/** Silence that `hear: 'end'` waits for unless told otherwise, and the least that no pause between sentences has. */
const QUIET_MS = 600
const LEAST_QUIET_MS = 200
/** What the agent still says after the person has cut it off is none of what they hear next. */
const REACTION_MS = 200
/** A pause shorter than this is none. */
const LEAST_PAUSE_MS = 20
/** A wait that nothing fulfils is given up so much later than the record says. */
const PATIENCE_MS = 5000
/** The sound of a beep; the simulator puts as much quiet before and after it. */
const BEEP_MS = 500
const BEEP_MARGINS_MS = 400

/** Something that the person, or the network on their side, did. */
type Act = { readonly startMs: number; readonly endMs: number; readonly step: PersonStep }

/** What the person did, each act waiting for what had been heard of the agent when it began. */
export function personSteps(conversation: Conversation): PersonStep[] {
  const agent = conversation.turns.filter((turn) => turn.role === 'agent')
  let doneMs = conversation.answeredMs
  return actsIn(conversation).flatMap((act) => {
    const wait = waitFor(act, doneMs, agent)
    doneMs = Math.max(doneMs, act.endMs)
    return [...wait, act.step]
  })
}

function actsIn({ turns, beepsMs, lossesMs, end }: Conversation): Act[] {
  const acts = turns.flatMap((turn): Act[] => {
    if (turn.role !== 'caller') return []
    const { startMs, endMs, text } = turn
    const keys = keysIn(text)
    return keys === undefined
      ? [{ startMs: startMs - HEARING_MS, endMs, step: { say: text } }]
      : [{ startMs, endMs, step: { press: keys } }]
  })
  for (const endMs of beepsMs) {
    acts.push({ startMs: endMs - BEEP_MS - BEEP_MARGINS_MS, endMs, step: { beep: BEEP_MS } })
  }
  for (const atMs of lossesMs) {
    acts.push({ startMs: atMs, endMs: atMs, step: { cutStream: true } })
  }
  if (end?.reason === 'caller_hung_up') {
    acts.push({ startMs: end.atMs, endMs: end.atMs, step: { hangUp: true } })
  }
  return acts.sort((a, b) => a.startMs - b.startMs)
}

/** What the person waits for between the end of what they did before and this act. */
function waitFor(act: Act, doneMs: number, agent: readonly AgentTurn[]): PersonStep[] {
  const heard = agent.filter(
    ({ startMs, endMs }) => endMs > doneMs + REACTION_MS && startMs < act.startMs,
  )
  const last = heard.at(-1)
  if (last === undefined) return pause(act.startMs - doneMs)
  const before = wordsHeard(heard.slice(0, -1), doneMs)
  const gapMs = act.startMs - last.endMs
  if (gapMs < 0 || (last.interrupted && gapMs < QUIET_MS)) {
    const words = wordsBy(last, act.startMs, cuts(act, last)) - wordsBy(last, doneMs)
    return [{ hear: { words: before + Math.max(1, words) } }]
  }
  const quietMs = Math.max(LEAST_QUIET_MS, Math.min(QUIET_MS, Math.round(gapMs)))
  return [
    // Of several turns in a row the last one is waited for: its first word comes after all words before it.
    ...(before > 0
      ? [{ hear: { words: before + 1 }, orMs: Math.round(last.startMs - doneMs) + PATIENCE_MS }]
      : []),
    { hear: 'end', ...(quietMs === QUIET_MS ? {} : { quietMs }) },
    ...pause(gapMs - quietMs),
  ]
}

function pause(ms: number): PersonStep[] {
  return ms < LEAST_PAUSE_MS ? [] : [{ pause: Math.round(ms) }]
}

/** Whether it is this act that ended the turn early; a hang-up or a broken line does so at once. */
function cuts({ step, startMs }: Act, turn: AgentTurn): 'words' | 'line' | undefined {
  if (!turn.interrupted || startMs < turn.endMs - QUIET_MS) return undefined
  return 'say' in step || 'press' in step ? 'words' : 'line'
}

function wordsHeard(turns: readonly AgentTurn[], fromMs: number): number {
  return turns.reduce((sum, turn) => sum + wordsBy(turn, turn.endMs) - wordsBy(turn, fromMs), 0)
}

/** Whole words of a turn that were heard by a time; of one that is `cut` there, by when the person began. */
function wordsBy(
  { text, startMs, endMs }: AgentTurn,
  atMs: number,
  cut?: 'words' | 'line',
): number {
  const share = endMs > startMs ? Math.min(1, Math.max(0, (atMs - startMs) / (endMs - startMs))) : 1
  const letters = Math.floor(
    cut === undefined ? text.length * share : text.length - (cut === 'words' ? CUT_LETTERS : 0),
  )
  if (letters <= 0) return 0
  const heard = text.slice(0, letters)
  const isWhole = /^(\s|$)/.test(text.slice(letters))
  const words = heard.trim().split(/\s+/).length
  return isWhole || /\s$/.test(heard) ? words : words - 1
}
