import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

/** AES-256-GCM: https://csrc.nist.gov/pubs/sp/800/38/d/final, with a random nonce of 96 bits for each message. */
const CIPHER = 'aes-256-gcm'
export const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** What sealing adds to the length of a message. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES
const ID_CHARS = 8

/** A wrapped key, as bytes: the id of the key it is wrapped with, in hex, and the sealed key. */
export const WRAPPED_BYTES = ID_CHARS + KEY_BYTES + SEAL_BYTES

export function newKey(): Buffer {
  return randomBytes(KEY_BYTES)
}

/** `place`: where the message belongs; it opens nowhere else. */
export function seal(key: Uint8Array, message: Uint8Array, place: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(place))
  return Buffer.concat([nonce, cipher.update(message), cipher.final(), cipher.getAuthTag()])
}

/** @throws {Error} when it was sealed with another key, for another place, or has been changed since */
export function unseal(key: Uint8Array, sealed: Uint8Array, place: string): Buffer {
  const nonce = sealed.subarray(0, NONCE_BYTES)
  const tag = sealed.subarray(sealed.length - TAG_BYTES)
  const decipher = createDecipheriv(CIPHER, key, nonce).setAAD(Buffer.from(place)).setAuthTag(tag)
  const body = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)
  return Buffer.concat([decipher.update(body), decipher.final()])
}

/** A key that something was sealed with is not in the ring. */
export class MissingKeyError extends Error {
  override readonly name = 'MissingKeyError'

  /** `id` tells nothing of the key. */
  constructor(id: string) {
    super(`the key ${id} is missing`)
  }
}

/**
 * The operator's keys: data is sealed with keys of its own (one for each call), and those are wrapped with the first key of the
 * ring. The others only unwrap what was wrapped before the ring was turned.
 */
export class Keyring {
  /** Of the key that wraps. */
  readonly currentId: string
  readonly #current: Uint8Array
  readonly #keys: ReadonlyMap<string, Uint8Array>

  /** @param keys of 32 bytes each, the newest first; at least one */
  constructor(keys: readonly Uint8Array[]) {
    const [current] = keys
    if (!current) throw new Error('a keyring needs a key')
    this.#current = current
    this.currentId = idOf(current)
    this.#keys = new Map(keys.map((key) => [idOf(key), key]))
  }

  wrap(key: Uint8Array, place: string): Buffer {
    return Buffer.concat([Buffer.from(this.currentId), seal(this.#current, key, place)])
  }

  /** @throws {MissingKeyError} when the key that it was wrapped with is not in the ring */
  unwrap(wrapped: Uint8Array, place: string): Buffer {
    const id = wrappedWith(wrapped)
    const key = this.#keys.get(id)
    if (!key) throw new MissingKeyError(id)
    return unseal(key, wrapped.subarray(ID_CHARS), place)
  }
}

/** The id of the key that something is wrapped with. */
export function wrappedWith(wrapped: Uint8Array): string {
  return Buffer.from(wrapped.subarray(0, ID_CHARS)).toString('latin1')
}

function idOf(key: Uint8Array): string {
  return createHash('sha256').update('parley key id').update(key).digest('hex').slice(0, ID_CHARS)
}
