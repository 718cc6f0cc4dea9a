import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ElevenLabsToTwilio } from '../../src/audio/elevenlabs-to-twilio.ts'
import { FRAME_BYTES, MULAW_BYTES_PER_MS, MULAW_SILENCE } from '../../src/audio/samples.ts'
import {
  type HeardByte,
  speakPcm24k,
  textOf,
  ToneListener,
} from '../../src/simulator/tone-speech.ts'
import { split } from './split.ts'

function convert(pieces: readonly Uint8Array[]): Uint8Array[] {
  const converter = new ElevenLabsToTwilio()
  return [...pieces.map((piece) => converter.push(piece)), converter.flush()]
}

describe('ElevenLabs to Twilio', () => {
  it('keeps every word of the speech, whatever chunks it comes in', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 9001 }), { minLength: 1, maxLength: 10 }),
        (text, sizes) => {
          const heard: HeardByte[] = []
          const listener = new ToneListener((byte) => heard.push(byte))
          for (const audio of convert(split(speakPcm24k(text), sizes))) listener.hear(audio)
          listener.hear(new Uint8Array(400).fill(0xff))
          expect(textOf(heard)).toBe(text)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is as long as the speech', () => {
    const bytes = convert([speakPcm24k('Hello')]).reduce((sum, audio) => sum + audio.length, 0)
    expect(bytes).toBe(5 * 50 * MULAW_BYTES_PER_MS)
  })

  it('turns 20 ms of silence into one frame of μ-law silence', () => {
    const out = convert([new Uint8Array(960)]).flatMap((audio) => [...audio])
    expect(out).toEqual(Array.from({ length: FRAME_BYTES }, () => MULAW_SILENCE))
  })
})
