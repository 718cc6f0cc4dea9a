import { describe, expect, it } from 'vitest'
import { CallerSense } from '../../src/pipeline/caller-sense.ts'

const TEXT = 'We are in the green building. Does Thursday at two still work for you?'

describe('what a caller means', () => {
  const english = new CallerSense(() => 'en', [])

  it('is an aside in the middle of a statement, and an answer once a question is out', () => {
    expect(english.isAside('Uh-huh', { heard: 'We are in the', text: TEXT })).toBe(true)
    expect(english.isAside('Wait', { heard: 'We are in the', text: TEXT })).toBe(false)
    expect(english.isAside('Yes', { heard: TEXT.slice(0, -9), text: TEXT })).toBe(false)
  })

  it('may still be an aside while it is only begun', () => {
    const saying = { heard: 'We are in the', text: TEXT }
    expect(english.isAside('I', saying, 'partial')).toBe(true)
    expect(english.isAside('I', saying)).toBe(false)
    expect(english.isAside('I see', saying)).toBe(true)
  })

  it.each([
    ['', 'nothing'],
    ['  ', 'nothing'],
    ['One moment, please.', 'hold'],
    ['Okay, bye!', 'farewell'],
    ['And where is it?', 'words'],
  ] as const)('“%s” is %s', (text, meaning) => {
    expect(english.meaningOf(text)).toBe(meaning)
  })

  it('follows the language of the call, and knows the words of the configuration in each', () => {
    let language = 'de'
    const sense = new CallerSense(() => language, ['jawohl sir'])
    const saying = { heard: 'Wir sind im', text: 'Wir sind im grünen Haus.' }
    expect(sense.isAside('Genau', saying)).toBe(true)
    expect(sense.meaningOf('Einen Moment, bitte.')).toBe('hold')
    language = 'es'
    expect(sense.isAside('Genau', saying)).toBe(false)
    expect(sense.isAside('Jawohl, Sir!', saying)).toBe(true)
    expect(sense.meaningOf('Un momento, por favor.')).toBe('hold')
    expect(sense.meaningOf('Adiós, hasta luego.')).toBe('farewell')
  })
})
