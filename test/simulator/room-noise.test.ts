import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mulawToPcm } from '../../src/audio/mulaw.ts'
import { CallAudio } from '../../src/simulator/call-audio.ts'
import { HeardWords, transcriptOf } from '../../src/simulator/heard-words.ts'
import { RoomNoise } from '../../src/simulator/room-noise.ts'
import { speakMulaw } from '../../src/simulator/tone-speech.ts'

function levelOf(audio: Uint8Array): number {
  const pcm = mulawToPcm(audio)
  const power = pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length
  return 10 * Math.log10(power / 32_768 ** 2)
}

/** What a listener makes of speech in this noise, one second of noise before and after it. */
function heardThrough(levelDbfs: number, text: string): { text: string; soundEnd: number } {
  const room = new RoomNoise(levelDbfs)
  const speech = speakMulaw(text)
  const heard = new HeardWords()
  const around = (frame: Uint8Array | undefined) => {
    heard.hear(room.around(frame)!)
  }
  for (let i = 0; i < 50; i++) around(undefined)
  for (let at = 0; at < speech.length; at += 160) {
    const frame = new Uint8Array(160).fill(0xff)
    frame.set(speech.subarray(at, at + 160))
    around(frame)
  }
  for (let i = 0; i < 50; i++) around(undefined)
  return { text: transcriptOf(heard.take()), soundEnd: heard.lastSoundEnd }
}

describe('noise around the person', () => {
  it.each([-60, -50, -40])('has the level asked for: %i dBFS', (levelDbfs) => {
    const room = new RoomNoise(levelDbfs)
    const audio = Buffer.concat(Array.from({ length: 100 }, () => room.around(undefined)!))
    expect(levelOf(audio)).toBeCloseTo(levelDbfs, 0)
  })

  it('is the same in every run, and has no tone in it', () => {
    const [a, b] = [new RoomNoise(-40), new RoomNoise(-40)]
    const audio = Buffer.concat(Array.from({ length: 100 }, () => a.around(undefined)!))
    expect(Buffer.concat(Array.from({ length: 100 }, () => b.around(undefined)!))).toEqual(audio)
    const pcm = mulawToPcm(audio)
    const energy = pcm.reduce((sum, sample) => sum + sample * sample, 0)
    for (let hz = 100; hz < 4000; hz += 100) {
      const angle = (2 * Math.PI * hz) / 8000
      const re = pcm.reduce((sum, sample, n) => sum + sample * Math.cos(angle * n), 0)
      const im = pcm.reduce((sum, sample, n) => sum + sample * Math.sin(angle * n), 0)
      expect((2 * (re * re + im * im)) / (pcm.length * energy)).toBeLessThan(0.01)
    }
  })

  it('does not keep words from being understood at −40 dBFS, nor speech from ending', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[\wäöüß¿éñ?!.,]{1,12}( [\wäöüß¿éñ?!.,]{1,12}){0,4}$/u),
        (text) => {
          const heard = heardThrough(-40, text)
          expect(heard.text).toBe(text)
          expect(heard.soundEnd).toBeLessThanOrEqual(8000 + speakMulaw(text).length)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('drowns words when it is loud', () => {
    expect(heardThrough(-12, 'Can you hear me now?').text).not.toBe('Can you hear me now?')
  })

  it('fills every frame of the call, and its recording', () => {
    const frames: (Uint8Array | undefined)[] = []
    const audio = new CallAudio({
      record: true,
      onWord: () => undefined,
      around: { noise: { levelDbfs: -45 } },
    })
    audio.attach({ callerFrame: (frame) => frames.push(frame), markPlayed: () => undefined })
    audio.mouth.speak(speakMulaw('Hi'), 800)
    audio.advance(400)
    expect(frames).toHaveLength(20)
    expect(frames.every((frame) => frame?.length === 160)).toBe(true)
    expect(audio.recording().caller).toEqual(new Uint8Array(Buffer.concat(frames as Uint8Array[])))
    expect(levelOf(frames[19]!)).toBeCloseTo(-45, 0)
  })
})
