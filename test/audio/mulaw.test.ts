import alawmulaw from 'alawmulaw'
import { describe, expect, it } from 'vitest'
import { mulawToPcm, pcmToMulaw } from '../../src/audio/mulaw.ts'

const everySample = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768)
const everyCode = Uint8Array.from({ length: 256 }, (_, i) => i)

describe('μ-law', () => {
  it('encodes all 65,536 samples bit for bit as alawmulaw does', () => {
    expect(pcmToMulaw(everySample)).toEqual(alawmulaw.mulaw.encode(everySample))
  })

  it('decodes all 256 codes as alawmulaw does', () => {
    expect(mulawToPcm(everyCode)).toEqual(alawmulaw.mulaw.decode(everyCode))
  })

  it('gives every code back after a decode and an encode, but for the second zero', () => {
    const back = pcmToMulaw(mulawToPcm(everyCode))
    const changed = [...everyCode].filter((code) => back[code] !== code)
    expect(changed).toEqual([0x7f])
    expect(back[0x7f]).toBe(0xff)
  })

  it('is never further off than half of the widest step of the sample’s segment', () => {
    const back = mulawToPcm(pcmToMulaw(everySample))
    const tooFarOff = everySample.filter((sample, i) => {
      // Above the clipping level the loudest code is all there is.
      const clipped = Math.max(-32_635, Math.min(32_635, sample))
      const step = 2 ** Math.max(3, Math.floor(Math.log2(Math.abs(clipped) + 132)) - 4)
      return Math.abs(back[i]! - clipped) > step / 2 + 1
    })
    expect([...tooFarOff]).toEqual([])
  })
})
