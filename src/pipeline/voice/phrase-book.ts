import type { Mulaw8k } from '../../audio/samples.ts'
import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import type { Alignment, TextToSpeech } from '../ports.ts'
import { Speakable } from '../speakable/speakable.ts'
import { stockPhrases } from '../stock-phrases.ts'
import { spokenWhole } from './spoken-whole.ts'

/** What was spoken once and is kept. */
export type KeptPhrase = {
  /** BCP 47 */
  readonly language: string
  /** As the voice was given it, without white space around. */
  readonly text: string
  readonly audio: Mulaw8k
  readonly alignment: Alignment | undefined
}

/** Where phrases are kept when the process ends. */
export interface PhraseStore {
  /** What is kept of a voice; never rejects: what cannot be read is spoken anew. */
  load(voice: string): Promise<readonly KeptPhrase[]>
  /** Never rejects: what cannot be kept is spoken anew by the next process. */
  keep(voice: string, phrase: KeptPhrase): Promise<void>
}

/** For phrases that are kept in memory only. */
export const forgetful: PhraseStore = {
  load: () => Promise.resolve([]),
  keep: () => Promise.resolve(),
}

export type PhraseBookParts = {
  readonly store: PhraseStore
  /** A voice by itself, without any that would stand in for it. */
  readonly voiceFor: (voice: string, language: string) => TextToSpeech
  readonly clock: Clock
  readonly log: Logger
}

/** A voice that could not speak its phrases is not asked again for so long. */
const AGAIN_MS = 60_000

/**
 * The phrases that the agent says in trouble, spoken in advance by the very voice that calls speak with: no vendor is needed when they
 * are. They are spoken in the background, one after the other, for each voice and language that a call has.
 */
export class PhraseBook {
  readonly #parts: PhraseBookParts
  readonly #abort = new AbortController()
  readonly #shelves = new Map<string, Map<string, KeptPhrase>>()
  /** When each voice and language may be asked for (again). */
  readonly #askedFor = new Map<string, number>()
  #work: Promise<void> = Promise.resolve()

  constructor(parts: PhraseBookParts) {
    this.#parts = parts
  }

  find(voice: string, language: string, text: string): KeptPhrase | undefined {
    return this.#shelves.get(voice)?.get(keyOf(language, text.trim()))
  }

  /** A call speaks with this voice in this language. */
  want(voice: string, language: string): void {
    const key = JSON.stringify([voice, language])
    const { clock } = this.#parts
    if (this.#abort.signal.aborted || (this.#askedFor.get(key) ?? -Infinity) > clock.now()) return
    this.#askedFor.set(key, Infinity)
    this.#work = this.#work.then(async () => {
      try {
        await this.#fill(voice, language)
      } catch (error) {
        if (this.#abort.signal.aborted) return
        this.#askedFor.set(key, clock.now() + AGAIN_MS)
        this.#parts.log.warn({ err: error, voice, language }, 'stock phrases are not ready')
      }
    })
  }

  /** Resolves when everything that was wanted is there, or was given up. */
  get settled(): Promise<void> {
    return this.#work
  }

  async close(): Promise<void> {
    this.#abort.abort(new Error('closed'))
    await this.#work
  }

  async #fill(voice: string, language: string): Promise<void> {
    const { store, voiceFor, clock } = this.#parts
    const { signal } = this.#abort
    signal.throwIfAborted()
    const shelf = await this.#shelf(voice)
    const missing = stockTexts(language).filter((text) => !shelf.has(keyOf(language, text)))
    if (missing.length === 0) return
    const tts = voiceFor(voice, language)
    try {
      for (const text of missing) {
        // With the pause that keeps it apart from what is said next.
        const spoken = await spokenWhole(tts, `${text} `, { clock, signal })
        const phrase = { language, text, ...spoken }
        shelf.set(keyOf(language, text), phrase)
        await store.keep(voice, phrase)
      }
    } finally {
      await tts.close()
    }
  }

  async #shelf(voice: string): Promise<Map<string, KeptPhrase>> {
    const known = this.#shelves.get(voice)
    if (known) return known
    const kept = await this.#parts.store.load(voice)
    const shelf = new Map(kept.map((phrase) => [keyOf(phrase.language, phrase.text), phrase]))
    this.#shelves.set(voice, shelf)
    return shelf
  }
}

/** The stock phrases of a language as a voice is given them. */
export function stockTexts(language: string): string[] {
  return Object.values(stockPhrases(language))
    .flat()
    .map((phrase) => spokenText(phrase, language))
}

function spokenText(phrase: string, language: string): string {
  const pieces = new Speakable({ language }).phrase(`${phrase} `)
  return pieces
    .map(({ spoken }) => spoken)
    .join('')
    .trim()
}

function keyOf(language: string, text: string): string {
  return `${language.toLowerCase()} ${text}`
}
