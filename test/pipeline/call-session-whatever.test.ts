import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConversationEngine, ReplyPart } from '../../src/pipeline/ports.ts'
import { STILL_RUNNING } from '../../src/pipeline/tools.ts'
import { differencesHeard } from '../../src/simulator/judge.ts'
import { useFakeTimers } from '../helpers/fake-timers.ts'
import { message, toolCall } from '../helpers/tool-calls.ts'
import { Talk } from '../helpers/talk.ts'

/** What may happen in a call, in any order. */
type Happening =
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'says' | 'begins' | 'guessed'; readonly text: string }
  | { readonly type: 'ends' | 'resumes' | 'noise' | 'loses' | 'attaches' | 'transferred' }
  | { readonly type: 'presses'; readonly key: string }
  | { readonly type: 'answers'; readonly which: number }
  | { readonly type: 'carrier'; readonly answeredBy: string }
  | { readonly type: 'fails'; readonly fails: boolean }

const TEXTS = [
  'Uh-huh.',
  'Yes.',
  'Hello?',
  'What did you say?',
  'One moment, please.',
  'Goodbye.',
  'Please leave a message after the tone.',
]

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('wait'),
      ms: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 400, max: 9000 })),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('says', 'begins', 'guessed'),
      text: fc.constantFrom(...TEXTS),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('ends', 'resumes', 'noise', 'loses', 'attaches', 'transferred'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('presses'), key: fc.constantFrom('1', '#') }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('answers'), which: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('carrier'),
      answeredBy: fc.constantFrom('human', 'machine_start', 'unknown'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('fails'), fails: fc.boolean() }) },
)

/** What the model does with its turn; the words are made up, so that none is like another. */
const aMessage = fc.record({
  words: fc.nat({ max: 12 }),
  calls: fc.array(
    fc.constantFrom('look_up', 'book', 'record', 'keys', 'transfer', 'end', 'listen', 'none'),
    { maxLength: 2 },
  ),
  more: fc.nat({ max: 6 }),
})
type Planned = typeof aMessage extends fc.Arbitrary<infer T> ? T : never

/** The end of every word that is made up. */
const MADE_UP = 'wyz'

class Mind implements ConversationEngine {
  readonly #plan: readonly Planned[]
  #asked = 0
  #words = 0

  constructor(plan: readonly Planned[]) {
    this.#plan = plan
  }

  setup(): Promise<void> {
    return Promise.resolve()
  }
  getOpening(): AsyncIterable<ReplyPart> {
    return emit([
      { type: 'text', text: this.#sentence(8) },
      { type: 'done', reason: 'end' },
    ])
  }
  streamResponse(): AsyncIterable<ReplyPart> {
    const planned = this.#plan[this.#asked++ % this.#plan.length]
    return emit(this.#message(planned ?? { words: 3, calls: [], more: 0 }))
  }
  getResponse(): Promise<string> {
    return Promise.reject(new Error('not used in a call'))
  }

  #message({ words, calls, more }: Planned): ReplyPart[] {
    const made = calls.flatMap((call): ReplyPart[] => {
      switch (call) {
        case 'record':
          return [toolCall('record_outcome', { result: 'settled' })]
        case 'keys':
          return [toolCall('press_keys', { keys: '1w2' })]
        case 'transfer':
          return [toolCall('transfer_call', { to: 'Ann' })]
        case 'end':
          return [toolCall('end_call', { reason: 'done' })]
        case 'listen':
          return [toolCall('keep_listening')]
        case 'none':
          return []
        default:
          return [toolCall(call, { day: more })]
      }
    })
    const text = words === 0 && made.length === 0 ? this.#sentence(2) : this.#sentence(words)
    return message(...(text === '' ? [] : [`${text} `]), this.#sentence(more), ...made)
  }

  #sentence(words: number): string {
    const made = Array.from({ length: words }, () => this.#word())
    return made.length === 0 ? '' : `${made.join(' ')}.`
  }

  /** Six letters, of which the first three are a word's own: whoever has heard half of it can tell which it was. */
  #word(): string {
    const number = ++this.#words
    const letters = [number % 20, Math.floor(number / 20) % 20, Math.floor(number / 400) % 20]
    return `${letters.map((letter) => 'abcdefghijklmnopqrst'.charAt(letter)).join('')}${MADE_UP}`
  }
}

/**
 * What was heard, word by word. Half a word counts as the word, less as none, as on record. After a pause the agent begins
 * again with the word at which it stopped, which is on record once. A stock phrase may also have been cut off and then said
 * once more in another reply: `joinsStock` tells which of the two a word of it is taken for. A letter alone is the beginning of
 * something, whatever word it would be elsewhere.
 */
function heardWords(talk: Talk, { joinsStock }: { joinsStock: boolean }): string {
  const spoken = talk.voice.speeches.flatMap(({ text }) => wordsOf(text))
  let last = -1
  const pieces = talk.heard.split(/ {2,}/u).filter((piece) => piece.trim().length > 1)
  const words = pieces.flatMap(wordsOf).flatMap((heard) => {
    const at = spoken.indexOf(heard)
    last = Math.max(last, at)
    if (at !== -1) return [heard]
    const isBegun = (word: string) => word.startsWith(heard)
    // On another line the agent goes back a word or two, and may be cut off in the first of them.
    const word =
      spoken.slice(Math.max(0, last)).find(isBegun) ??
      spoken.slice(0, Math.max(0, last)).findLast(isBegun) ??
      heard
    return heard.length * 2 >= word.length ? [word] : []
  })
  const isAgain = (word: string, index: number) =>
    words[index + 1] === word && (joinsStock || word.includes(MADE_UP))
  return words.filter((word, index) => !isAgain(word, index)).join(' ')
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '')
}

