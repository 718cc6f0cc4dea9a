import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A database file needs its folder; nobody else may look into it. */
export async function makeFolderOf(databaseUrl: string): Promise<void> {
  const path = /^file:(?!:memory:)([^?]+)/.exec(databaseUrl)?.[1]
  if (path !== undefined) await mkdir(dirname(path), { recursive: true, mode: 0o700 })
}
