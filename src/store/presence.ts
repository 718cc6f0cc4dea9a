import { Client } from 'pg'
import type { Cancel, Clock } from '../clock.ts'
import type { Logger } from '../log.ts'

/** Any number that no other program on the server uses for its own locks. */
const PRESENCE_LOCK = 7_279_540
const CONNECT_TIMEOUT_MS = 3000
/** Whoever looks whether they are alone is done soon. */
const WAIT_MS = 5000
/** Without its connection a process looks as if it were dead. */
const AGAIN_MS = 1000

/**
 * That this process is alive, for others on the same PostgreSQL database: a lock of its session, which the server releases when
 * the process is gone, however it went. Whoever comes and finds nobody else knows that all calls that are open are a dead
 * process's. (PostgreSQL's manual, 13.3.5 “Advisory Locks”; 20.3.2 for the keepalives, by which a machine that has lost its
 * power is noticed within half a minute.)
 *
 * It takes a connection of its own, which a pooler must not share between sessions.
 */
export class Presence {
  readonly #url: string
  readonly #clock: Clock
  readonly #log: Logger
  #client: Client | undefined
  #cancel: Cancel | undefined
  #isClosed = false

  private constructor({ url, clock, log }: { url: string; clock: Clock; log: Logger }) {
    this.#url = url
    this.#clock = clock
    this.#log = log
  }

  /** `isAlone`: no other process is alive on this database. Never rejects: who cannot know it is not alone. */
  static async take(parts: {
    readonly url: string
    readonly clock: Clock
    readonly log: Logger
  }): Promise<{ readonly isAlone: boolean; readonly presence: Presence }> {
    const presence = new Presence(parts)
    return { isAlone: await presence.#enter(), presence }
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
      return isAlone
    } catch (error) {
      this.#lost(client, error)
      return false
    }
  }

  #lost(client: Client, error?: unknown): void {
    if (this.#client !== client || this.#isClosed) return
    this.#log.warn({ err: error }, 'other processes on the database do not see this one')
    void this.#drop()
    this.#cancel = this.#clock.after(AGAIN_MS, () => {
      void this.#enter()
    })
  }

  async #drop(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.end().catch(() => undefined)
  }
}
