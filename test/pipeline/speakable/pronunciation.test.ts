import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Speakable } from '../../../src/pipeline/speakable/speakable.ts'

function pieces(pronunciation: Record<string, string>, text: string, language = 'en') {
  return new Speakable({ language, pronunciation }).phrase(text)
}

function spoken(pronunciation: Record<string, string>, text: string, language = 'en'): string {
  return pieces(pronunciation, text, language)
    .map((piece) => piece.spoken)
    .join('')
}

describe('a pronunciation dictionary', () => {
  it('gives the voice the alias, and the record the name', () => {
    expect(pieces({ Nguyen: 'Win' }, "Is Mr. Nguyen's wife in? ")).toEqual([
      { written: 'Is Mister ', spoken: 'Is Mister ' },
      { written: 'Nguyen', spoken: 'Win' },
      { written: "'s wife in? ", spoken: "'s wife in? " },
    ])
  })

  it('keeps numbers as the person hears them on the record too', () => {
    expect(pieces({ Nguyen: 'Win' }, 'Nguyen, at 2pm')).toEqual([
      { written: 'Nguyen', spoken: 'Win' },
      { written: ', at two p.m.', spoken: ', at two p.m.' },
    ])
  })

  it.each([
    ['in whatever case it is written', { nguyen: 'Win' }, 'NGUYEN or Nguyen', 'Win or Win'],
    [
      'only as written when a later letter is a capital',
      { IT: 'eye tee' },
      'it is IT',
      'it is eye tee',
    ],
    ['never inside another word', { Ann: 'Anne' }, 'Annie, Joann, Ann', 'Annie, Joann, Anne'],
    ['never inside an accented word', { caf: 'x' }, 'café', 'café'],
    [
      'the longest first',
      { San: 'S', 'San Jose': 'San Hozay' },
      'San  Jose, San Marino',
      'San Hozay, S Marino',
    ],
    [
      'with letters of any script',
      { Öğüt: 'Oh-oot', Жуков: 'Zhoo-kof' },
      'öğüt, жуков',
      'Oh-oot, Zhoo-kof',
    ],
    [
      'with marks in it',
      { 'C++': 'see plus plus', '.NET': 'dot net' },
      'use C++, or .NET',
      'use see plus plus, or dot net',
    ],
    [
      'for what is put into words first',
      { B2B: 'bee to bee', '24/7': 'all day' },
      'B2B, 24/7',
      'bee to bee, all day',
    ],
    ['whatever the alias holds', { Xi: '$1 \\d' }, 'Xi', '$1 \\d'],
  ])('is used %s', (_how, pronunciation, text, expected) => {
    expect(spoken(pronunciation, text)).toBe(expected)
  })

  it('works in a language without rules of its own', () => {
    expect(spoken({ Rossi: 'Ross-see' }, 'Signor Rossi', 'it')).toBe('Signor Ross-see')
  })

  it('changes nothing but its words', () => {
    const word = fc.stringMatching(/^[a-zé]{2,8}$/)
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.array(word), (words, keys) => {
        const text = words.join(' ')
        const dictionary = Object.fromEntries(keys.map((key) => [key, `<${key}>`]))
        const all = pieces(dictionary, text, 'it')
        expect(all.map(({ written }) => written).join('')).toBe(text)
        const known = new Set(keys)
        const expected = words.map((name) => (known.has(name) ? `<${name}>` : name)).join(' ')
        expect(all.map((piece) => piece.spoken).join('')).toBe(expected)
      }),
    )
  })
})
