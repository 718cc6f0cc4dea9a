/** Flux refuses a connection for a longer one. */
const MAX_TERM_CHARS = 100
/** More than this biases what is heard towards names nobody says. */
const MAX_TERMS = 50
/**
 * Nova-3 counts 500 tokens over all terms, refuses a connection for more, and falls silent for more in a `Configure`. A token
 * of a name is some three characters.
 */
const MAX_CHARS = 1500

/** The terms that Deepgram takes, in their order; the others are left out, because a call does without them. */
export function usableKeyterms(terms: readonly string[]): readonly string[] {
  const usable = new Set<string>()
  let chars = 0
  for (const term of terms) {
    const clean = term.trim().replace(/\s+/g, ' ')
    if (clean === '' || clean.length > MAX_TERM_CHARS || usable.has(clean)) continue
    chars += clean.length
    if (usable.size === MAX_TERMS || chars > MAX_CHARS) break
    usable.add(clean)
  }
  return [...usable]
}
