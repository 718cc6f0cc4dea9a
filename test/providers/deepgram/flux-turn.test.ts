import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HearingEvent } from '../../../src/pipeline/ports.ts'
import { hearTurnInfo, noTurn } from '../../../src/providers/deepgram/flux-turn.ts'
import { FluxTurnInfo } from '../../../src/providers/deepgram/messages.ts'
import { expectWholeTurns } from './turns.ts'

type Told = readonly [event: string, transcript: string, endS?: number]

function hear(...told: Told[]): HearingEvent[] {
  const events: HearingEvent[] = []
  let turn = noTurn
  for (const [event, transcript, endS] of told) {
    const heard = hearTurnInfo(
      turn,
      FluxTurnInfo.parse({
        type: 'TurnInfo',
        event,
        turn_index: 0,
        audio_window_start: 0,
        audio_window_end: 1,
        transcript,
        ...(endS !== undefined && { words: [{ word: 'x' }, { word: 'y', start: 0, end: endS }] }),
      }),
    )
    turn = heard.turn
    events.push(...heard.events)
  }
  return events
}

const words = (text: string) => ({ type: 'words', text })

describe('a turn as Flux tells it', () => {
  it('is words that grow, and an end', () => {
    expect(
      hear(
        ['Update', ''],
        ['StartOfTurn', 'Hello'],
        ['Update', 'Hello'],
        ['Update', 'Hello there'],
        ['EndOfTurn', 'Hello there.', 1.2345],
      ),
    ).toEqual([
      words('Hello'),
      words('Hello there'),
      { type: 'turn_end', text: 'Hello there.', speechEndMs: 1235 },
    ])
  })

  it('tells the pauses between its words, as far as they have times', () => {
    const { events } = hearTurnInfo(
      { text: 'a b c d' },
      FluxTurnInfo.parse({
        type: 'TurnInfo',
        event: 'EndOfTurn',
        turn_index: 0,
        audio_window_start: 0,
        audio_window_end: 3,
        transcript: 'a b c d',
        words: [
          { word: 'a', start: 0, end: 0.4 },
          { word: 'b', start: 0.5, end: 0.8 },
          { word: 'c', start: 2.0, end: 2.1 },
          { word: 'd' },
        ],
      }),
    )
    expect(events).toEqual([{ type: 'turn_end', text: 'a b c d', pausesMs: [1200] }])
  })

  it('tells once where its first word began', () => {
    const told = (event: string, transcript: string) =>
      FluxTurnInfo.parse({
        type: 'TurnInfo',
        event,
        turn_index: 0,
        audio_window_start: 0,
        audio_window_end: 3,
        transcript,
        words: [{ word: 'a', start: 1.2345, end: 2 }, { word: 'b' }],
      })
    const first = hearTurnInfo(noTurn, told('StartOfTurn', 'a'))
    expect(first.events).toEqual([{ type: 'words', text: 'a', speechStartMs: 1235 }])
    expect(hearTurnInfo(first.turn, told('Update', 'a b')).events).toEqual([words('a b')])
  })

  it('may be opened by an update', () => {
    expect(hear(['Update', 'Hi'], ['EndOfTurn', 'Hi'])).toEqual([
      words('Hi'),
      { type: 'turn_end', text: 'Hi' },
    ])
  })

  it('takes the floor even when its end is all that is told', () => {
    expect(hear(['EndOfTurn', 'Hi.'])).toEqual([words('Hi.'), { type: 'turn_end', text: 'Hi.' }])
    expect(hear(['EagerEndOfTurn', 'Hi.'])).toEqual([
      words('Hi.'),
      { type: 'eager_end', text: 'Hi.' },
    ])
    expect(hear(['TurnResumed', 'Hi'])).toEqual([words('Hi')])
  })

  it('may end eagerly and resume', () => {
    expect(
      hear(
        ['StartOfTurn', 'I think'],
        ['EagerEndOfTurn', 'I think.'],
        ['Update', 'I think.'],
        ['TurnResumed', 'I think so'],
        ['EagerEndOfTurn', 'I think so.'],
        ['EndOfTurn', 'I think so.'],
      ),
    ).toEqual([
      words('I think'),
      { type: 'eager_end', text: 'I think.' },
      { type: 'resumed' },
      words('I think so'),
      { type: 'eager_end', text: 'I think so.' },
      { type: 'turn_end', text: 'I think so.' },
    ])
  })

  it('keeps its words when the end that confirms them is empty', () => {
    expect(hear(['EagerEndOfTurn', 'Yes.'], ['EndOfTurn', '']).at(-1)).toEqual({
      type: 'turn_end',
      text: 'Yes.',
    })
  })

  it('is taken back and told anew when its end differs from the eager one', () => {
    expect(hear(['EagerEndOfTurn', 'Yes.'], ['EndOfTurn', 'Yes or no.']).slice(2)).toEqual([
      { type: 'resumed' },
      words('Yes or no.'),
      { type: 'turn_end', text: 'Yes or no.' },
    ])
  })

  it('may hold no words after all', () => {
    expect(hear(['StartOfTurn', 'Uh'], ['EndOfTurn', ''])).toEqual([
      words('Uh'),
      { type: 'turn_end', text: '' },
    ])
  })

  it('is nothing when there never were any', () => {
    expect(hear(['EndOfTurn', ''], ['EagerEndOfTurn', ''], ['SomethingNew', 'Hi'])).toEqual([])
  })

  it('is whole, whatever Flux says in whatever order', () => {
    const told = fc.tuple(
      fc.constantFrom('StartOfTurn', 'Update', 'EagerEndOfTurn', 'TurnResumed', 'EndOfTurn', 'New'),
      fc.constantFrom('', ' ', 'a', 'a b', 'a b c'),
    )
    fc.assert(
      fc.property(fc.array(told, { maxLength: 30 }), (all) => {
        expectWholeTurns(hear(...all))
      }),
    )
  })
})
