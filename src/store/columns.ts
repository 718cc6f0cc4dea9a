import { StoreError } from '../errors.ts'
import type { Row } from './sql-engine.ts'

/** Reads columns of rows, and refuses what cannot have been written by us. */

export function textOf(row: Row, column: string): string {
  const value = row[column]
  if (typeof value === 'string') return value
  throw new StoreError(`column ${column} holds no text`, { code: 'refused' })
}

export function numberOf(row: Row, column: string): number {
  const value = row[column]
  if (typeof value === 'number') return value
  throw new StoreError(`column ${column} holds no number`, { code: 'refused' })
}

export function dateOf(row: Row, column: string): Date {
  return new Date(numberOf(row, column))
}

/** Undefined for NULL. */
export function optional<Value>(
  row: Row,
  column: string,
  read: (row: Row, column: string) => Value,
): Value | undefined {
  return row[column] === null ? undefined : read(row, column)
}

/**
 * Text as both engines store and compare it: PostgreSQL has no NUL in a text, so it becomes what half a
 * character does. Only for columns that are searched; what is returned to the user comes from JSON, which keeps every character.
 */
export function searchable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed()
}
