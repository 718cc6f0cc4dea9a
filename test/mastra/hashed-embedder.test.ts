import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DIMENSIONS, hashedEmbedder, hashedVector } from '../../src/mastra/hashed-embedder.ts'

const likeness = (a: string, b: string) => {
  const other = hashedVector(b)
  return hashedVector(a).reduce((sum, value, i) => sum + value * (other[i] ?? 0), 0)
}

it('every text has a vector of length 1, always the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const vector = hashedVector(text)
      expect(vector).toHaveLength(DIMENSIONS)
      expect(Math.hypot(...vector)).toBeCloseTo(1, 9)
      expect(hashedVector(text)).toEqual(vector)
    }),
  )
})

it('texts that share words, or forms of them, are closer than others', async () => {
  const asked = 'When does the delivery come?'
  expect(likeness(asked, 'The deliveries come on Friday')).toBeGreaterThan(0.3)
  expect(likeness(asked, 'My tooth hurts')).toBeLessThan(0.15)
  expect(likeness(asked, asked.toUpperCase())).toBeCloseTo(1, 9)
  const { embeddings } = await hashedEmbedder.doEmbed({ values: [asked, 'x'] })
  expect(embeddings).toEqual([hashedVector(asked), hashedVector('x')])
})
