/**
 * Vectors of texts by feature hashing (Weinberger et al., 2009): words and their trigrams are hashed to places of a vector, with
 * a sign, and the vector brought to length 1. Texts that share words, or forms of them, lie close together; what they mean is
 * not known. Needs no model and no network, and the same text always gives the same vector.
 */

export const DIMENSIONS = 256
const TRIGRAM_WEIGHT = 0.4

/** Words that say nothing about what a text is about. Of other languages they only add a little noise. */
const STOP_WORDS = new Set(
  'a about an and are at be but by can could did do does for from had has have he her his how i in is it me my not of on or our she so that the their them there they this to us was we were what when where which who why will with would you your'.split(
    ' ',
  ),
)

export function hashedVector(text: string): number[] {
  const vector = new Array<number>(DIMENSIONS).fill(0)
  const add = (feature: string, weight: number) => {
    const hash = fnv1a(feature)
    const place = hash % DIMENSIONS
    const sign = hash & 0x8000_0000 ? -1 : 1
    vector[place] = (vector[place] ?? 0) + sign * weight
  }
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    if (STOP_WORDS.has(word)) continue
    add(word, 1)
    const padded = `^${word}$`
    for (let i = 0; i + 3 <= padded.length; i++) add(padded.slice(i, i + 3), TRIGRAM_WEIGHT)
  }
  const length = Math.hypot(...vector)
  // A text without a word is like no other, but a vector of length 0 has no direction.
  if (length === 0) return vector.map((_, i) => (i === 0 ? 1 : 0))
  return vector.map((value) => value / length)
}

/** 32-bit FNV-1a over UTF-16 code units. http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(text: string): number {
  let hash = 0x811c_9dc5
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193) >>> 0
  }
  return hash
}

/** As Mastra's memory wants it: an embedding model of the AI SDK, specification 2. */
export const hashedEmbedder = {
  specificationVersion: 'v2' as const,
  provider: 'parley',
  modelId: `feature-hashing-${DIMENSIONS}`,
  maxEmbeddingsPerCall: 1000,
  supportsParallelCalls: true,
  doEmbed: ({ values }: { values: string[] }) =>
    Promise.resolve({ embeddings: values.map(hashedVector) }),
}
