import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Cancel, Clock } from '../clock.ts'

/** Where lines go; each `append` is done before the next one is asked for. */
export type LineSink = { append(text: string): Promise<void>; close(): Promise<void> }

/** A crash loses at most the lines of so much time. */
const FLUSH_MS = 1000
/** What waits for a slow disk; a call of an hour has about as much in all. */
const MOST_WAITING_BYTES = 1_000_000

/**
 * Writes lines in order, in the background: `write` neither waits nor throws. What was written in the last second may not
 * be in the file yet. The sink is opened with the first flush.
 */
export class LineFile {
  readonly #parts: LineFileParts
  #sink: LineSink | undefined
  #waiting: string[] = []
  /** Bytes of lines that are not in the file, those on their way included. */
  #waitingBytes = 0
  #flushing: Promise<void> | undefined
  #cancelFlush: Cancel | undefined
  #isOver = false
  #hasFailed = false

  constructor(parts: LineFileParts) {
    this.#parts = parts
  }

  /**
   * Takes one line, or several, without the last line break. `always`: also when too much is waiting.
   *
   * @returns false when too much is waiting, and the line was not taken
   */
  write(line: string, { always = false } = {}): boolean {
    if (this.#isOver) return true
    const bytes = Buffer.byteLength(line) + 1
    if (!always && this.#waitingBytes + bytes > MOST_WAITING_BYTES) return false
    this.#waiting.push(line)
    this.#waitingBytes += bytes
    if (!this.#flushing) this.#flushSoon()
    return true
  }

  /** Writes out what is waiting and closes the file; nothing more is taken. */
  async close(): Promise<void> {
    this.#isOver = true
    this.#cancelFlush?.()
    await this.#flushing
    await this.#flush()
    try {
      await this.#sink?.close()
    } catch (error) {
      this.#fail(error)
    }
  }

  #flushSoon(): void {
    this.#cancelFlush ??= this.#parts.clock.after(FLUSH_MS, () => {
      this.#cancelFlush = undefined
      this.#flushing = this.#flush().then(() => {
        this.#flushing = undefined
        if (this.#waiting.length > 0 && !this.#isOver) this.#flushSoon()
      })
    })
  }

  /** Never rejects: after a failure the rest is given up. */
  async #flush(): Promise<void> {
    const lines = this.#waiting
    if (lines.length === 0) return
    this.#waiting = []
    const text = `${lines.join('\n')}\n`
    try {
      this.#sink ??= await this.#parts.open()
      await this.#sink.append(text)
    } catch (error) {
      this.#fail(error)
    }
    this.#waitingBytes -= Buffer.byteLength(text)
  }

  #fail(error: unknown): void {
    this.#isOver = true
    this.#waiting = []
    if (!this.#hasFailed) this.#parts.onFailed(error)
    this.#hasFailed = true
  }
}

export type LineFileParts = {
  readonly open: () => Promise<LineSink>
  readonly clock: Clock
  /** Told once, of the failure that ends the file. */
  readonly onFailed: (error: unknown) => void
}

/** A new file that only its owner may read, in a folder that is made so if need be. Rejects when it is there already. */
export async function newPrivateFile(path: string): Promise<LineSink> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(path, 'ax', 0o600)
  return {
    append: async (text) => {
      await file.appendFile(text)
    },
    close: async () => {
      await file.close()
    },
  }
}
