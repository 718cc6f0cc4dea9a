import { describe, expect, it } from 'vitest'
import { mulawToPcm } from '../../src/audio/mulaw.ts'
import { HeardWords } from '../../src/simulator/heard-words.ts'
import { beep, fax, music, specialTones } from '../../src/simulator/person-sounds.ts'
import { speakMulaw } from '../../src/simulator/tone-speech.ts'

const MARGIN = 1600
const SILENCE = new Uint8Array(2000).fill(0xff)

/** Share of the energy between two milliseconds that lies in one tone: 1 for a pure one. */
function purity(audio: Uint8Array, hz: number, fromMs: number, toMs: number): number {
  const pcm = mulawToPcm(audio.subarray(fromMs * 8, toMs * 8))
  let re = 0
  let im = 0
  let energy = 0
  pcm.forEach((sample, n) => {
    re += sample * Math.cos((2 * Math.PI * hz * n) / 8000)
    im += sample * Math.sin((2 * Math.PI * hz * n) / 8000)
    energy += sample * sample
  })
  return (2 * (re * re + im * im)) / (pcm.length * energy)
}

function wordsIn(...pieces: Uint8Array[]): string[] {
  const heard = new HeardWords()
  for (const piece of [...pieces, SILENCE]) heard.hear(piece)
  return heard.take().map(({ word }) => word)
}

describe('a beep', () => {
  it('is one pure tone of about −12 dBFS, for exactly as long as asked', () => {
    const audio = beep(500)
    expect(audio.length).toBe(500 * 8 + 2 * MARGIN)
    expect(purity(audio, 1000, 210, 690)).toBeGreaterThan(0.98)
    const peak = Math.max(...mulawToPcm(audio))
    expect(20 * Math.log10(peak / 32_768)).toBeCloseTo(-12, 0)
  })

  it('may have another pitch', () => {
    expect(purity(beep(300, 440), 440, 210, 490)).toBeGreaterThan(0.98)
    expect(purity(beep(300, 440), 1000, 210, 490)).toBeLessThan(0.05)
  })
})

describe('a fax machine', () => {
  it('answers with 2,100 Hz, and begins again after a second of silence', () => {
    const audio = fax(5000)
    expect(purity(audio, 2100, 300, 3400)).toBeGreaterThan(0.98)
    expect(audio.subarray(3510 * 8, 4490 * 8).every((byte) => byte === 0xff)).toBe(true)
    expect(purity(audio, 2100, 4510, 5190)).toBeGreaterThan(0.98)
  })
})

describe('a fax machine that calls', () => {
  it('says so with half a second of 1,100 Hz, every three and a half', () => {
    const audio = fax(4000, true)
    expect(purity(audio, 1100, 210, 690)).toBeGreaterThan(0.98)
    expect(audio.subarray(710 * 8, 3690 * 8).every((byte) => byte === 0xff)).toBe(true)
    expect(purity(audio, 1100, 3710, 4190)).toBeGreaterThan(0.98)
  })
})

describe('special information tones', () => {
  it('rise in three steps of a third of a second', () => {
    const audio = specialTones()
    for (const [i, hz] of [950, 1400, 1800].entries()) {
      const fromMs = 200 + i * 330
      expect(purity(audio, hz, fromMs + 10, fromMs + 320)).toBeGreaterThan(0.98)
    }
  })
})

describe('music on hold', () => {
  it('is no single tone at any time, and never falls silent', () => {
    const audio = music(5000)
    for (let ms = 200; ms < 5100; ms += 100) {
      for (const hz of [196, 440, 493.88, 523.25, 587.33, 659.26, 698.46, 783.99]) {
        expect(purity(audio, hz, ms, ms + 100)).toBeLessThan(0.8)
      }
    }
  })

  it.each([37, 100, 400, 2400, 7000])('is never understood as words: %i ms', (ms) => {
    expect(wordsIn(music(ms))).toEqual([])
  })
})

it.each([
  ['a beep', beep(300)],
  ['fax', fax(900)],
  ['music', music(900)],
  ['special tones', specialTones()],
])('%s leaves the words before and after it as they are', (_, sound) => {
  expect(wordsIn(speakMulaw('the tone.'), sound, speakMulaw('Goodbye'))).toEqual([
    'the',
    'tone.',
    'Goodbye',
  ])
})
