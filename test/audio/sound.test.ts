import { describe, expect, it } from 'vitest'
import { pcmToMulaw } from '../../src/audio/mulaw.ts'
import { FirstSound, isLoud } from '../../src/audio/sound.ts'

/** 20 ms of a 400 Hz tone at this level. */
const tone = (dbfs: number) => {
  const peak = 32_768 * 10 ** (dbfs / 20) * Math.SQRT2
  return pcmToMulaw(
    Int16Array.from({ length: 160 }, (_, i) => Math.min(32_767, peak * Math.sin(i * 0.314))),
  )
}
const silence = new Uint8Array(160).fill(0xff)

describe('the first sound of a line', () => {
  it('is told once, when it has lasted for 80 ms', () => {
    const sound = new FirstSound()
    const told = Array.from({ length: 8 }, () => sound.push(tone(-20)))
    expect(told).toEqual([false, false, false, true, false, false, false, false])
  })

  it('is neither hiss nor a click, nor nothing', () => {
    const sound = new FirstSound()
    for (let i = 0; i < 20; i++) {
      expect(sound.push(tone(-55))).toBe(false)
      expect(sound.push(new Uint8Array())).toBe(false)
    }
    for (let i = 0; i < 19; i++) expect(sound.push(i % 3 === 0 ? silence : tone(-20))).toBe(false)
    for (let i = 0; i < 3; i++) expect(sound.push(tone(-20))).toBe(false)
    expect(sound.push(tone(-20))).toBe(true)
  })
})

describe('how loud a sound is', () => {
  it('tells speech from the hiss of a line', () => {
    expect([tone(-20), tone(-35), tone(-55), silence].map(isLoud)).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})
