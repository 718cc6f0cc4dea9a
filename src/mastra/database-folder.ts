import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes the folder of a database that is a file, if need be: nobody else may look into it. */
export async function makeDatabaseFolder(url: string): Promise<void> {
  const path = /^file:(?!:memory:)([^?]+)/.exec(url)?.[1]
  if (path !== undefined) await mkdir(dirname(path), { recursive: true, mode: 0o700 })
}
