import type { ClaudeRule, Person, PersonStep } from '../src/simulator/scenario.ts'
import { speechMs } from '../src/simulator/tone-speech.ts'

/**
 * What is talked about in a bench: every turn of every call has a code of its own, which the person says, Claude's
 * stand-in repeats, and the person must hear back. A lost, broken or foreign word shows in what was heard.
 */
export type BenchCall = {
  readonly code: string
  readonly phoneNumber: string
  readonly opening: string
  readonly turns: readonly BenchTurn[]
  readonly person: Person
}

export type BenchTurn = {
  readonly code: string
  /** What the person says; it begins with the code. */
  readonly says: string
  /** What the agent replies. */
  readonly reply: string
  /** The person says this turn while the agent is still speaking. */
  readonly interrupts: boolean
  /** The person pauses in it, after so many characters. */
  readonly pausesAfter?: number
}

/** Part of every call's `action`; by it Claude's stand-in finds its script. */
export const BENCH_ACTION = 'Talk about the codes of the bench'

/** Every reply begins with this word, and it occurs nowhere else: what was heard can be cut into replies by it. */
const FIRST_WORD = 'Yes,'

const SHORT = `${FIRST_WORD} $1 is noted. Go on when you are ready for the next one.`
const LONG = `${FIRST_WORD} $1 is a long story. It began in a small town by the sea, where nobody had a telephone, and it goes on until somebody says stop.`

export const BENCH_RULES: readonly ClaudeRule[] = [
  { when: /(q\w+) tell me everything/, say: LONG },
  { when: /(q\w+) /, say: SHORT },
]

/** Long, so that even a server that is late falls silent before it ends: what is heard after it is the reply to it. */
const STOP = 'stop here, please, this is enough for today.'

/** Every so many turns the person asks for the long story, and interrupts it with the next turn. */
const STORY_EVERY = 4
/** How long a person who hesitates pauses: an ear believes in the end of the turn, and is not sure of it yet. */
const HESITATION_MS = 400
/** How much of the long story is listened to; it has more than twenty words. */
const WORDS_OF_STORY = 5
/** Silence after which the agent is taken to have finished. */
const QUIET_MS = 600
/** Long enough for the opening to be ready when it is answered, as with real telephones. */
const RING_MS = 1500
/** From the end of what the person says to the first audio of the reply, at the vendors' usual pace. */
const ANSWER_MS = 850

/**
 * The conversation of call number `number`, of so many turns. Calls fall out of step by a pause that differs for each.
 *
 * @param options.hesitant the person pauses in every fourth turn, in a place where it might be over
 */
export function benchCall(
  number: number,
  turnCount: number,
  { hesitant = false }: { hesitant?: boolean } = {},
): BenchCall {
  const code = callCode(number)
  const turns = Array.from({ length: turnCount }, (_, index) => {
    const turn = benchTurn(code, index)
    const hesitates = hesitant && index % STORY_EVERY === 0
    return hesitates ? { ...turn, pausesAfter: turn.says.indexOf(',') + 1 } : turn
  })
  const does: PersonStep[] = [{ hear: 'end', quietMs: QUIET_MS }, { pause: (number * 373) % 1500 }]
  for (const [index, turn] of turns.entries()) {
    does.push(...saying(turn))
    const storyIsCut = turns[index + 1]?.interrupts === true
    does.push(storyIsCut ? { hear: { words: WORDS_OF_STORY } } : { hear: 'end', quietMs: QUIET_MS })
  }
  does.push({ hangUp: true })
  return {
    code,
    phoneNumber: `+1555${String(number).padStart(7, '0')}`,
    opening: `${FIRST_WORD} this is the agent of ${code}.`,
    turns,
    person: { answer: 'yes', ringMs: RING_MS, does },
  }
}

function saying({ says, pausesAfter }: BenchTurn): PersonStep[] {
  if (pausesAfter === undefined) return [{ say: says }]
  return [
    { say: says.slice(0, pausesAfter) },
    { pause: HESITATION_MS },
    { say: says.slice(pausesAfter) },
  ]
}

