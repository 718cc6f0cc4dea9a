import { createHmac } from 'node:crypto'
import { StoreError } from '../errors.ts'
import { type Keyring, newKey, seal, unseal } from '../keyring.ts'
import { searchable, textOf } from './columns.ts'
import { placeholders, query, type SqlEngine, type Statement } from './sql-engine.ts'

/** Closes and opens the texts of one call. `column`: where the text stands; it opens nowhere else. */
export type Seal = {
  close(text: string, column: string): string
  open(text: string, column: string): string
}

/** The seals of calls that were asked for; of any other none. */
export type Seals = (callId: string) => Seal

/** How texts are kept in the database. */
export interface Sealing {
  /** What a text that is searched for is kept as: only the same text gives the same. `kind`: of what. */
  index(text: string, kind: string): string
  /** For the do-not-call list, which outlives calls; undefined: numbers stand in their column as they are. */
  readonly list: Seal | undefined
  /** Gives each call that has none a key of its own. */
  toWrite(callIds: readonly string[]): Promise<Seals>
  toRead(callIds: readonly string[]): Promise<Seals>
  /** These calls are erased: nothing of them can be read any more. */
  forget(callIds: readonly string[]): void
}

const asItIs: Seal = { close: (text) => text, open: (text) => text }

/** No key is set: texts are kept as they are. */
export const unsealed: Sealing = {
  index: searchable,
  list: undefined,
  toWrite: () => Promise.resolve(() => asItIs),
  toRead: () => Promise.resolve(() => asItIs),
  forget: () => undefined,
}

/** What a sealed text begins with; no JSON and no URL does. */
export const SEALED = 'sealed:'

/** Rows of the table of keys that belong to no call. */
const INDEX = 'index'
const LIST = 'list'

/** Keys in memory; one of a call that has not been asked for in a while is read again. */
const MAX_CACHED = 5000

/**
 * A key for each call, wrapped with the operator's and kept beside it: whoever has the database and not the operator's key can
 * read nothing, and a call whose key is erased can be read by nobody, wherever copies of its rows may be.
 */
export class KeyedSealing implements Sealing {
  readonly list: Seal
  readonly #engine: SqlEngine
  readonly #keyring: Keyring
  readonly #indexKey: Buffer
  /** The most recently used last. */
  readonly #keys = new Map<string, Buffer>()

  private constructor(parts: { engine: SqlEngine; keyring: Keyring; index: Buffer; list: Buffer }) {
    this.#engine = parts.engine
    this.#keyring = parts.keyring
    this.#indexKey = parts.index
    this.list = sealOf(LIST, parts.list)
  }

  /** @throws {MissingKeyError} when the database was sealed with a key that is not in the ring */
  static async open(engine: SqlEngine, keyring: Keyring): Promise<KeyedSealing> {
    await engine.run([INDEX, LIST].map((id) => adding(id, keyring)))
    const wrapped = await read(engine, [INDEX, LIST])
    const keyOf = (id: string) => unwrapped(keyring, id, wrapped.get(id))
    return new KeyedSealing({ engine, keyring, index: keyOf(INDEX), list: keyOf(LIST) })
  }

  index(text: string, kind: string): string {
    const hmac = createHmac('sha256', this.#indexKey)
    return hmac.update(`${kind}\0${searchable(text)}`).digest('base64url')
  }

  async toWrite(callIds: readonly string[]): Promise<Seals> {
    const unknown = this.#unknown(callIds)
    // Kept first: another process may have given the same call a key in the same moment.
    if (unknown.length > 0) await this.#engine.run(unknown.map((id) => adding(id, this.#keyring)))
    return this.toRead(callIds)
  }

  async toRead(callIds: readonly string[]): Promise<Seals> {
    const unknown = this.#unknown(callIds)
    const wrapped =
      unknown.length === 0 ? new Map<string, string>() : await read(this.#engine, unknown)
    const keys = new Map(
      callIds.flatMap((id) => {
        const key = this.#keys.get(id) ?? orUndefined(this.#keyring, id, wrapped.get(id))
        return key ? [[id, key] as const] : []
      }),
    )
    for (const [id, key] of keys) this.#remember(id, key)
    return (callId) => {
      const key = keys.get(callId)
      return key ? sealOf(callId, key) : lost
    }
  }

  forget(callIds: readonly string[]): void {
    for (const id of callIds) this.#keys.delete(id)
  }

  #unknown(callIds: readonly string[]): readonly string[] {
    return Array.from(new Set(callIds)).filter((id) => !this.#keys.has(id))
  }

  #remember(id: string, key: Buffer): void {
    this.#keys.delete(id)
    this.#keys.set(id, key)
    if (this.#keys.size <= MAX_CACHED) return
    const [oldest] = this.#keys.keys()
    if (oldest !== undefined) this.#keys.delete(oldest)
  }
}

function sealOf(owner: string, key: Buffer): Seal {
  const place = (column: string) => `${owner} ${column}`
  return {
    close: (text, column) =>
      SEALED + seal(key, Buffer.from(text, 'utf8'), place(column)).toString('base64'),
    open: (text, column) => {
      if (!text.startsWith(SEALED)) return text
      try {
        const sealed = Buffer.from(text.slice(SEALED.length), 'base64')
        return unseal(key, sealed, place(column)).toString('utf8')
      } catch (error) {
        throw new StoreError(`${column} of ${owner} cannot be unsealed`, {
          code: 'refused',
          cause: error,
        })
      }
    },
  }
}

/** Of a call whose key is erased, or that never had one. */
const lost: Seal = {
  close: () => {
    throw new StoreError('a call has no key', { code: 'refused' })
  },
  open: (text, column) => {
    if (!text.startsWith(SEALED)) return text
    throw new StoreError(`${column} of a call cannot be unsealed: its key is gone`, {
      code: 'refused',
    })
  },
}

function adding(id: string, keyring: Keyring): Statement {
  return {
    sql: 'INSERT INTO parley_keys (call_id, wrapped) VALUES (?, ?) ON CONFLICT DO NOTHING',
    args: [id, wrappedText(keyring, id, newKey())],
  }
}

async function read(
  engine: SqlEngine,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await query(
    engine,
    `SELECT call_id, wrapped FROM parley_keys WHERE call_id IN ${placeholders(ids.length)}`,
    ids,
  )
  return new Map(rows.map((row) => [textOf(row, 'call_id'), textOf(row, 'wrapped')]))
}

/** As the table of keys has it: readable up to the id of the key that wraps. */
export function wrappedText(keyring: Keyring, id: string, key: Uint8Array): string {
  return toText(keyring.wrap(key, id))
}

function toText(wrapped: Buffer): string {
  return `${wrapped.subarray(0, 8).toString('latin1')}.${wrapped.subarray(8).toString('base64')}`
}

/** @throws {MissingKeyError} */
export function unwrapped(keyring: Keyring, id: string, text: string | undefined): Buffer {
  const [keyId = '', sealed = ''] = (text ?? '').split('.')
  return keyring.unwrap(Buffer.concat([Buffer.from(keyId), Buffer.from(sealed, 'base64')]), id)
}

function orUndefined(keyring: Keyring, id: string, text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : unwrapped(keyring, id, text)
}
