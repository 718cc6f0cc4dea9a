import { Client } from 'pg'
import type { Cancel, Clock } from '../clock.ts'
import type { Logger } from '../log.ts'

/** Any number that no other program on the server uses for its own locks. */
const PRESENCE_LOCK = 7_279_540
/** The first of the two numbers of each process's own lock; the second is the process. */
const PROCESS_LOCKS = 7_279_541
const CONNECT_TIMEOUT_MS = 3000
/** Whoever looks whether they are alone is done soon. */
const WAIT_MS = 5000
/** Without its connection a process looks as if it were dead. */
const AGAIN_MS = 1000
/** Whoever has lost the server is not the only one: so long the others have to come back as well. */
const TRUST_MS = 10_000

/** A lock of two numbers has them as `classid` and `objid` (PostgreSQL's manual, 54.12 “pg_locks”). */
const GONE = `SELECT DISTINCT process::int AS process FROM parley_calls c
  WHERE over_at IS NULL AND process IS NOT NULL AND process <> $1 AND NOT EXISTS (
    SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.classid::bigint = ${PROCESS_LOCKS} AND l.objid::bigint = c.process AND l.objsubid = 2)`

export type PresenceParts = {
  readonly url: string
  readonly clock: Clock
  readonly log: Logger
  /** This one; from 1 to 2^31 - 1, and nobody else's. */
  readonly process: number
}

/**
 * That this process is alive, for others on the same PostgreSQL database: a lock of its session, which the server releases when
 * the process is gone, however it went. Whoever comes and finds nobody else knows that all calls that are open are a dead
 * process's. (PostgreSQL's manual, 13.3.5 “Advisory Locks”; 20.3.2 for the keepalives, by which a machine that has lost its
 * power is noticed within half a minute.)
 *
 * Each holds a lock of its own number as well: which process is gone, and has left calls open, can be seen by whoever is there.
 *
 * It takes a connection of its own, which a pooler must not share between sessions.
 */
export class Presence {
  readonly #url: string
  readonly #clock: Clock
  readonly #log: Logger
  readonly #process: number
  #client: Client | undefined
  #cancel: Cancel | undefined
  #isClosed = false
  /** It holds its lock. */
  #isSeen = false
  /** From then on whoever is not to be seen is gone. */
  #trustsFromMs = 0

  private constructor({ url, clock, log, process }: PresenceParts) {
    this.#url = url
    this.#clock = clock
    this.#log = log
    this.#process = process
  }

  /** `isAlone`: no other process is alive on this database. Never rejects: who cannot know it is not alone. */
  static async take(
    parts: PresenceParts,
  ): Promise<{ readonly isAlone: boolean; readonly presence: Presence }> {
    const presence = new Presence(parts)
    return { isAlone: await presence.#enter(), presence }
  }

  /** Others can see it. */
  get isSeen(): boolean {
    return this.#isSeen
  }

  /** There was a time when others could not see it, and may have taken it for dead. */
  get wasUnseen(): boolean {
    return this.#trustsFromMs > 0
  }

  /**
   * The processes that have left calls open and are not to be seen. None while this one cannot be seen itself, and for a while
   * after that: it may be the one that is cut off, or all of them are.
   */
  async gone(): Promise<readonly number[]> {
    const client = this.#client
    if (!client || !this.#isSeen || this.#clock.now() < this.#trustsFromMs) return []
    try {
      const { rows } = await client.query<{ process: number }>(GONE, [this.#process])
      return rows.map(({ process }) => process)
    } catch (error) {
      this.#lost(client, error)
      return []
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancel?.()
    await this.#drop()
  }

  async #enter(): Promise<boolean> {
    const client = new Client({
      connectionString: this.#url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'parley presence',
    })
    this.#client = client
    client.on('error', (error) => {
      this.#lost(client, error)
    })
    client.on('end', () => {
      this.#lost(client)
    })
    try {
      await client.connect()
      await client.query(
        `SET lock_timeout = ${WAIT_MS}; SET statement_timeout = ${2 * WAIT_MS};
         SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3`,
      )
      const { rows } = await client.query<{ alone: boolean }>(
        `SELECT pg_try_advisory_lock(${PRESENCE_LOCK}) AS alone`,
      )
      await client.query(`SELECT pg_advisory_lock_shared(${PRESENCE_LOCK})`)
      const isAlone = rows[0]?.alone === true
      // Others may come in: they find us here.
      if (isAlone) await client.query(`SELECT pg_advisory_unlock(${PRESENCE_LOCK})`)
      await client.query(`SELECT pg_advisory_lock(${PROCESS_LOCKS}, ${this.#process})`)
      this.#isSeen = true
      if (this.#trustsFromMs > 0) this.#trustsFromMs = this.#clock.now() + TRUST_MS
      return isAlone
    } catch (error) {
      this.#lost(client, error)
      return false
    }
  }

  #lost(client: Client, error?: unknown): void {
    if (this.#client !== client || this.#isClosed) return
    this.#log.warn({ err: error }, 'other processes on the database do not see this one')
    this.#trustsFromMs = Infinity
    void this.#drop()
    this.#cancel = this.#clock.after(AGAIN_MS, () => {
      void this.#enter()
    })
  }

  async #drop(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    this.#isSeen = false
    await client?.end().catch(() => undefined)
  }
}
