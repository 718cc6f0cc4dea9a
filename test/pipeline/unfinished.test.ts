import { describe, expect, it } from 'vitest'
import { endsUnfinished } from '../../src/pipeline/unfinished.ts'

describe('what a caller has said so far', () => {
  it.each([
    ['en', 'It is five five five'],
    ['en', 'my number is 555 01'],
    ['en', '555 0199'],
    ['en', '0 1 7 1'],
    ['en', 'the code is 047'],
    ['en', 'john at'],
    ['en', 'john at gmail dot'],
    ['en', 'On Thursday and'],
    ['en', 'On Thursday, and.'],
    ['en', 'Well, um'],
    ['en', 'I was thinking…'],
    ['en', 'I was thinking, well,'],
    ['en', 'S M I'],
    ['en', 'it is b as in'],
    ['de', 'Die Nummer ist null eins sieben'],
    ['de', 'Max Punkt'],
    ['de', 'Ja, aber'],
    ['de', 'Ich komme am Donnerstag, weil'],
    ['es', 'Mi correo es juan arroba'],
    ['es', 'Sí, pero'],
    ['es', 'seis cero cero'],
    ['fr', 'Oui, mais'],
    ['fr', 'jean arobase'],
    ['fr', 'zéro six un'],
    ['sv', 'and then'],
  ])('(%s) is not over after %j', (language, text) => {
    expect(endsUnfinished(text, language)).toBe(true)
  })

  it.each([
    ['en', ''],
    ['en', '   '],
    ['en', 'Yes.'],
    ['en', 'At two.'],
    ['en', 'At 2 30'],
    ['en', 'at 2 p.m.'],
    ['en', 'It is 2024'],
    ['en', 'one'],
    ['en', 'Which doctor is it for?'],
    ['en', "That's what I was looking at."],
    ['en', '555 123 4567'],
    ['en', 'I live in Berlin'],
    ['de', 'Ja, genau'],
    ['de', 'Um zwei'],
    ['de', 'Das ist alles.'],
    ['es', 'Sí, claro'],
    ['fr', 'Oui, d’accord'],
  ])('(%s) may be over after %j', (language, text) => {
    expect(endsUnfinished(text, language)).toBe(false)
  })
})
