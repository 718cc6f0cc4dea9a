import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'

type Grant = { readonly callSid: string; readonly expiresAtMs: number }

/**
 * One-time passwords of media streams. A token is good for one stream of one call, for a short while. Only its hash is
 * kept, and looking a hash up tells nothing about the tokens by its timing.
 */
export class StreamTokens {
  readonly #clock: Clock
  readonly #ttlMs: number
  readonly #grants = new Map<string, Grant>()

  constructor({ clock, ttlMs }: { clock: Clock; ttlMs: number }) {
    this.#clock = clock
    this.#ttlMs = ttlMs
  }

  /**
   * A new token for a call. Earlier ones stay good until this or a newer one is used: the carrier may ask twice for the
   * document that holds the token, and use either answer.
   */
  mint(callSid: string): string {
    this.#sweep()
    const token = randomBytes(32).toString('base64url')
    this.#grants.set(hash(token), { callSid, expiresAtMs: this.#clock.now() + this.#ttlMs })
    return token
  }

  /**
   * Whether a stream of this call may come in by this token. If so, neither it nor an older one of the call is good any more,
   * but a newer one is: the carrier has been asked for another stream since, and the late one must not shut it out.
   */
  take(token: string, callSid: string): boolean {
    this.#sweep()
    const taken = hash(token)
    if (this.#grants.get(taken)?.callSid !== callSid) return false
    // They are kept in the order in which they were made.
    for (const [key, grant] of this.#grants) {
      if (grant.callSid === callSid) this.#grants.delete(key)
      if (key === taken) return true
    }
    return true
  }

  /** The call is over, or is to have no stream: its unused tokens are worth nothing. */
  revoke(callSid: string): void {
    for (const [key, grant] of this.#grants) {
      if (grant.callSid === callSid) this.#grants.delete(key)
    }
  }

  #sweep(): void {
    const now = this.#clock.now()
    for (const [key, { expiresAtMs }] of this.#grants) {
      // All live equally long, so they expire in the order in which they were made.
      if (expiresAtMs > now) return
      this.#grants.delete(key)
    }
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}
