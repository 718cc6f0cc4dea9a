export type SqlValue = string | number | null

/** One statement; each `?` stands for one argument, and there is no other question mark in it. */
export type Statement = { readonly sql: string; readonly args?: readonly SqlValue[] }

export type Row = Readonly<Record<string, unknown>>

/** What the engines do not have in common. Everything else is written in the SQL that they share. */
export type Dialect = {
  /** Type of a text column that sorts by its bytes. */
  readonly text: string
  /** Lets only one process at a time migrate; undefined where a transaction does that by itself. */
  readonly migrationLock: string | undefined
  /** Ends a query of rows that are to be changed: those that another process is about to change are left out. */
  readonly skipLocked: string
}

/** A database. Every method rejects with a `StoreError`. */
export interface SqlEngine {
  readonly dialect: Dialect
  /**
   * Carries out the statements in one transaction: all of them or none.
   *
   * @returns the rows of each statement
   */
  run(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]>
  /** Makes sure that nothing of what was deleted is left in the files, as far as that is in our hands. */
  scrub(): Promise<void>
  close(): Promise<void>
}

/** The rows of a single statement. */
export async function query(
  engine: SqlEngine,
  sql: string,
  args: readonly SqlValue[] = [],
): Promise<readonly Row[]> {
  const [rows] = await engine.run([{ sql, args }])
  return rows ?? []
}

/** `(?, ?, …)` for so many arguments. */
export function placeholders(count: number): string {
  return `(${Array.from({ length: count }, () => '?').join(', ')})`
}
