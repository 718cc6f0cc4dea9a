import { mkdir, open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Clock } from '../clock.ts'
import { ConfigError } from '../errors.ts'
import { type Keyring, MissingKeyError } from '../keyring.ts'
import type { Logger } from '../log.ts'
import { LibsqlEngine } from './libsql-engine.ts'
import { migrate, NewerDatabaseError } from './migrate.ts'
import { PostgresEngine } from './postgres-engine.ts'
import { isSealed, sealExisting } from './seal-existing.ts'
import { KeyedSealing, type Sealing, unsealed } from './sealing.ts'
import { SqlCallStore } from './sql-call-store.ts'
import type { SqlEngine } from './sql-engine.ts'

export type OpenStoreOptions = {
  readonly clock: Clock
  readonly log: Logger
  /** With it, everything that tells of people is sealed; what was kept before it is, too. */
  readonly keyring?: Keyring | undefined
}

/** Why a file cannot be used, by the code of the system; with the way out. */
const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there: choose another file, or give the user the folder',
  EPERM: 'this user may not write there: choose another file, or give the user the folder',
  EROFS: 'the file system is read-only: choose a file on a volume that can be written',
  EISDIR: 'it is a folder: name a file in it, such as file:./data/parley.db',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EEXIST: 'a part of its path is a file, not a folder',
  ENOSPC: 'the disk is full',
}

/** Why a server cannot be used, by SQLSTATE or the code of the system; with the way out. */
const SERVER_PROBLEMS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: start the server, or correct host and port',
  ENOTFOUND: 'its host is not known: correct it',
  EAI_AGAIN: 'its host cannot be looked up at the moment',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'it cannot be reached from here',
  '28P01': 'it refuses user or password',
  '28000': 'it refuses user or password',
  '3D000': 'it has no such database: create it (createdb), or correct the name',
  '42501': 'the user may not create tables there: GRANT it, or choose another user',
  '53300': 'it has too many connections already',
}

/**
 * Opens the store that a URL names, and brings it to the latest schema: `file:PATH` for an embedded libSQL file, which is made
 * if need be and may be read by its owner only; `file::memory:`; `postgres://…` or `postgresql://…`.
 *
 * @throws {ConfigError} that says what to do about DATABASE_URL; the URL's password is never in it
 */
export async function openStore(url: string, options: OpenStoreOptions): Promise<SqlCallStore> {
  if (/^postgres(ql)?:\/\//.test(url)) return openServer(url, options)
  if (url.startsWith('file:')) return openFile(url, options)
  throw unusable(
    `${url.slice(0, url.indexOf(':') + 1) || 'it'} is no database that Parley knows: give file:./data/parley.db, or postgres://user:password@host/database`,
  )
}

async function openFile(url: string, options: OpenStoreOptions): Promise<SqlCallStore> {
  const { clock } = options
  let engine: LibsqlEngine | undefined
  try {
    if (url === MEMORY) engine = new LibsqlEngine({ url, clock })
    else {
      const path = pathOf(url)
      await makePrivateFile(path)
      engine = new LibsqlEngine({ url: pathToFileURL(path).href, clock })
    }
    return await ready(engine, options)
  } catch (error) {
    await engine?.close()
    if (error instanceof ConfigError) throw error
    throw unusable(`the file cannot be used: ${problemOf(error, FILE_PROBLEMS)}`)
  }
}

const MEMORY = 'file::memory:'

/** `file:` takes relative paths too, which no URL has. */
function pathOf(url: string): string {
  const path = url.slice('file:'.length)
  try {
    return path.startsWith('//') ? fileURLToPath(url) : resolve(decodeURIComponent(path))
  } catch {
    throw unusable('it is no path: give file:./data/parley.db, or file:///data/parley.db')
  }
}

/** SQLite gives its other files the rights of the first. */
async function makePrivateFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(path, 'a', 0o600)
  await file.close()
}

async function openServer(url: string, options: OpenStoreOptions): Promise<SqlCallStore> {
  let engine: PostgresEngine | undefined
  try {
    engine = new PostgresEngine({ url, ...options })
    return await ready(engine, options)
  } catch (error) {
    await engine?.close()
    if (error instanceof ConfigError) throw error
    throw unusable(`the server cannot be used: ${problemOf(error, SERVER_PROBLEMS)}`)
  }
}

async function ready(engine: SqlEngine, options: OpenStoreOptions): Promise<SqlCallStore> {
  const { clock } = options
  try {
    await migrate(engine, { clock })
  } catch (error) {
    if (!(error instanceof NewerDatabaseError)) throw error
    throw unusable(
      `the database was made by a newer Parley: ${error.message}. Start that version again, or name another database`,
    )
  }
  return new SqlCallStore(engine, { clock, sealing: await sealingOf(engine, options) })
}

async function sealingOf(engine: SqlEngine, options: OpenStoreOptions): Promise<Sealing> {
  const { keyring, log } = options
  if (!keyring) {
    if (!(await isSealed(engine))) return unsealed
    throw new ConfigError(['ENCRYPTION_KEYS is missing: the database is sealed with a key'])
  }
  try {
    const sealing = await KeyedSealing.open(engine, keyring)
    const done = await sealExisting(engine, { sealing, keyring })
    if (done.rewrapped + done.sealed > 0) log.info(done, 'database was sealed with the newest key')
    return sealing
  } catch (error) {
    if (!(error instanceof MissingKeyError)) throw error
    throw new ConfigError([
      `ENCRYPTION_KEYS: ${error.message}, and the database is sealed with it: add it behind the newest one`,
    ])
  }
}

/** By the first code that is known, from the error itself down to its cause. */
function problemOf(error: unknown, problems: Readonly<Record<string, string>>): string {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    const code = 'code' in each && typeof each.code === 'string' ? each.code : undefined
    const known = Object.entries(problems).find(
      ([name]) => name === code || each.message.includes(name),
    )
    if (known) return known[1]
  }
  return error instanceof Error ? error.message : String(error)
}

function unusable(problem: string): ConfigError {
  return new ConfigError([`DATABASE_URL: ${problem}`])
}
