import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sentencesOf } from '../../../src/pipeline/voice/sentences.ts'
import { SpokenText } from '../../../src/pipeline/voice/spoken-text.ts'

/** 8 bytes (1 ms) for each character, which is what they say. */
const CHAR_BYTES = 8

function audioOf(text: string): Uint8Array {
  return Uint8Array.from(
    Array.from(text).flatMap((char) => Array<number>(CHAR_BYTES).fill(char.charCodeAt(0))),
  )
}

/** Words of audio bytes; a character that was cut is not heard. */
function heardIn(audio: readonly number[]): string {
  let text = ''
  for (let at = 0; at + CHAR_BYTES <= audio.length; at += CHAR_BYTES) {
    text += String.fromCharCode(audio[at] ?? 0)
  }
  return text
}

type Chunk = {
  readonly audio: Uint8Array
  readonly alignment: { chars: string[]; startMs: number[]; durationMs: number[] }
}

/** What a voice makes of a text, in chunks that end anywhere. */
function chunksOf(text: string, sizes: readonly number[]): Chunk[] {
  const audio = audioOf(text)
  const chunks: Chunk[] = []
  for (let at = 0, n = 0; at < audio.length; n++) {
    const end = Math.min(audio.length, at + (sizes[n % sizes.length] ?? 1))
    const first = Math.ceil(at / CHAR_BYTES)
    const chars = Array.from(text).slice(first, Math.ceil(end / CHAR_BYTES))
    const startMs = chars.map((_, i) => ((first + i) * CHAR_BYTES - at) / 8)
    chunks.push({
      audio: audio.subarray(at, end),
      alignment: { chars, startMs, durationMs: chars.map(() => 1) },
    })
    at = end
  }
  return chunks
}

const words = fc.array(fc.stringMatching(/^[a-z]{1,9}[.,]?$/), { minLength: 1, maxLength: 12 })

/** Speaks a text by attempts that each break off after so many chunks; the last one does not. */
function spokenIn(
  text: string,
  { cuts, sizes, mayHold }: { cuts: readonly number[]; sizes: readonly number[]; mayHold: boolean },
) {
  const spoken = new SpokenText()
  spoken.add(text)
  const attempts: string[] = []
  let told = ''
  for (const cut of [...cuts, Infinity]) {
    spoken.beginAnew()
    const audio: number[] = []
    const take = (piece: ReturnType<SpokenText['flush']>) => {
      audio.push(...(piece?.audio ?? []))
      told += piece?.alignment?.chars.join('') ?? ''
    }
    const rest = spoken.rest
    for (const chunk of chunksOf(rest, sizes).slice(0, cut)) {
      take(spoken.push(chunk.audio, chunk.alignment, mayHold))
    }
    if (cut === Infinity) take(spoken.flush())
    attempts.push(heardIn(audio))
    if (cut === Infinity) break
  }
  return { attempts, told, rest: spoken.rest }
}

const faults = fc.record({
  cuts: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 5 }),
  sizes: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 }),
})

describe('a text whose speech breaks off anywhere, any number of times', () => {
  it('is heard word by word, each once, while the line has something to play', () => {
    fc.assert(
      fc.property(words, faults, (list, { cuts, sizes }) => {
        const text = `${list.join(' ')} `
        const { attempts } = spokenIn(text, { cuts, sizes, mayHold: true })
        expect(attempts.join('').split(/\s+/u).join(' ').trim()).toBe(text.trim())
      }),
      { numRuns: 500 },
    )
  })

  it('is heard in whole words when nothing may be held back, but for words that were begun', () => {
    fc.assert(
      fc.property(words, faults, (list, { cuts, sizes }) => {
        const text = `${list.join(' ')} `
        const { attempts } = spokenIn(text, { cuts, sizes, mayHold: false })
        // How far it may have come: a letter may be that of more than one word.
        let ends = new Set([0])
        for (const heard of attempts) {
          const next = [...ends].flatMap((at) => {
            // Goes on where it was, or with the word that was not known to be over.
            const places = [at, at + 1, text.slice(0, at).search(/\S+\s*$/u)]
            return places
              .filter((place) => place >= 0 && text.startsWith(heard, place))
              .map((place) => Math.max(at, place + heard.length))
          })
          expect(next).not.toEqual([])
          ends = new Set(next)
        }
        expect([...ends].map((at) => text.slice(at).trim())).toContain('')
      }),
      {
        numRuns: 500,
        // Cut off in the first letter of the word that is begun anew, which is also that of the next one.
        examples: [[['eaaaaaaaa', 'e', 'a'], { cuts: [8, 1], sizes: [9] }]],
      },
    )
  })

  it('has the timing of each of its characters once, so that the record counts right', () => {
    fc.assert(
      fc.property(words, faults, fc.boolean(), (list, { cuts, sizes }, mayHold) => {
        const text = `${list.join(' ')} `
        const { told } = spokenIn(text, { cuts, sizes, mayHold })
        expect(told.replaceAll(/\s+/gu, '')).toBe(text.replaceAll(/\s+/gu, ''))
      }),
      { numRuns: 500 },
    )
  })
})

