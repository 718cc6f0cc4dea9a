import { createReadStream, type Stats } from 'node:fs'
import { readdir, stat, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { MULAW_BYTES_PER_MS } from '../../audio/samples.ts'
import { type ByteSink, MULAW_STEREO_HEADER_BYTES } from '../../audio/wav-writer.ts'
import type { Clock } from '../../clock.ts'
import type { Keyring } from '../../keyring.ts'
import type { Logger } from '../../log.ts'
import { CallRecorder } from './call-recorder.ts'
import { filledPrivateSink, newPrivateSink } from './private-sink.ts'
import { destroyKey, filledSealedSink, newSealedSink, openSealed, sealFile } from './sealed-file.ts'

/** A recording to be read. */
export type StoredRecording = {
  /** In bytes; of a call that goes on, as of now. */
  readonly size: number
  /** `start` and `end`: first and last byte; default: all. */
  stream(range?: { readonly start: number; readonly end: number }): Readable
}

export type RecordingsOptions = {
  /** Made, readable by its owner only, when it is first needed. */
  readonly dir: string
  readonly clock: Clock
  readonly log: Logger
  /** With it, new recordings are sealed, and sealed ones can be read. */
  readonly keyring?: Keyring | undefined
  /** Opens a new file; default: one that only its owner may read. */
  readonly openFile?: (path: string) => Promise<ByteSink>
}

const DAY_MS = 86_400_000
const EXTENSION = '.wav'

/** The sound of calls that asked for it, each in the file `<dir>/<call id>.wav`: stereo, the caller left, the agent right. */
export class Recordings {
  readonly #options: RecordingsOptions
  /** Of calls that go on, or whose file is being finished. */
  readonly #recorders = new Map<string, CallRecorder>()

  constructor(options: RecordingsOptions) {
    this.#options = options
  }

  /** What records a call. Its file is made when its first line is attached; one that cannot be made is said in the log. */
  start(callId: string): CallRecorder {
    return this.#record(callId, this.#opening(newSealedSink, newPrivateSink), 0)
  }

  /** What goes on recording a call that another process has recorded so far. `elapsedMs`: of the call. */
  resume(callId: string, elapsedMs: number): CallRecorder {
    const beginsAt = Math.round(elapsedMs * MULAW_BYTES_PER_MS)
    return this.#record(callId, this.#opening(filledSealedSink, filledPrivateSink), beginsAt)
  }

  #opening(
    sealed: (path: string, keyring: Keyring) => Promise<ByteSink>,
    plain: (path: string) => Promise<ByteSink>,
  ): (path: string) => Promise<ByteSink> {
    const { keyring, openFile } = this.#options
    return openFile ?? ((path) => (keyring ? sealed(path, keyring) : plain(path)))
  }

  #record(
    callId: string,
    openFile: (path: string) => Promise<ByteSink>,
    beginsAt: number,
  ): CallRecorder {
    const { clock, log } = this.#options
    let hasFailed = false
    const recorder = new CallRecorder({
      clock,
      beginsAt,
      open: () => openFile(this.#pathOf(callId)),
      onFailed: (error) => {
        hasFailed = true
        log.error({ err: error, callId }, 'call cannot be recorded')
      },
      onClosed: () => {
        this.#recorders.delete(callId)
        const { lostMs } = recorder
        if (hasFailed || lostMs === 0) return
        log.warn({ callId, lostMs }, 'recording has gaps: the disk is too slow')
      },
    })
    this.#recorders.set(callId, recorder)
    return recorder
  }

  /** Undefined when the call has no recording. */
  async open(callId: string): Promise<StoredRecording | undefined> {
    const path = this.#pathOf(callId)
    const status = await statusOf(path)
    if (!status) return undefined
    const sealed = await openSealed(path, this.#options.keyring)
    const size = sealed?.size ?? status.size
    // A file that is being begun holds nothing yet.
    if (size <= MULAW_STEREO_HEADER_BYTES) return undefined
    return {
      size,
      stream: (range) =>
        sealed?.stream({ start: 0, end: size - 1, ...range }) ?? createReadStream(path, range),
    }
  }

  /**
   * Erases the recording of a call; one that is still being made ends with it.
   *
   * @returns whether there was one
   */
  async erase(callId: string): Promise<boolean> {
    await this.#recorders.get(callId)?.close()
    return removed(this.#pathOf(callId))
  }

  /**
   * Erases what is older than so many days; 0 keeps everything. A file that cannot be erased is said in the log.
   *
   * @returns the ids of the calls whose recordings were erased
   */
  async sweep(days: number): Promise<readonly string[]> {
    if (days === 0) return []
    const { dir, clock, log } = this.#options
    const oldest = clock.date().getTime() - days * DAY_MS
    const erased: string[] = []
    for (const name of await namesIn(dir)) {
      const callId = basename(name, EXTENSION)
      if (!name.endsWith(EXTENSION) || this.#recorders.has(callId)) continue
      try {
        const changed = (await statusOf(join(dir, name)))?.mtimeMs ?? Infinity
        if (changed < oldest && (await removed(join(dir, name)))) erased.push(callId)
      } catch (error) {
        log.error({ err: error, callId }, 'recording was not erased')
      }
    }
    return erased
  }

  /**
   * Seals what is there and not sealed, and wraps the keys of the rest with the newest one. To be done before calls begin.
   *
   * @returns how many recordings have changed
   */
  async sealAll(): Promise<number> {
    const { dir, keyring, log } = this.#options
    if (!keyring) return 0
    let changed = 0
    for (const name of await namesIn(dir)) {
      if (!name.endsWith(EXTENSION)) continue
      try {
        if (await sealFile(join(dir, name), keyring)) changed++
      } catch (error) {
        log.error({ err: error, callId: basename(name, EXTENSION) }, 'recording was not sealed')
      }
    }
    return changed
  }

  /** Ends all recordings and waits until they are in their files. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#recorders.values(), (recorder) => recorder.close()))
  }

  /** An id of ours is a name of a file; one from elsewhere does not lead out of the folder either. */
  #pathOf(callId: string): string {
    return join(this.#options.dir, `${callId.replaceAll(/[^\w-]/g, '_')}${EXTENSION}`)
  }
}

async function statusOf(path: string): Promise<Stats | undefined> {
  return orNothing(stat(path), undefined)
}

async function namesIn(dir: string): Promise<readonly string[]> {
  return orNothing(readdir(dir), [])
}

async function removed(path: string): Promise<boolean> {
  const removing = async () => {
    await destroyKey(path)
    await unlink(path)
    return true
  }
  return orNothing(removing(), false)
}

/** What is not there is no error. */
async function orNothing<T>(looking: Promise<T>, nothing: T): Promise<T> {
  try {
    return await looking
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return nothing
    throw error
  }
}
