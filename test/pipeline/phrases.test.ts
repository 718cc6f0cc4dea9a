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