describe('a speech that ends', () => {
  const ends = (text: string, timed: string) => {
    const spoken = new SpokenText()
    spoken.add(text)
    const chars = Array.from(timed)
    const startMs = chars.map((_, i) => i * 50)
    const audio = new Uint8Array(400 * chars.length)
    spoken.push(audio, { chars, startMs, durationMs: chars.map(() => 50) }, true)
    return spoken.isBrokenOff
  }

  it('was broken off when a word of it is missing', () => {
    expect(ends('One two three four five six. ', 'One two three four five six. ')).toBe(false)
    expect(ends('One two three four five six. ', 'One two three four five ')).toBe(true)
    expect(ends('One two. ', 'One two')).toBe(false)
  })

  it('was broken off when the last word is torn, even if only the mark behind it is missing where marks are timed', () => {
    expect(ends('Is it not? ', 'Is it no')).toBe(true)
    expect(ends('It is, is it not? ', 'It is, is it not')).toBe(true)
    expect(ends('It is, is it not? ', 'It is, is it not?')).toBe(false)
    expect(ends('Is it not? ', 'Is it not')).toBe(false)
  })

  it('is believed where the voice spells its text in another way', () => {
    expect(ends('It is 14:30 on Thursday. ', 'It is half past two on Thursday. ')).toBe(false)
    expect(ends('It is fourteen thirty on Thursday. ', 'It is 14:30 on Thursday. ')).toBe(false)
    expect(ends('It is fourteen thirty on Thursday. ', 'It is 14')).toBe(true)
  })
})

it('a voice that spells its text in its own way begins the sentence anew in which it broke off', () => {
  const spoken = new SpokenText()
  spoken.add('Yes, it is. It is at fourteen thirty on Thursday. Will you come? ')
  const chars = Array.from('Yes, it is. It is at 14:30 on ')
  const startMs = chars.map((_, i) => i * 50)
  const audio = new Uint8Array(400 * chars.length)
  spoken.push(audio, { chars, startMs, durationMs: chars.map(() => 50) }, true)
  expect(spoken.rest).toBe('It is at fourteen thirty on Thursday. Will you come? ')
})

describe('a voice that gives no timing', () => {
  it('begins the sentence anew that its audio has come to', () => {
    const spoken = new SpokenText()
    spoken.add('One two three. Four five six. Seven. ')
    spoken.push(new Uint8Array(8 * 1700), undefined, true)
    expect(spoken.rest).toBe('Four five six. Seven. ')
    expect(spoken.isLoose).toBe(true)
  })

  it('begins anew what it may not have said', () => {
    const spoken = new SpokenText()
    spoken.add('One two three. Four. ')
    spoken.push(new Uint8Array(800), undefined, true)
    expect(spoken.rest).toBe('One two three. Four. ')
  })

  it('is believed when it tells afterwards what it has said', () => {
    const spoken = new SpokenText()
    spoken.add('One. Two. ')
    spoken.push(new Uint8Array(8 * 500), undefined, true)
    const chars = Array.from('One. ')
    const startMs = chars.map((_, i) => -500 + i * 100)
    spoken.push(new Uint8Array(0), { chars, startMs, durationMs: chars.map(() => 100) }, true)
    expect(spoken.rest).toBe('Two. ')
    expect(spoken.isLoose).toBe(false)
  })
})

it('sentences are the text', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(sentencesOf(text).join('')).toBe(text)
    }),
  )
  expect(sentencesOf('Yes. It is “so.” Well?')).toEqual(['Yes. ', 'It is “so.” ', 'Well?'])
})
