import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HeardWord, HeardWords, transcriptOf } from '../../src/simulator/heard-words.ts'
import { speakMulaw } from '../../src/simulator/tone-speech.ts'
import { framesOf, noise, silence } from '../helpers/deepgram.ts'

function hear(...audio: Uint8Array[]): HeardWords {
  const heard = new HeardWords()
  for (const frame of framesOf(...audio)) heard.hear(frame)
  return heard
}

describe('heard words', () => {
  it('are the words that were spoken, with their times', () => {
    const [first, second] = hear(
      silence(100),
      speakMulaw('Hello there.'),
      silence(200),
    ).words() as [HeardWord, HeardWord]
    expect([first.word, second.word]).toEqual(['Hello', 'there.'])
    expect(first.start).toBeCloseTo(0.1, 1)
    expect(first.end).toBeCloseTo(0.35, 1)
    expect(second.start).toBeCloseTo(0.4, 1)
    expect(second.end).toBeCloseTo(0.7, 1)
  })

  it('are any words at all', () => {
    const word = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
      .filter((text) => !/[\s\p{Cc}]/u.test(text))
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        const text = words.join(' ')
        expect(transcriptOf(hear(speakMulaw(text), silence(200)).words())).toBe(text)
      }),
      { numRuns: 30 },
    )
  })

  it('are divided by spaces and by pauses', () => {
    const heard = hear(speakMulaw('one'), silence(300), speakMulaw('two three'), silence(200))
    expect(transcriptOf(heard.words())).toBe('one two three')
  })

  it('can be told of before they are finished, but not by half a character', () => {
    const shown = (text: string) => transcriptOf(hear(speakMulaw(text), silence(20)).words())
    expect([shown('He'), shown('Hel'), shown('Grü')]).toEqual(['', 'Hel', ''])
    expect(shown('Grüß')).toBe('')
    expect(shown('Grüße')).toBe('Grüße')
  })

  it('are taken once, and an unfinished one stays', () => {
    const heard = hear(speakMulaw('Hello there'), silence(20))
    expect(transcriptOf(heard.take())).toBe('Hello')
    expect(heard.unfinishedStart).toBeGreaterThan(0)
    expect(transcriptOf(heard.take())).toBe('')
    heard.finishWord()
    expect(heard.unfinishedStart).toBeUndefined()
    expect(transcriptOf(heard.take())).toBe('there')
  })

  it('are none in noise, which is a sound all the same', () => {
    const heard = hear(noise(1000), silence(300))
    expect(heard.words()).toEqual([])
    expect(heard.symbols).toBe(0)
    expect(heard.lastSoundEnd).toBeGreaterThan(7000)
  })

  it('show where audio was damaged', () => {
    const audio = speakMulaw('Hello')
    audio.set(noise(30), 2 * 400)
    expect(transcriptOf(hear(audio, silence(200)).words())).toBe('He�lo')
  })
})
