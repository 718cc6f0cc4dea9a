import { describe, expect, it } from 'vitest'
import { consistsOf, Lexicon, wordsOf } from '../../src/pipeline/lexicon.ts'

const covers = (text: string, wanted: string[], allowed: string[] = []) =>
  consistsOf(wordsOf(text), { wanted: new Lexicon(wanted), allowed: new Lexicon(allowed) })

describe('an utterance', () => {
  it('is its words, without marks, with apostrophes of any kind', () => {
    expect(wordsOf("Don’t 'worry', d'accord? Größe 12!")).toEqual([
      "don't",
      'worry',
      "d'accord",
      'größe',
      '12',
    ])
  })

  it.each<[string, string[], boolean]>([
    ['a b', ['a (b|c)'], true],
    ['a c', ['a (b|c)'], true],
    ['a', ['a (b|c)'], false],
    ['a', ['a (b|)'], true],
    ['a', ['(b|) a'], true],
    ['a d c', ['a (b|d (e|) (f|)) c'], true],
    ['a anything', ['a _'], true],
    ['a', ['a _'], false],
    ['b', ['a|b|c'], true],
    ['a b a', ['a|b'], true],
    // The shorter phrase must not hide the longer one.
    ['a b c', ['a', 'a b', 'c'], true],
    ['a b c', ['a b', 'b c', 'a'], true],
    ['', ['a|'], false],
    ['a', ['(a'], true],
    ['a b', ['a) b'], true],
    ["d'accord", ['D’accord'], true],
  ])('%j against %j', (text, templates, expected) => {
    expect(covers(text, templates)).toBe(expected)
  })

  it('needs a wanted phrase, wherever it is among the allowed', () => {
    expect(covers('x a x', ['a'], ['x'])).toBe(true)
    expect(covers('x x', ['a'], ['x'])).toBe(false)
    expect(covers('x a y', ['a'], ['x'])).toBe(false)
  })

  it('takes no longer for being divisible in many ways', () => {
    const words = Array.from({ length: 400 }, () => 'a').join(' ')
    expect(covers(`${words} b`, ['a|a a|a a a'], ['a|a a'])).toBe(false)
  })
})
