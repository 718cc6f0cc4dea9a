import { describe, expect, it } from 'vitest'
import { differencesHeard, differencesSaid } from '../../src/simulator/judge.ts'

const whole = (text: string) => ({ text, interrupted: false })
const cut = (text: string) => ({ text, interrupted: true })

describe('what was heard against the record', () => {
  it('agrees when every word does', () => {
    expect(differencesHeard([whole('Hi John.'), whole('See  you.')], ' Hi John. See you.')).toEqual(
      [],
    )
  })

  it.each([
    ['the very word', 'Hi John, this See you.'],
    ['one word more', 'Hi John, this is See you.'],
    ['half a word more', 'Hi John, this i See you.'],
    ['half of the last word', 'Hi John, th See you.'],
    ['one word less', 'Hi John, See you.'],
  ])('allows for one word at a cut: %s', (_name, heard) => {
    expect(differencesHeard([cut('Hi John, this'), whole('See you.')], heard)).toEqual([])
  })

  it('allows for a word begun anew after a pause', () => {
    expect(
      differencesHeard([whole('Hi John, this is Alex.')], 'Hi John, th this is Alex.'),
    ).toEqual([])
  })

  describe('in a call that may be stopped anywhere', () => {
    const wherever = (turns: Parameters<typeof differencesHeard>[0], heard: string) => {
      // Everywhere else it is a fault.
      expect(differencesHeard(turns, heard)).not.toEqual([])
      return differencesHeard(turns, heard, { wherever: true })
    }

    it.each(['Alex.', 'this is Alex.', 'this is', 'this is Al', 'i'])(
      'allows for the last words of a turn said once more: %s',
      (again) => {
        const turns = [whole('Hi John, this is Alex.'), whole('Bye now.')]
        expect(wherever(turns, `Hi John, this is Alex. ${again} Bye now.`)).toEqual([])
        expect(wherever(turns.slice(0, 1), `Hi John, this is Alex. ${again}`)).toEqual([])
      },
    )

    it('does not allow for more of them, for others, or for a whole turn', () => {
      const turns = [whole('Hi John, this is Alex.'), whole('Bye now.')]
      for (const again of ['John, this is Alex.', 'is this', 'Alex. Alex.']) {
        expect(wherever(turns, `Hi John, this is Alex. ${again} Bye now.`)).not.toEqual([])
      }
      expect(wherever(turns, 'Hi John, this is Alex. Bye now. Bye now.')).not.toEqual([])
    })

    it('allows for the beginning of a turn that was cut twice', () => {
      const turns = [cut('Of course,'), whole('Bye now.')]
      expect(wherever(turns, 'Of cour Of cour Bye now.')).toEqual([])
      expect(wherever(turns, 'Of cour Of cour Of cour Bye now.')).not.toEqual([])
    })

    it('allows for a full stop that was not said', () => {
      const turns = [whole('One moment, please.'), whole('Thursday.')]
      expect(wherever(turns, 'One moment, please Thursday.')).toEqual([])
      expect(wherever(turns, 'One moment, pleas Thursday.')).not.toEqual([])
    })
  })

  it('allows for a word in which a voice broke off, and that it said again', () => {
    const turns = [whole('Good morning, John.')]
    expect(differencesHeard(turns, 'GooGood morning, John.')).toEqual([])
    expect(differencesHeard(turns, 'Good momorning, John.')).toEqual([])
    expect(differencesHeard(turns, 'GoodGood morning, John.')).not.toEqual([])
    expect(differencesHeard(turns, 'XGood morning, John.')).not.toEqual([])
  })

  it('allows for a cut in the middle of a letter that takes two symbols, and nowhere else', () => {
    const heard = (word: string) =>
      differencesHeard([whole('Das Gebäude da.')], `Das ${word} Gebäude da.`)
    expect(heard('Geb\uFFFD')).toEqual([])
    expect(heard('Ge\uFFFD')).not.toEqual([])
    expect(heard('Geb\uFFFDu')).not.toEqual([])
  })

  it('names a word that was heard differently', () => {
    expect(differencesHeard([whole('Hi John.')], 'Hi Jean.')).toEqual([
      'turn 1 says "John.", and "Jean." was heard',
    ])
  })

  it('names words on record that nobody heard', () => {
    expect(differencesHeard([whole('Hi John.'), whole('Bye.')], 'Hi John.')).toHaveLength(1)
    expect(differencesHeard([cut('one two three four')], 'one two')).toHaveLength(1)
  })

  it('names words heard that are not on record', () => {
    expect(differencesHeard([whole('Hi.')], 'Hi. More words.')).toEqual([
      '"More words." was heard and is not on record',
    ])
    expect(differencesHeard([cut('Hi')], 'Hi two words')).toHaveLength(1)
  })
})

describe('what was said against the record', () => {
  it('agrees across turns, and when the end of the call cut the last words', () => {
    expect(differencesSaid(['Yes. It does.'], ['Yes.', 'It does.'])).toEqual([])
    expect(differencesSaid(['Yes.'], ['Yes.', 'Goodb'])).toEqual([])
  })

  it('names a word that was not said', () => {
    expect(differencesSaid(['Yes no'], ['Yes'])).toEqual([
      'the record has "no", and "(nothing)" was said',
    ])
  })

  it('names words that were lost', () => {
    expect(differencesSaid(['Yes.'], ['Yes.', 'It does.', 'Bye.'])).toEqual([
      '"It does." was said and is not on record',
    ])
  })
})
