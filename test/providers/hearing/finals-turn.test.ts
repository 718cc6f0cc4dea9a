import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HearingEvent } from '../../../src/pipeline/ports.ts'
import { NovaResults, type Word } from '../../../src/providers/deepgram/messages.ts'
import { pieceOf } from '../../../src/providers/deepgram/nova-ear.ts'
import {
  endTurn,
  type FinalsTurn,
  hearGap,
  hearPiece,
  isOpen,
  noTurn,
} from '../../../src/providers/hearing/finals-turn.ts'
import { expectWholeTurns } from '../deepgram/turns.ts'

type Step = (turn: FinalsTurn) => { turn: FinalsTurn; events: readonly HearingEvent[] }

/** Words one second long, the first beginning at `start`. */
function wordsOf(text: string, start: number): Word[] {
  if (text === '') return []
  return text.split(' ').map((word, i) => ({
    word: word.toLowerCase(),
    punctuated_word: word,
    start: start + i,
    end: start + i + 1,
  }))
}

function results(text: string, start: number, more: object = {}): Step {
  const words = wordsOf(text, start)
  const message = NovaResults.parse({
    type: 'Results',
    start,
    duration: Math.max(1, words.length),
    channel: { alternatives: [{ transcript: text, words }] },
    ...more,
  })
  return (turn) => hearPiece(turn, pieceOf(message))
}
const interim = results
const final = (text: string, start: number, more: object = {}) =>
  results(text, start, { is_final: true, ...more })
const speechFinal = (text: string, start: number) => final(text, start, { speech_final: true })
const utteranceEnd =
  (lastWordEndS: number): Step =>
  (turn) =>
    hearGap(turn, lastWordEndS)

/** What an owner without patience hears: a turn ends when it may. */
function hear(...steps: Step[]): HearingEvent[] {
  const events: HearingEvent[] = []
  let turn = noTurn
  for (const step of steps) {
    const heard = step(turn)
    const ended = heard.turn.ending ? endTurn(heard.turn) : { turn: heard.turn, events: [] }
    turn = ended.turn
    events.push(...heard.events, ...ended.events)
  }
  return events
}

/** The turn as an owner with patience has it. */
function wait(...steps: Step[]): FinalsTurn {
  return steps.reduce((turn, step) => step(turn).turn, noTurn)
}

/** The first words of a turn tell where they begin. */
const words = (text: string, speechStartMs?: number) => ({
  type: 'words',
  text,
  ...(speechStartMs !== undefined && { speechStartMs }),
})
const end = (text: string, speechEndMs: number) => ({ type: 'turn_end', text, speechEndMs })

