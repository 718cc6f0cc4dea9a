import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ToneEvent, ToneDetector } from '../../src/audio/tone-detector.ts'
import { beep, fax, music, specialTones } from '../../src/simulator/person-sounds.ts'
import { speakMulaw } from '../../src/simulator/tone-speech.ts'
import {
  joined,
  mixed,
  mulaw,
  noise,
  type Sound,
  silence,
  sungVowel,
  tone,
  voice,
} from './sounds.ts'
import { split } from './split.ts'

function hear(sound: Sound): readonly ToneEvent[] {
  return new ToneDetector().push(mulaw(sound))
}

function kindsIn(sound: Sound): readonly string[] {
  return hear(sound).map(({ kind }) => kind)
}

const gap = silence(300)

function sit(hz: readonly [number, number, number], ms = 330): Sound {
  return joined(...hz.map((one) => tone(ms, one, { rampMs: 1 })))
}

describe('a beep', () => {
  it('is reported once it is over and nothing follows, with its end, length and pitch', () => {
    const detector = new ToneDetector()
    const audio = mulaw(joined(silence(330), tone(400, 1000), silence(500)))
    const heard: { event: ToneEvent; heardMs: number }[] = []
    for (let at = 0; at < audio.length; at += 160) {
      for (const event of detector.push(audio.subarray(at, at + 160))) {
        heard.push({ event, heardMs: (at + 160) / 8 })
      }
    }
    expect(heard).toHaveLength(1)
    const [{ event, heardMs }] = heard as [(typeof heard)[0]]
    expect(event).toMatchObject({ kind: 'beep', frequencyHz: 1000 })
    expect(Math.abs(event.atMs - 730)).toBeLessThanOrEqual(5)
    expect(Math.abs(event.durationMs - 400)).toBeLessThanOrEqual(10)
    expect(heardMs - event.atMs).toBeGreaterThanOrEqual(100)
    expect(heardMs - event.atMs).toBeLessThanOrEqual(150)
  })

  it('is heard at any pitch, length, level, phase and place, in noise up to 6 dB below it', () => {
    fc.assert(
      fc.property(
        fc.record({
          hz: fc.integer({ min: 350, max: 1990 }),
          ms: fc.integer({ min: 120, max: 2000 }),
          dbfs: fc.integer({ min: -30, max: -3 }),
          phase: fc.integer({ min: 0, max: 6 }),
          beforeMs: fc.integer({ min: 0, max: 260 }),
          snrDb: fc.constantFrom(7, 10, 20, 40),
          seed: fc.integer({ min: 1, max: 1000 }),
        }),
        ({ hz, ms, dbfs, phase, beforeMs, snrDb, seed }) => {
          const line = joined(silence(beforeMs), tone(ms, hz, { dbfs, phase }), gap)
          const heard = hear(mixed(line, noise(line.length / 8, dbfs - 3 - snrDb, seed)))
          expect(heard).toHaveLength(1)
          const [event] = heard as [ToneEvent]
          const isCng = Math.abs(hz - 1100) <= 30 && Math.abs(ms - 500) <= 90
          if (!isCng) expect(event.kind).toBe('beep')
          expect(Math.abs(event.frequencyHz - hz)).toBeLessThanOrEqual(12)
          expect(Math.abs(event.atMs - beforeMs - ms)).toBeLessThanOrEqual(30)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('is heard although the greeting runs right into it, and a frame of it is lost', () => {
    const greeting = voice(3000, { pitchHz: 130, seed: 4 })
    expect(kindsIn(joined(greeting, tone(500, 1000), gap))).toEqual(['beep'])
    const broken = joined(tone(300, 440), silence(20), tone(300, 440), gap)
    expect(hear(broken)).toMatchObject([{ kind: 'beep', frequencyHz: 440 }])
    expect(hear(broken)[0]?.durationMs).toBeGreaterThan(600)
  })

  it('is heard each time', () => {
    const one = joined(tone(200, 1000), silence(250))
    expect(kindsIn(joined(one, one, one))).toEqual(['beep', 'beep', 'beep'])
  })

  it('is heard after digital silence, at a level that only just counts', () => {
    expect(kindsIn(joined(silence(1000), tone(300, 900, { dbfs: -39 }), gap))).toEqual(['beep'])
    expect(kindsIn(joined(silence(1000), tone(300, 900, { dbfs: -43 }), gap))).toEqual([])
  })

  it.each<[string, Sound]>([
    ['too short', tone(80, 1000)],
    ['a dial tone that goes on and on', tone(4000, 440)],
    ['too low', tone(400, 300)],
    ['far too low', tone(400, 160)],
    ['too high', tone(400, 2190)],
    ['far too high', tone(400, 3000)],
    ['gliding', joined(...Array.from({ length: 20 }, (_, i) => tone(25, 500 + 60 * i)))],
    ['swelling and fading', mixed(tone(600, 1000), tone(600, 1012))],
    ['followed by something as loud', joined(tone(300, 1000), noise(300, -15))],
    ['a melody', joined(...[523, 659, 784, 1047].map((hz) => tone(250, hz)))],
    ['two notes', joined(tone(250, 660), silence(30), tone(250, 880))],
  ])('is not what is %s', (_, sound) => {
    expect(hear(joined(silence(100), sound, gap))).toEqual([])
  })
})

describe('two tones at once are no beep:', () => {
  it.each<[string, number, number]>([
    ['the dial tone', 350, 440],
    ['the ringing tone', 440, 480],
    ['the British ringing tone', 400, 450],
    ['the busy tone', 480, 620],
    ['a fifth', 440, 660],
    ['a third', 523, 659],
  ])('%s', (_, low, high) => {
    for (const dbfs of [-30, -15, -9]) {
      for (const ms of [130, 250, 500, 2000]) {
        expect(
          hear(joined(gap, mixed(tone(ms, low, { dbfs }), tone(ms, high, { dbfs })), gap)),
        ).toEqual([])
      }
    }
  })

  it('keys, even with one tone 8 dB louder than the other', () => {
    for (const low of [697, 770, 852, 941]) {
      for (const high of [1209, 1336, 1477, 1633]) {
        for (const twist of [-8, 0, 8]) {
          const pair = mixed(tone(300, low, { dbfs: -15 }), tone(300, high, { dbfs: -15 + twist }))
          expect(hear(joined(gap, pair, gap)), `${low} + ${high}, ${twist} dB`).toEqual([])
        }
      }
    }
  })

  it("the simulator's speech", () => {
    const text =
      'The quick brown fox jumps over the lazy dog, ¿cómo está? 0123456789 ~~~~ @@@@ ÄÖÜß'
    expect(new ToneDetector().push(speakMulaw(text.repeat(4)))).toEqual([])
  })
})

describe('speech and noise are no tones:', () => {
  it.each([90, 120, 160, 200, 240, 300, 380])('a voice of %i Hz', (pitchHz) => {
    for (let seed = 1; seed <= 4; seed++) {
      expect(hear(voice(15_000, { pitchHz, seed }))).toEqual([])
    }
  })

  it('a vowel that is held', () => {
    for (const pitch of [110, 150, 200, 250]) {
      for (const formants of [
        [300, 870, 2240],
        [730, 1090, 2440],
        [270, 2290, 3010],
      ]) {
        const held = sungVowel(700, formants, { from: pitch, to: pitch * 1.04 })
        expect(hear(joined(gap, held, gap)), `${pitch} Hz, ${formants.join()}`).toEqual([])
      }
    }
  })

  it('noise of any level, and a line that is dead', () => {
    for (const dbfs of [-50, -30, -15]) expect(hear(noise(20_000, dbfs))).toEqual([])
    expect(hear(silence(2000))).toEqual([])
    expect(new ToneDetector().push(new Uint8Array(0))).toEqual([])
  })
})

describe('a fax machine', () => {
  it('is heard by its answer while that goes on, once', () => {
    const detector = new ToneDetector()
    expect(detector.push(mulaw(tone(500, 2100)))).toMatchObject([
      { kind: 'fax', frequencyHz: 2100 },
    ])
    expect(detector.push(mulaw(joined(tone(2500, 2100), gap)))).toEqual([])
  })

  it('is heard by its call', () => {
    expect(kindsIn(joined(gap, tone(500, 1100), gap))).toEqual(['fax'])
    expect(kindsIn(joined(gap, tone(300, 1100), gap))).toEqual(['beep'])
    expect(kindsIn(joined(gap, tone(800, 1100), gap))).toEqual(['beep'])
  })

  it('is not a short whistle at 2,100 Hz', () => {
    expect(hear(joined(gap, tone(250, 2100), gap))).toEqual([])
  })
})

describe('special information tones', () => {
  it.each<[string, readonly [number, number, number], number]>([
    ['ITU', [950, 1400, 1800], 330],
    ['vacant code', [985.2, 1370.6, 1776.7], 380],
    ['intercept', [913.8, 1370.6, 1776.7], 276],
    ['no circuit', [985.2, 1428.5, 1776.7], 276],
  ])('are heard as such, and not as beeps: %s', (_, hz, ms) => {
    const heard = hear(joined(silence(210), sit(hz, ms), silence(500)))
    expect(heard).toMatchObject([{ kind: 'sit' }])
    expect(Math.abs((heard[0]?.frequencyHz ?? 0) - hz[0])).toBeLessThanOrEqual(3)
    expect(Math.abs((heard[0]?.atMs ?? 0) - 210 - 3 * ms)).toBeLessThanOrEqual(10)
    expect(Math.abs((heard[0]?.durationMs ?? 0) - 3 * ms)).toBeLessThanOrEqual(20)
  })

  it.each<[string, Sound]>([
    ['falling', sit([1800, 1400, 950])],
    ['of wrong pitch', sit([950, 1400, 1600])],
    ['too short', sit([950, 1400, 1800], 150)],
    ['too long', sit([950, 1400, 1800], 600)],
  ])('are not three tones that are %s', (_, sound) => {
    expect(hear(joined(gap, sound, gap))).toEqual([])
  })

  it('are not three beeps with pauses', () => {
    const apart = [950, 1400, 1800].flatMap((hz) => [tone(330, hz), silence(400)])
    expect(kindsIn(joined(...apart))).toEqual(['beep', 'beep', 'beep'])
  })
})

it("the simulator's machines sound like machines, and its music like music", () => {
  const kinds = (audio: Uint8Array) => new ToneDetector().push(audio).map(({ kind }) => kind)
  expect([beep(400), beep(120), beep(1000, 440)].flatMap(kinds)).toEqual(['beep', 'beep', 'beep'])
  expect(kinds(fax(2000))).toEqual(['fax'])
  expect(kinds(specialTones())).toEqual(['sit'])
  expect(kinds(music(10_000))).toEqual([])
})

describe('the stream', () => {
  const call = mulaw(
    joined(
      voice(1500, { pitchHz: 140, seed: 3 }),
      tone(437, 1000),
      gap,
      sit([950, 1400, 1800]),
      gap,
      tone(500, 1100),
      gap,
      tone(700, 2100),
    ),
  )

  it('gives the same events however it is cut into frames', () => {
    const whole = new ToneDetector().push(call)
    expect(whole.map(({ kind }) => kind)).toEqual(['beep', 'sit', 'fax', 'fax'])
    fc.assert(
      fc.property(
        fc
          .array(fc.nat(900), { minLength: 1, maxLength: 8 })
          .filter((sizes) => sizes.some(Boolean)),
        (sizes) => {
          const detector = new ToneDetector()
          const pieces = split(call, sizes)
          expect(pieces.flatMap((piece) => detector.push(piece))).toEqual(whole)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('never crashes on bytes of any kind', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4000 }), (bytes) => {
        expect(Array.isArray(new ToneDetector().push(bytes))).toBe(true)
      }),
    )
  })
})