async function* emit(parts: readonly ReplyPart[]): AsyncIterable<ReplyPart> {
  for (const part of parts) {
    await Promise.resolve()
    if (part.type !== 'text' || part.text !== '') yield part
  }
}

/** A call to which things happen as the world allows: nobody is heard without a line, and turns have beginnings. */
class World {
  readonly talk: Talk
  #open: string | undefined
  #isGuessed = false
  #isOnLine = true

  constructor(talk: Talk) {
    this.talk = talk
  }

  async happens(event: Happening): Promise<void> {
    const { talk } = this
    switch (event.type) {
      case 'wait':
        return talk.wait(event.ms)
      case 'says':
        await this.#begins(event.text)
        return this.#ends()
      case 'begins':
        return this.#begins(event.text)
      case 'guessed':
        await this.#begins(event.text)
        if (this.#open === undefined || this.#isGuessed) return
        this.#isGuessed = true
        talk.ears.hear({ type: 'eager_end', text: this.#open })
        return talk.wait(0)
      case 'resumes':
        if (!this.#isGuessed) return
        this.#isGuessed = false
        talk.ears.hear({ type: 'resumed' })
        return talk.wait(0)
      case 'ends':
        return this.#ends()
      case 'noise':
        if (this.#open === undefined) return
        this.#open = undefined
        this.#isGuessed = false
        return talk.turnEnds('')
      case 'loses':
        if (!this.#isOnLine) return
        this.#isOnLine = false
        talk.line.breaks('lost')
        return talk.wait(0)
      case 'attaches':
        if (talk.end) return
        this.#isOnLine = true
        return talk.attach()
      case 'transferred':
        talk.session.transferEnded('no_answer')
        return talk.wait(0)
      case 'presses':
        if (this.#isOnLine) talk.line.listener?.digit(event.key)
        return
      case 'answers':
        talk.runs.splice(event.which, 1)[0]?.answer('all is well')
        return talk.wait(0)
      case 'carrier':
        talk.session.carrierHeard(event.answeredBy)
        return talk.wait(0)
      case 'fails':
        talk.carrierFails = event.fails
    }
  }

  /** Nobody says anything more, and the rest of the world does what it has to: the call must end by itself. */
  async fallsSilent(): Promise<void> {
    await this.#ends()
    for (let i = 0; i < 40 && !this.talk.end; i++) {
      for (const run of this.talk.runs.splice(0)) run.answer('all is well')
      await this.talk.wait(30_000)
      this.talk.session.transferEnded('no_answer')
    }
  }

  async #begins(text: string): Promise<void> {
    if (!this.#isOnLine || this.#isGuessed) return
    this.#open = text
    await this.talk.words(text)
  }

  async #ends(): Promise<void> {
    if (this.#open === undefined) return
    const text = this.#open
    this.#open = undefined
    this.#isGuessed = false
    await this.talk.turnEnds(text)
  }
}

beforeEach(() => {
  useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('whatever happens in a call', () => {
  it('what is on record is what was heard, nothing is left behind, and no tool stays without a result', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { maxLength: 25 }),
        fc.array(aMessage, { minLength: 1, maxLength: 6 }),
        fc.record({ speculates: fc.boolean(), hangsUp: fc.boolean() }),
        async (events, plan, { speculates, hangsUp }) => {
          vi.clearAllTimers()
          const talk = new Talk(new Mind(plan), { speculates, leavesMessages: true })
          const world = new World(talk)
          await talk.pickUp()
          for (const event of events) await world.happens(event)
          if (hangsUp) talk.session.end('caller_hung_up')
          else await world.fallsSilent()
          await talk.wait(0)
          await talk.session.cleanup()
          expect(talk.end).toBeDefined()
          const spoken = talk.session.turns.filter((turn) => turn.role === 'agent')
          const [differences = []] = [true, false]
            .map((joinsStock) =>
              differencesHeard(spoken, heardWords(talk, { joinsStock }), { wherever: true }),
            )
            .toSorted((a, b) => a.length - b.length)
          expect(differences, `${talk.record.join('\n')}\n${talk.heard}`).toEqual([])
          const isWithoutResult = (turn: (typeof talk.session.turns)[number]) =>
            turn.role === 'tool' && turn.result === STILL_RUNNING
          expect(talk.session.turns.filter(isWithoutResult)).toEqual([])
          expect(vi.getTimerCount()).toBe(0)
        },
      ),
      {
        numRuns: 250,
        examples: [
          // A model that wants nothing but keys, and a carrier that presses none.
          [
            [
              { type: 'fails', fails: true },
              { type: 'says', text: 'One moment, please.' },
            ],
            [{ words: 0, calls: ['keys'], more: 0 }],
            { speculates: false, hangsUp: false },
          ],
          // Two lines, one right after the other: each goes back, and not behind where the other one began.
          [
            [
              { type: 'guessed', text: 'Uh-huh.' },
              { type: 'wait', ms: 3525 },
              { type: 'attaches' },
              { type: 'attaches' },
            ],
            [{ words: 0, calls: [], more: 0 }],
            { speculates: false, hangsUp: false },
          ],
          // The line is another one twice, the second time in the first letter of what is said again.
          [
            [
              { type: 'wait', ms: 2375 },
              { type: 'attaches' },
              { type: 'wait', ms: 25 },
              { type: 'attaches' },
            ],
            [{ words: 0, calls: [], more: 0 }],
            { speculates: false, hangsUp: false },
          ],
          // The line is another one in the first word of a filler.
          [
            [
              { type: 'says', text: 'What did you say?' },
              { type: 'wait', ms: 7075 },
              { type: 'attaches' },
            ],
            [{ words: 0, calls: ['look_up'], more: 1 }],
            { speculates: false, hangsUp: false },
          ],
        ],
      },
    )
  })
})
