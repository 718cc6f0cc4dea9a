import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Phrases } from '../../../src/pipeline/phrases.ts'
import { say } from './say.ts'

const LANGUAGES = ['en', 'en-GB', 'de', 'es', 'es-MX', 'fr', 'it']
const language = fc.constantFrom(...LANGUAGES)

/** What models write that must not reach a voice, in no sensible order. */
const token = fc.oneof(
  fc.constantFrom(
    '$5',
    '€1.200,50',
    '1,200.50',
    '5 %',
    '10-15',
    '9am-5pm',
    '2:30',
    '14h30',
    '2 pm',
    '14 Uhr',
    '11/21/2026',
    '21.11.2026',
    '2026-11-21',
    'May 3rd',
    '3. Mai',
    '3 de mayo',
    'Nov. 21',
    'Mon-Fri',
    '+1 (555) 123-4567',
    '555-0199',
    'a.b@c.com',
    'https://x.org/y',
    'example.com',
    '1st',
    '2e',
    '3er',
    '1/2',
    '½',
    '20°C',
    '5 km',
    '5\'10"',
    '#A12-77',
    'B12',
    'Dr.',
    'St.',
    'z. B.',
    'p. ej.',
    'etc.',
    'Mr.',
    'e.g.',
    '&',
    '@',
    '/',
    '+',
    '=',
    '~',
    '**',
    '*',
    '_',
    '`',
    '# ',
    '- ',
    '|',
    '[a](b)',
    '😊',
    '*smiles*',
    '\n',
    'and',
    'Main',
    'the',
    'am',
    'code',
    '2.0.1',
    '-',
    '–',
    '%',
    '°',
    '$',
    '€',
    ': ',
    '.',
    ',',
    '(',
    ')',
    '007',
    '12345',
    '1e5',
    'x',
    'M',
    'k',
    'º',
  ),
  fc.integer({ min: 0, max: 99_999_999 }).map(String),
  fc.stringMatching(/^[a-zA-Zäé]{1,6}$/),
)
const messy = fc
  .array(fc.tuple(token, fc.constantFrom(' ', ' ', '')), { minLength: 1, maxLength: 8 })
  .map((tokens) => tokens.flat().join(''))

describe('speakable text', () => {
  it('is left as it is: text that is words', () => {
    const word = fc.stringMatching(/^[a-zäöüßéñç]{3,9}$/)
    const text = fc
      .array(fc.tuple(word, fc.constantFrom(' ', ', ', '? ', '! ', ' — ', '; ', '’s ', '\n')), {
        minLength: 1,
        maxLength: 12,
      })
      .map((parts) => parts.flat().join(''))
    fc.assert(
      fc.property(language, text, (tag, words) => {
        expect(say(tag, words)).toBe(words)
      }),
    )
  })

  it('is spoken the same when it is spoken again', () => {
    fc.assert(
      fc.property(language, messy, (tag, written) => {
        const once = say(tag, written)
        expect(say(tag, once)).toBe(once)
      }),
      { numRuns: 500 },
    )
  })

  it('has no digit left, and no sign that a voice would spell', () => {
    fc.assert(
      fc.property(fc.constantFrom('en', 'de', 'es', 'fr'), messy, (tag, written) => {
        fc.pre(!/undefined|NaN/.test(written))
        expect(say(tag, written)).not.toMatch(/[\d$€%&@+=#*_`|<>~°/\\]|undefined|NaN/)
      }),
      { numRuns: 500 },
    )
  })

  it('always says something for a phrase that means something', () => {
    fc.assert(
      fc.property(language, messy, (tag, written) => {
        fc.pre(/\p{L}|\d/u.test(written.replaceAll(/\*smiles\*|[:;][DP]/g, '')))
        expect(say(tag, written)).toMatch(/\p{L}|\d/u)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps the white space that parts it from its neighbours', () => {
    expect(say('en', ' It is 😊 5pm 😊 ')).toBe(' It is five p.m. ')
  })

  it.each([
    [
      'en',
      'Then it is $1,200.50 at 2:30 p.m. with Dr. Smith, via example.com, on Nov. 21, 2026, from 9 – 5.',
    ],
    [
      'de',
      'Dann kommen Sie z. B. am 21. November in den 2. Stock zu Dr. Meier bzw. Fr. Schmidt, 9 – 17 Uhr.',
    ],
    [
      'es',
      'Le atiende la Sra. López, p. ej. en la Avda. Central núm. 5, de EE. UU. en nov. 2026, lun – vie.',
    ],
    ['fr', 'Vous verrez M. Dupont, p. ex. au bd. Central, le 3 janv. 2026, de 9 – 17 heures.'],
  ])('says the same in phrases as at once (%s)', (tag, written) => {
    const phrases = new Phrases(tag)
    const cut = [...phrases.push(`${written} `), ...phrases.flush()]
    expect(cut.map((phrase) => say(tag, phrase)).join('')).toBe(say(tag, `${written} `))
  })
})
