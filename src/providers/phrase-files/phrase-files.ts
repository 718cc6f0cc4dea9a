import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Mulaw8k } from '../../audio/samples.ts'
import type { Logger } from '../../log.ts'
import type { KeptPhrase, PhraseStore } from '../../pipeline/voice/phrase-book.ts'

/** The first line of a file; the rest of it is μ-law, 8,000 bytes a second. */
const Header = z.object({
  voice: z.string(),
  language: z.string(),
  text: z.string(),
  /** Of the audio. */
  sha256: z.string(),
  alignment: z
    .object({
      chars: z.array(z.string()),
      startMs: z.array(z.number()),
      durationMs: z.array(z.number()),
    })
    .optional(),
})

const ENDING = '.phrase'

/**
 * Keeps phrases as files: one each, in a folder for each voice, named by the hash of language and text. A file that is not whole,
 * or not what its name says, is as good as none.
 */
export class PhraseFiles implements PhraseStore {
  readonly #dir: string
  readonly #log: Logger

  /** @param options.dir made when it is first needed */
  constructor({ dir, log }: { dir: string; log: Logger }) {
    this.#dir = dir
    this.#log = log
  }

  async load(voice: string): Promise<readonly KeptPhrase[]> {
    const folder = this.#folder(voice)
    let names: string[]
    try {
      names = await readdir(folder)
    } catch {
      // Nothing was kept of this voice, or it cannot be read: its phrases are spoken anew.
      return []
    }
    const files = names.filter((name) => name.endsWith(ENDING))
    const phrases = await Promise.all(
      files.map(async (name) => {
        const phrase = await readPhrase(join(folder, name), voice)
        if (phrase && nameOf(phrase) === name) return [phrase]
        this.#log.warn({ file: name }, 'kept phrase is broken and not used')
        return []
      }),
    )
    return phrases.flat()
  }

  async keep(voice: string, phrase: KeptPhrase): Promise<void> {
    const folder = this.#folder(voice)
    const path = join(folder, nameOf(phrase))
    const draft = `${path}.${randomUUID()}`
    try {
      await mkdir(folder, { recursive: true })
      await writeFile(draft, encode(voice, phrase))
      // Whoever reads it finds all of it, or none.
      await rename(draft, path)
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined)
      this.#log.warn({ err: error }, 'phrase cannot be kept')
    }
  }

  #folder(voice: string): string {
    return join(this.#dir, hashOf(voice).slice(0, 16))
  }
}

function nameOf({ language, text }: Pick<KeptPhrase, 'language' | 'text'>): string {
  return hashOf(JSON.stringify([language.toLowerCase(), text])).slice(0, 32) + ENDING
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

function encode(voice: string, { language, text, audio, alignment }: KeptPhrase): Buffer {
  const header: z.infer<typeof Header> = {
    voice,
    language,
    text,
    sha256: hashOf(audio),
    ...(alignment && {
      alignment: {
        chars: [...alignment.chars],
        startMs: [...alignment.startMs],
        durationMs: [...alignment.durationMs],
      },
    }),
  }
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), audio])
}

async function readPhrase(path: string, voice: string): Promise<KeptPhrase | undefined> {
  try {
    const content = await readFile(path)
    const end = content.indexOf('\n')
    const header = Header.parse(JSON.parse(content.subarray(0, Math.max(0, end)).toString()))
    const audio: Mulaw8k = new Uint8Array(content.subarray(end + 1))
    const isWhole = audio.length > 0 && header.sha256 === hashOf(audio) && header.voice === voice
    const { language, text, alignment } = header
    return isWhole ? { language, text, audio, alignment } : undefined
  } catch {
    // Half a file, or somebody else's: whoever asked says so.
    return undefined
  }
}
