import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ElevenLabsToTwilio } from '../../src/audio/elevenlabs-to-twilio.ts'
import { pcmToMulaw } from '../../src/audio/mulaw.ts'
import { HeardWords, transcriptOf } from '../../src/simulator/heard-words.ts'
import {
  type HeardByte,
  speakMulaw,
  speakPcm24k,
  speechMs,
  textOf,
  ToneListener,
} from '../../src/simulator/tone-speech.ts'

function listen(pieces: Uint8Array[]): HeardByte[] {
  const heard: HeardByte[] = []
  const listener = new ToneListener((byte) => heard.push(byte))
  for (const piece of pieces) listener.hear(piece)
  listener.hear(new Uint8Array(400).fill(0xff))
  return heard
}

describe('tone speech', () => {
  it('carries any text, whatever pieces the audio comes in and wherever it starts', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
        fc.nat(399),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 10 }),
        (text, offset, sizes) => {
          const audio = new Uint8Array([...new Uint8Array(offset).fill(0xff), ...speakMulaw(text)])
          const pieces: Uint8Array[] = []
          for (let at = 0, i = 0; at < audio.length; i++) {
            const size = sizes[i % sizes.length]!
            pieces.push(audio.subarray(at, at + size))
            at += size
          }
          expect(textOf(listen(pieces))).toBe(text)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is understood at 8 kHz after every third sample of the 24 kHz form is taken', () => {
    const bytes = speakPcm24k('Hello, Jörg!')
    const at24k = new Int16Array(bytes.buffer)
    const at8k = Int16Array.from({ length: at24k.length / 3 }, (_, i) => at24k[3 * i]!)
    expect(textOf(listen([pcmToMulaw(at8k)]))).toBe('Hello, Jörg!')
  })

  it.each(['¿Cómo está?', 'Größe', 'Ça va, œuf?', '你好'])(
    'carries other languages from the voice to the ear: %s',
    (text) => {
      const line = new ElevenLabsToTwilio()
      const heard = new HeardWords()
      const pcm = speakPcm24k(`${text} `)
      for (let at = 0; at < pcm.length; at += 777) heard.hear(line.push(pcm.subarray(at, at + 777)))
      heard.hear(line.flush())
      heard.hear(new Uint8Array(2000).fill(0xff))
      expect(transcriptOf(heard.take())).toBe(text)
    },
  )

  it('says when each symbol was heard', () => {
    const heard = listen([speakMulaw('abc')])
    expect(heard.map((h) => Math.round(h.start / 400))).toEqual([0, 1, 2])
    expect(speechMs('abc')).toBe(150)
  })

  it('does not hear a symbol that was cut before its middle', () => {
    const audio = speakMulaw('abc')
    expect(textOf(listen([audio.subarray(0, 800 + 100)]))).toBe('ab')
  })

  it('hears swapped frames as something else', () => {
    const audio = speakMulaw('hello there my friend')
    const swapped = [
      audio.subarray(0, 480),
      audio.subarray(640, 800),
      audio.subarray(480, 640),
      audio.subarray(800),
    ]
    expect(textOf(listen(swapped))).not.toBe('hello there my friend')
  })

  it('hears no words in noise', () => {
    let seed = 1
    const noise = Int16Array.from({ length: 16_000 }, () => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff
      return (seed % 8000) - 4000
    })
    expect(textOf(listen([pcmToMulaw(noise)])).replaceAll('\uFFFD', '')).toBe('')
  })
})
