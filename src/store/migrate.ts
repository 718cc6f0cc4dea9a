import type { Clock } from '../clock.ts'
import { StoreError } from '../errors.ts'
import { numberOf } from './columns.ts'
import { type Migration, MIGRATIONS } from './migrations.ts'
import { query, type SqlEngine } from './sql-engine.ts'

/** The database was made by a later version of Parley. */
export class NewerDatabaseError extends Error {
  override readonly name = 'NewerDatabaseError'

  constructor(version: number, known: number) {
    super(`it has version ${version} of the schema, and this Parley knows ${known}`)
  }
}

/**
 * Brings a database to the latest schema, step by step: each is done as a whole, or not at all.
 *
 * @throws {NewerDatabaseError}
 * @throws {StoreError}
 */
export async function migrate(
  engine: SqlEngine,
  { clock, migrations = MIGRATIONS }: { clock: Clock; migrations?: readonly Migration[] },
): Promise<void> {
  let version = await versionOf(engine)
  if (version > migrations.length) throw new NewerDatabaseError(version, migrations.length)
  while (version < migrations.length) {
    const migration = migrations[version]
    if (!migration) return
    try {
      await take(engine, { migration, version: version + 1, at: clock.date() })
      version++
    } catch (error) {
      // Another process may have taken the same step at the same time.
      const reached = await versionOf(engine)
      if (reached <= version) throw error
      version = reached
    }
  }
}

async function versionOf(engine: SqlEngine): Promise<number> {
  const { migrationLock } = engine.dialect
  const results = await engine.run([
    // Two processes that start on an empty server at once must not both create the table.
    ...(migrationLock === undefined ? [] : [{ sql: migrationLock }]),
    {
      sql: `CREATE TABLE IF NOT EXISTS parley_migrations (
        version BIGINT PRIMARY KEY,
        name TEXT NOT NULL,
        applied_at BIGINT NOT NULL
      )`,
    },
    { sql: 'SELECT COALESCE(MAX(version), 0) AS version FROM parley_migrations' },
  ])
  const row = results.at(-1)?.[0]
  if (!row) throw new StoreError('database does not tell its version', { code: 'unavailable' })
  return numberOf(row, 'version')
}

async function take(
  engine: SqlEngine,
  { migration, version, at }: { migration: Migration; version: number; at: Date },
): Promise<void> {
  const { dialect } = engine
  await engine.run([
    ...(dialect.migrationLock === undefined ? [] : [{ sql: dialect.migrationLock }]),
    // First, so that a step that was taken meanwhile is refused before it changes anything.
    {
      sql: 'INSERT INTO parley_migrations (version, name, applied_at) VALUES (?, ?, ?)',
      args: [version, migration.name, at.getTime()],
    },
    ...migration.statements(dialect).map((sql) => ({ sql })),
  ])
}

/** Resolves when the database answers. */
export async function ask(engine: SqlEngine): Promise<void> {
  await query(engine, 'SELECT MAX(version) AS version FROM parley_migrations')
}
