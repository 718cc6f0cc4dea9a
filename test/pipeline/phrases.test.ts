import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Phrases } from '../../src/pipeline/phrases.ts'

function cut(pieces: readonly string[]): string[] {
  const phrases = new Phrases()
  return [...pieces.flatMap((piece) => phrases.push(piece)), ...phrases.flush()]
}

describe('phrases', () => {
  it('begins as early as the first clause can stand alone', () => {
    const phrases = new Phrases()
    expect(phrases.push('Hi John, this')).toEqual(['Hi John, '])
  })

  it('speaks whole sentences after that', () => {
    expect(
      cut([
        'Hi John, this is Alex, from Downtown Dental. ',
        'Does two p.m., Thursday, work? Great.',
      ]),
    ).toEqual([
      'Hi John, ',
      'this is Alex, from Downtown Dental. ',
      'Does two p.m., Thursday, work? ',
      'Great.',
    ])
  })

  it.each([
    'You will see Dr. Smith in Suite two hundred.',
    'J. R. Miller is in today.',
    'We close at 5 p.m. today.',
    'It is version 2.5 now.',
  ])('does not cut inside %j', (sentence) => {
    const phrases = new Phrases()
    expect(phrases.push(`Well then. ${sentence} `)).toEqual(['Well then. '])
    expect(phrases.flush()).toEqual([`${sentence} `])
  })

  it.each([
    ['en', 'We meet on Nov. 21, 2026, at noon.'],
    ['en', 'It is open Mon – Fri and Sat. 9 – 5 too.'],
    ['en', 'You owe $1,200.50 to example.com by 2:30 p.m. today.'],
    ['en', 'Bring your ins. card to the appt. with Dr. Smith.'],
    ['de', 'Kommen Sie z. B. am 21. November in den 2. Stock.'],
    ['de-DE', 'Das ist Hr. Meier bzw. Fr. Schmidt in der Hauptstr. 5.'],
    ['es', 'Es la Sra. López de EE. UU., p. ej. en el núm. 5.'],
    ['fr', 'Voyez M. Dupont, p. ex. au bd. Central.'],
  ])('keeps together what is said as one (%s): %j', (language, sentence) => {
    const phrases = new Phrases(language)
    expect(phrases.push('So. Then. ')).toEqual([])
    const cut = [...phrases.push(`${sentence} `), ...phrases.flush()]
    const parts = [
      'Nov. 21, 2026',
      'Mon – Fri',
      'Sat. 9 – 5',
      '$1,200.50',
      '2:30 p.m. today',
      'Dr. Smith',
      'z. B. am',
      '21. November',
      '2. Stock',
      'Hr. Meier',
      'Fr. Schmidt',
      'Hauptstr. 5',
      'Sra. López',
      'EE. UU.',
      'p. ej. en',
      'núm. 5',
      'M. Dupont',
      'p. ex. au',
      'bd. Central',
    ]
    const meant = parts.filter((part) => sentence.includes(part))
    expect(meant.length).toBeGreaterThan(0)
    for (const part of meant) expect(cut.some((phrase) => phrase.includes(part))).toBe(true)
  })

  it('does not wait for the end of a number for ever', () => {
    const rows = '12 '.repeat(300)
    expect(cut([rows]).every((phrase) => phrase.length < 420)).toBe(true)
  })

  it('does not cut a number off its unit, however long the sentence', () => {
    const long = `Well. ${'word '.repeat(39)}it is 555 0199 then and so on and on`
    expect(cut([long]).some((phrase) => phrase.includes('555 0199 then'))).toBe(true)
  })

  it('keeps a closing quote with its sentence', () => {
    expect(cut(['She said “hello there.” Then she left.'])).toEqual([
      'She said “hello there.” ',
      'Then she left.',
    ])
  })

  it('does not wait for ever for a full stop', () => {
    const words = 'and so on '.repeat(60)
    expect(cut([words]).every((phrase) => phrase.length < 220)).toBe(true)
    expect(cut([`Good then. ${'word '.repeat(30)}, ${'word '.repeat(10)}`])).toHaveLength(3)
  })

  it('gives back every character, wherever the text is split', () => {
    const piece = fc.string({
      unit: fc.constantFrom('a', 'B', ' ', '.', ',', '!', '\n', 'Dr. ', '”'),
    })
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(cut(pieces).join('')).toBe(pieces.join(''))
      }),
    )
  })
})
