import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pcmToMulaw } from '../../src/audio/mulaw.ts'
import { Pcm8kToMulaw } from '../../src/audio/pcm8k-to-mulaw.ts'

describe('PCM at the rate of the line', () => {
  it('becomes the same μ-law, wherever its chunks are cut', () => {
    fc.assert(
      fc.property(
        fc.int16Array({ maxLength: 60 }),
        fc.array(fc.integer({ min: 0, max: 121 })),
        (samples, cuts) => {
          const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)
          const converter = new Pcm8kToMulaw()
          const out: number[] = []
          let at = 0
          for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
            out.push(...converter.push(bytes.subarray(at, cut)))
            at = Math.min(Math.max(at, cut), bytes.length)
          }
          out.push(...converter.flush())
          expect(out).toEqual([...pcmToMulaw(samples)])
        },
      ),
    )
  })

  it('begins anew after its end', () => {
    const converter = new Pcm8kToMulaw()
    converter.push(Uint8Array.of(1))
    converter.flush()
    const sample = Int16Array.of(1000)
    expect(converter.push(new Uint8Array(sample.buffer))).toEqual(pcmToMulaw(sample))
  })
})
