import { Pool, type PoolClient, type PoolConfig, types } from 'pg'
import type { Clock } from '../clock.ts'
import { StoreError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Dialect, Row, SqlEngine, Statement } from './sql-engine.ts'

const MAX_CONNECTIONS = 10
/** A server that has stopped answering is given up after this long, and asked again later. */
const CONNECT_TIMEOUT_MS = 3000
const QUERY_TIMEOUT_MS = 8000
/** A server that is gone does not say goodbye either. */
const CLOSE_TIMEOUT_MS = 2000

/** Any number that no other program on the server uses for its own locks. */
const MIGRATION_LOCK = 7_279_539

/** Classes of SQLSTATE that are the fault of what was to be stored: data, constraints, limits. */
const DATA_FAULT = /^(22|23|54)/

/** A PostgreSQL server, 13 or later. */
export class PostgresEngine implements SqlEngine {
  readonly dialect: Dialect = {
    text: 'TEXT COLLATE "C"',
    migrationLock: `SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`,
    skipLocked: 'FOR UPDATE SKIP LOCKED',
  }
  readonly #pool: Pool
  readonly #clock: Clock

  constructor({ url, clock, log }: { url: string; clock: Clock; log: Logger }) {
    this.#clock = clock
    this.#pool = new Pool({
      connectionString: url,
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      statement_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'parley',
      // A program that ends without `close` is not kept alive by idle connections.
      allowExitOnIdle: true,
      types: typeParsers,
    })
    // Of a connection that nobody uses at the moment; the next query gets another one.
    this.#pool.on('error', (error) => {
      log.debug({ err: error }, 'connection to the database was lost')
    })
  }

  async run(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    let client: PoolClient
    try {
      client = await this.#pool.connect()
    } catch (error) {
      throw failureOf(error)
    }
    // The pool does not listen to a connection that is in use; the query that is lost with it fails, and tells.
    const lost = () => undefined
    client.on('error', lost)
    try {
      const rows = await transact(client, statements)
      client.release()
      return rows
    } catch (error) {
      // Whatever has happened on this connection, nobody goes on with it.
      client.release(true)
      throw failureOf(error)
    } finally {
      client.off('error', lost)
    }
  }

  /** What is deleted is the server's to clean up. */
  scrub(): Promise<void> {
    return Promise.resolve()
  }

  async close(): Promise<void> {
    const givenUp = new AbortController()
    try {
      const deadline = this.#clock.sleep(CLOSE_TIMEOUT_MS, { signal: givenUp.signal })
      await Promise.race([this.#pool.end(), deadline.catch(() => undefined)])
    } finally {
      givenUp.abort(new Error('closed'))
    }
  }
}

async function transact(
  client: PoolClient,
  statements: readonly Statement[],
): Promise<readonly (readonly Row[])[]> {
  const isOne = statements.length === 1
  if (!isOne) await client.query('BEGIN')
  const results: (readonly Row[])[] = []
  for (const { sql, args = [] } of statements) {
    const { rows } = await client.query<Row>(numbered(sql), [...args])
    results.push(rows)
  }
  if (!isOne) await client.query('COMMIT')
  return results
}

/** `?` as PostgreSQL writes it: `$1`, `$2`, … */
function numbered(sql: string): string {
  let count = 0
  return sql.replaceAll('?', () => `$${++count}`)
}

/** Numbers of 64 bits come as text otherwise; all of ours are milliseconds, microseconds or counts, far below 2^53. */
const typeParsers: NonNullable<PoolConfig['types']> = {
  getTypeParser: (id, format): unknown =>
    id === types.builtins.INT8 ? Number : types.getTypeParser(id, format),
}

/** PostgreSQL's messages may quote what was to be stored; its code never does. */
function failureOf(error: unknown): StoreError {
  const code = codeOf(error)
  const isDataFault = code !== undefined && DATA_FAULT.test(code)
  const reason = code ?? (error instanceof Error ? error.message : String(error))
  return new StoreError(`database failed: ${reason}`, {
    code: isDataFault ? 'refused' : 'unavailable',
    // With its detail the cause would quote values too.
    ...(!isDataFault && { cause: error }),
  })
}

/** SQLSTATE, or what the system says of the connection, such as ECONNREFUSED. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