describe('a turn out of Nova’s results', () => {
  it('is every final up to the one that ends speech', () => {
    expect(
      hear(
        interim('I would', 0),
        interim('I would like', 0),
        final('I would like', 0),
        interim('to', 3),
        speechFinal('to go.', 3),
      ),
    ).toEqual([
      words('I would', 0),
      words('I would like'),
      words('I would like to'),
      words('I would like to go.'),
      end('I would like to go.', 5000),
    ])
  })

  it('ends with an empty final', () => {
    expect(hear(final('Yes.', 0), speechFinal('', 1)).at(-1)).toEqual(end('Yes.', 1000))
  })

  it('is not repeated by an UtteranceEnd that follows its end, nor by silence', () => {
    expect(hear(speechFinal('Yes.', 0), utteranceEnd(1), final('', 1), speechFinal('', 2))).toEqual(
      [words('Yes.', 0), end('Yes.', 1000)],
    )
  })

  it('ends with an UtteranceEnd when no final ends speech', () => {
    expect(hear(final('Yes I am', 0), utteranceEnd(3)).at(-1)).toEqual(end('Yes I am', 3000))
  })

  it('ends with an UtteranceEnd even when its words are an interim, and is not repeated by their final', () => {
    expect(
      hear(
        final('Yes', 0),
        interim('I am', 1),
        utteranceEnd(3),
        final('I am.', 1),
        speechFinal('What now?', 5),
      ),
    ).toEqual([
      words('Yes', 0),
      words('Yes I am'),
      end('Yes I am', 3000),
      words('What now?', 5000),
      end('What now?', 7000),
    ])
  })

  it('takes from a late final only what came after the turn', () => {
    expect(
      hear(interim('Yes I am', 0), utteranceEnd(3), speechFinal('Yes I am. Who asks?', 0)).slice(2),
    ).toEqual([words('Who asks?', 3000), end('Who asks?', 5000)])
  })

  it('does without the times of words', () => {
    const bare = { channel: { alternatives: [{ transcript: 'Yes.' }] } }
    expect(
      hear(interim('', 0, bare), utteranceEnd(1), speechFinal('', 2), final('', 0, bare)),
    ).toEqual([words('Yes.'), end('Yes.', 1000)])
    expect(hear(results('', 0, { channel: { alternatives: [] } }))).toEqual([])
  })

  it('goes on when the gap was before its newest word', () => {
    expect(hear(interim('Wait', 0), interim('Wait for', 0), utteranceEnd(1))).toEqual([
      words('Wait', 0),
      words('Wait for'),
    ])
  })

  it('ends with a final that was asked for', () => {
    expect(hear(interim('12', 0), final('12 34', 0, { from_finalize: true })).at(-1)).toEqual(
      end('12 34', 2000),
    )
  })

  it('may hold no words after all', () => {
    expect(hear(interim('Uh', 0), final('', 0), speechFinal('', 1))).toEqual([
      words('Uh', 0),
      end('', 1000),
    ])
  })

  it('is whole, whatever Nova says in whatever order', () => {
    const text = fc.constantFrom('', 'a', 'a b', 'a b c')
    const at = fc.nat(20)
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc
        .tuple(text, at, fc.boolean(), fc.boolean(), fc.boolean())
        .map(([said, start, is_final, speech_final, from_finalize]) =>
          results(said, start, { is_final, speech_final, from_finalize }),
        ),
      at.map(utteranceEnd),
      fc.constant<Step>(endTurn),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        expectWholeTurns(hear(...steps))
      }),
    )
  })

  it('says every final word once, in order, wherever turns end', () => {
    // The same speech, cut into finals and turns at any of its words, with any number of interims between.
    const speech = Array.from({ length: 12 }, (_, i) => `w${i}`)
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('interim', 'final', 'end', 'gap'), {
          minLength: speech.length,
          maxLength: speech.length,
        }),
        (kinds) => {
          let windowStart = 0
          const steps = kinds.flatMap((kind, i): Step[] => {
            const said = speech.slice(windowStart, i + 1).join(' ')
            const start = windowStart
            if (kind === 'interim') return [interim(said, start)]
            if (kind === 'gap') return [interim(said, start), utteranceEnd(i + 1)]
            windowStart = i + 1
            return [kind === 'end' ? speechFinal(said, start) : final(said, start)]
          })
          const rest = speech.slice(windowStart).join(' ')
          const events = hear(...steps, speechFinal(rest, windowStart))
          const turns = events.flatMap((event) => (event.type === 'turn_end' ? [event.text] : []))
          expect(turns.join(' ').trim()).toBe(speech.join(' '))
          expectWholeTurns(events)
        },
      ),
    )
  })

  it('may end at a signal, not any more when words follow, and may again at the next', () => {
    const paused = [interim('My name is', 0), speechFinal('My name is', 0)]
    expect(wait(...paused).ending).toBe(true)
    expect(wait(...paused, utteranceEnd(3)).ending).toBe(true)
    expect(wait(...paused, interim('John.', 5)).ending).toBe(false)
    expect(wait(...paused, interim('John.', 5), utteranceEnd(6)).ending).toBe(true)
    expect(wait(speechFinal('', 0), utteranceEnd(0)).ending).toBe(false)
  })

  it('still may end when its words come once more, with their marks', () => {
    expect(wait(interim('Yes I am', 0), utteranceEnd(3), final('Yes, I am.', 0)).ending).toBe(true)
  })

  it('tells the pauses between its words', () => {
    const turn = wait(final('one two', 0), final('three', 2.1), interim('four', 5))
    expect(endTurn(turn).events).toEqual([
      { type: 'turn_end', text: 'one two three four', speechEndMs: 6000, pausesMs: [1900] },
    ])
  })

  it('is open from its first words to its end', () => {
    const { turn } = interim('Yes', 0)(noTurn)
    expect([isOpen(noTurn), isOpen(turn), isOpen(endTurn(turn).turn)]).toEqual([false, true, false])
  })
})
