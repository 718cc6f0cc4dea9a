import { type Client, createClient, type InStatement, LibsqlError } from '@libsql/client/sqlite3'
import type { Clock } from '../clock.ts'
import { StoreError } from '../errors.ts'
import type { Dialect, Row, SqlEngine, Statement } from './sql-engine.ts'

/**
 * libSQL works in the thread that calls it: while it waits for a lock, no call is carried. So it waits hardly at all, and we
 * wait in between.
 */
const BUSY_TIMEOUT_MS = 5
const LOCK_WAITS_MS = [20, 40, 80, 160, 320, 640]

const DATA_FAULTS: ReadonlySet<string> = new Set([
  'SQLITE_CONSTRAINT',
  'SQLITE_TOOBIG',
  'SQLITE_MISMATCH',
  'SQLITE_RANGE',
])

/** A libSQL file of this process, or a database in memory. */
export class LibsqlEngine implements SqlEngine {
  readonly dialect: Dialect = { text: 'TEXT', migrationLock: undefined, skipLocked: '' }
  readonly #client: Client
  readonly #clock: Clock
  readonly #isFile: boolean
  #isPrepared = false

  /** @throws {LibsqlError} or {Error} when the file cannot be opened */
  constructor({ url, clock }: { url: string; clock: Clock }) {
    // One connection: what is set by a PRAGMA holds for the connection alone.
    this.#client = createClient({ url, concurrency: 1, timeout: BUSY_TIMEOUT_MS })
    this.#clock = clock
    this.#isFile = !url.includes(':memory:')
  }

  async run(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    return this.#retrying(async () => {
      await this.#prepare()
      const [only, ...more] = statements
      if (only && more.length === 0) return [(await this.#client.execute(inputOf(only))).rows]
      const results = await this.#client.batch(statements.map(inputOf), 'write')
      return results.map(({ rows }) => rows)
    })
  }

  /** Deleted rows are overwritten (`secure_delete`), but what was written before is in the log until it is cut off. */
  async scrub(): Promise<void> {
    await this.run([{ sql: 'PRAGMA wal_checkpoint(TRUNCATE)' }])
  }

  close(): Promise<void> {
    this.#client.close()
    return Promise.resolve()
  }

  async #prepare(): Promise<void> {
    if (this.#isPrepared) return
    // A crash of the process loses nothing with NORMAL; one of the machine may lose the last transactions.
    await this.#client.execute('PRAGMA synchronous = NORMAL')
    await this.#client.execute('PRAGMA secure_delete = ON')
    if (this.#isFile) await this.#client.execute('PRAGMA journal_mode = WAL')
    this.#isPrepared = true
  }

  async #retrying<Result>(work: () => Promise<Result>): Promise<Result> {
    for (const waitMs of [...LOCK_WAITS_MS, undefined]) {
      try {
        return await work()
      } catch (error) {
        this.#reconnect()
        const failure = failureOf(error)
        if (failure.code === 'refused' || waitMs === undefined || !isLocked(error)) throw failure
        await this.#clock.sleep(waitMs)
      }
    }
    throw new StoreError('database is locked', { code: 'unavailable' })
  }

  /**
   * A BEGIN that has met a lock stays open on its connection until it is garbage, and lets no transaction be committed
   * meanwhile ("SQL statements in progress": libsql 0.5.29). A database in memory would be lost with its connection.
   */
  #reconnect(): void {
    if (!this.#isFile || this.#client.closed) return
    this.#client.reconnect()
    this.#isPrepared = false
  }
}

function inputOf({ sql, args = [] }: Statement): InStatement {
  return { sql, args: [...args] }
}

function isLocked(error: unknown): boolean {
  return error instanceof LibsqlError && error.code === 'SQLITE_BUSY'
}

/** SQLite's messages name tables and columns, and no values. */
function failureOf(error: unknown): StoreError {
  const code =
    error instanceof LibsqlError && DATA_FAULTS.has(error.code) ? 'refused' : 'unavailable'
  const message = error instanceof Error ? error.message : String(error)
  return new StoreError(message, { code, cause: error })
}