function benchTurn(call: string, index: number): BenchTurn {
  const code = `${call}${turnCode(index)}`
  const asksForStory = index % STORY_EVERY === 1
  const interrupts = index % STORY_EVERY === 2
  const says = asksForStory
    ? `${code} tell me everything.`
    : `${code} ${interrupts ? STOP : 'comes next, please write it down.'}`
  return { code, says, reply: (asksForStory ? LONG : SHORT).replace('$1', code), interrupts }
}

/** How many turns a conversation needs to last so long. */
export function turnsLasting(ms: number): number {
  let count = 0
  for (let lasted = 0; lasted < ms; count++) {
    const { says, reply } = benchTurn(callCode(100), count)
    const cut = benchTurn(callCode(100), count + 1).interrupts
    const heard = cut ? wordsOf(reply).slice(0, WORDS_OF_STORY).join(' ') : reply
    lasted += speechMs(says) + ANSWER_MS + speechMs(heard) + (cut ? 0 : QUIET_MS)
  }
  return count
}

/**
 * Codes are made of letters only, for digits are spoken as words. Those of calls are consonants after a `q`, as no word
 * begins; those of turns are vowels, so that none can be read as part of a call's.
 */
const CONSONANTS = 'bcdfghjklm'
const VOWELS = 'aeiou'
const CALL_CODES = new RegExp(`\\bq[${CONSONANTS}]+`, 'g')
const TURN_CODES = new RegExp(`\\b(q[${CONSONANTS}]+)[${VOWELS}]+\\b`, 'g')

/** 0 → qb, 12 → qcd */
export function callCode(number: number): string {
  return `q${Array.from(String(number), (digit) => CONSONANTS.charAt(Number(digit))).join('')}`
}

/** 0 → a, 4 → u, 5 → ea */
function turnCode(index: number): string {
  const last = VOWELS.charAt(index % VOWELS.length)
  return index < VOWELS.length ? last : turnCode(Math.floor(index / VOWELS.length)) + last
}

/** The last code of a turn in a text, and that of the call it belongs to. */
export function codesIn(text: string): { turn: string; call: string } | undefined {
  const match = [...text.matchAll(TURN_CODES)].at(-1)
  return match?.[1] === undefined ? undefined : { turn: match[0], call: match[1] }
}

export type Hearing = {
  readonly wordsExpected: number
  /** Words that were heard differently, or not at all, or that nobody said. */
  readonly wordsWrong: number
  /** Codes of other calls. */
  readonly crossed: readonly string[]
}

/** Compares what the person of a call heard with what they should have heard. */
export function compareHearing(call: BenchCall, heard: string): Hearing {
  const expected = [
    { text: call.opening, cut: false },
    ...call.turns.map(({ reply }, index) => ({
      text: reply,
      cut: call.turns[index + 1]?.interrupts === true,
    })),
  ]
  const pieces = heard.split(new RegExp(`(?=${FIRST_WORD})`)).filter((piece) => piece.trim() !== '')
  let wordsExpected = 0
  let wordsWrong = 0
  for (let i = 0; i < Math.max(expected.length, pieces.length); i++) {
    const { text, cut } = expected[i] ?? { text: '', cut: false }
    const result = compareReply(wordsOf(text), wordsOf(pieces[i] ?? ''), cut)
    wordsExpected += result.expected
    wordsWrong += result.wrong
  }
  const codes = heard.match(CALL_CODES) ?? []
  return { wordsExpected, wordsWrong, crossed: codes.filter((code) => code !== call.code) }
}

/** A reply that was cut may end anywhere behind the words that the person waited for, even inside a word. */
function compareReply(expected: readonly string[], heard: readonly string[], cut: boolean) {
  const count = cut
    ? Math.min(expected.length, Math.max(heard.length, WORDS_OF_STORY))
    : expected.length
  let wrong = 0
  for (let i = 0; i < Math.max(count, heard.length); i++) {
    const word = i < count ? expected[i] : undefined
    const isCutWord = cut && i === heard.length - 1 && word?.startsWith(heard[i] ?? ' ')
    if (heard[i] !== word && !isCutWord) wrong++
  }
  return { expected: count, wrong }
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}
