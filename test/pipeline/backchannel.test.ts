import { describe, expect, it } from 'vitest'
import { isBackchannel, isQuestionOpen } from '../../src/pipeline/backchannel.ts'

describe('a backchannel', () => {
  it.each(['Uh-huh.', 'mm-hm', 'Right.', 'Okay, okay.', 'I see.', 'Yeah, sure.'])(
    'is %j',
    (text) => {
      expect(isBackchannel(text, 'en-US')).toBe(true)
    },
  )

  it.each(['No.', 'Wait!', 'Okay, but when?', 'What?', '', 'yes yes yes yes yes', 'Stop'])(
    'is not %j',
    (text) => {
      expect(isBackchannel(text, 'en')).toBe(false)
    },
  )

  it('depends on the language', () => {
    expect(isBackchannel('Genau.', 'de-DE')).toBe(true)
    expect(isBackchannel('Genau.', 'en')).toBe(false)
    expect(isBackchannel('Claro, sí', 'es')).toBe(true)
    expect(isBackchannel('okay', 'xx')).toBe(true)
  })

  it('may be extended', () => {
    expect(isBackchannel('Indeed.', 'en', ['indeed'])).toBe(true)
  })
})

describe('an open question', () => {
  const text =
    'Your visit is on Thursday at two. Does that still work for you? Please bring your card.'

  it.each([
    ['before it', 'Your visit is on', false],
    ['at its first words', 'Your visit is on Thursday at two. Does', false],
    ['when most of it was heard', 'Your visit is on Thursday at two. Does that still work', true],
    ['right after it', 'Your visit is on Thursday at two. Does that still work for you?', true],
    [
      'a word later',
      'Your visit is on Thursday at two. Does that still work for you? Please',
      true,
    ],
    [
      'a sentence later',
      'Your visit is on Thursday at two. Does that still work for you? Please bring your',
      false,
    ],
  ])('%s', (_when, heard, open) => {
    expect(isQuestionOpen(heard, text)).toBe(open)
  })
})
