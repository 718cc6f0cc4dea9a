import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { FlightRecord } from '../pipeline/flight-record.ts'
import { FlightWriter, type RecordedCall } from './flight-writer.ts'
import { LineFile, type LineSink, newPrivateFile } from './line-file.ts'

export type FlightFilesOptions = {
  /** Made, readable by its owner only, when it is first needed. */
  readonly dir: string
  /** Whether words, names and numbers stay readable. */
  readonly pii: boolean
  readonly clock: Clock
  readonly log: Logger
  /** Opens a new file; default: `newPrivateFile`. */
  readonly openFile?: (path: string) => Promise<LineSink>
}

/**
 * Keeps a flight record of each call, in the file `<dir>/<call id>.jsonl`. A record that cannot be written is given up, and
 * said so in the log; the call does not notice.
 */
export class FlightFiles {
  readonly #options: FlightFilesOptions
  readonly #open = new Set<FlightRecord>()
  readonly #closing = new Set<Promise<void>>()

  constructor(options: FlightFilesOptions) {
    this.#options = options
  }

  record(call: RecordedCall): FlightRecord {
    const { dir, clock, pii, log, openFile = newPrivateFile } = this.#options
    const lines = new LineFile({
      clock,
      // An id of ours is a name of a file; one from elsewhere does not lead out of the folder either.
      open: () => openFile(join(dir, `${nameOf(call)}.jsonl`)),
      onFailed: (error) => {
        log.error({ err: error, callId: call.callId }, 'flight record cannot be written')
      },
    })
    const onEnd = () => {
      this.#open.delete(record)
      const closing = lines.close().finally(() => this.#closing.delete(closing))
      this.#closing.add(closing)
    }
    const record = new FlightWriter({ lines, clock, log, pii, onEnd }, call)
    this.#open.add(record)
    return record
  }

  /** Ends all records and waits until they are in their files. */
  async close(): Promise<void> {
    for (const record of this.#open) record.end()
    await Promise.all(this.#closing)
  }
}

/** Each process that carries a call has a record of its own. */
function nameOf({ callId, resumedAtMs }: RecordedCall): string {
  const name = callId.replaceAll(/[^\w-]/g, '_')
  return resumedAtMs === undefined ? name : `${name}.${Math.round(resumedAtMs)}`
}
