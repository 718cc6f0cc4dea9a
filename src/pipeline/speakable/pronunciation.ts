/** As written → as spoken. */
export type Dictionary = Readonly<Record<string, string>>

/**
 * A stretch of a reply. `written` goes on record, `spoken` to the voice. They differ only by the pronunciation
 * dictionary: the record says *Nguyen*, the voice is given *Win*. Numbers, dates and the like are put into words before,
 * and those words are both written and spoken, so that the record says what the person heard.
 */
export type Spoken = { readonly written: string; readonly spoken: string }

/** Finds the words of a dictionary in a text. */
export class Pronunciation {
  readonly #pattern: RegExp | undefined
  readonly #exact = new Map<string, string>()
  readonly #anyCase = new Map<string, string>()

  /** @param normalise how the text was treated in which the words are to be found */
  constructor(dictionary: Dictionary, normalise: (text: string) => string) {
    const keys = new Set<string>()
    for (const [key, alias] of Object.entries(dictionary)) {
      for (const form of new Set([key, normalise(key)])) {
        const words = form.trim()
        if (words === '') continue
        keys.add(words)
        const [map, name] = isExact(words)
          ? [this.#exact, spaced(words)]
          : [this.#anyCase, spaced(words).toLowerCase()]
        if (!map.has(name)) map.set(name, alias)
      }
    }
    if (keys.size === 0) return
    const any = Array.from(keys)
      .sort((a, b) => b.length - a.length)
      .map(keyPattern)
    this.#pattern = new RegExp(
      String.raw`(?<![\p{L}\p{M}\p{N}])(?:${any.join('|')})(?![\p{L}\p{M}\p{N}])`,
      'gu',
    )
  }

  /** The text in pieces that, joined as written, are the text. */
  pieces(text: string): Spoken[] {
    if (!this.#pattern) return [same(text)]
    const pieces: Spoken[] = []
    let at = 0
    for (const match of text.matchAll(this.#pattern)) {
      const written = match[0]
      const name = spaced(written)
      const spoken = this.#exact.get(name) ?? this.#anyCase.get(name.toLowerCase())
      if (spoken === undefined || spoken === written) continue
      if (match.index > at) pieces.push(same(text.slice(at, match.index)))
      pieces.push({ written, spoken })
      at = match.index + written.length
    }
    if (at < text.length) pieces.push(same(text.slice(at)))
    return pieces
  }
}

function same(text: string): Spoken {
  return { written: text, spoken: text }
}

function spaced(words: string): string {
  return words.replaceAll(/\s+/gu, ' ')
}

/** A capital beyond the first letter is meant: *IT* is not *it*. */
function isExact(key: string): boolean {
  return /\p{Lu}/u.test(Array.from(key).slice(1).join(''))
}

function keyPattern(key: string): string {
  const exact = isExact(key)
  return Array.from(spaced(key), (char) => {
    if (char === ' ') return String.raw`\s+`
    const [lower, upper] = [char.toLowerCase(), char.toUpperCase()]
    if (exact || lower === upper) return escaped(char)
    return `(?:${lower}|${upper})`
  }).join('')
}

function escaped(char: string): string {
  return /[$.*+?^(){}|[\]\\/]/.test(char) ? `\\${char}` : char
}
