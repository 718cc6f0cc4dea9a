import type { Provider } from '../errors.ts'

/** What a vendor was needed for when it failed; `call`: the failure ended a call. */
export type VendorUse = 'stt' | 'llm' | 'tts' | 'rest' | 'call'

/**
 * `cached`: input that was read from the prompt cache, and is cheaper than other input; `cache_write`: input that was put
 * there, and is dearer. Each token is of one kind.
 */
export const TOKEN_KINDS = ['input', 'cached', 'cache_write', 'output'] as const
export type TokenKind = (typeof TOKEN_KINDS)[number]

/**
 * Counters for what is no event of a call: it happens too often, or where no call is known. Whoever counts is in the middle of
 * a live call: nothing here waits or throws. Words that become labels (`code`, `reason`, `op`) come from a short list in the
 * code; never a number, an id or anything that somebody has sent.
 */
export interface Meters {
  /** A vendor failed, whether or not the call went on. */
  vendorFailed(
    vendor: Provider | 'parley',
    failure: { readonly kind: VendorUse; readonly code: string },
  ): void
  /** A connection that was lost was made again, or a request was sent a second time. */
  vendorReconnected(vendor: Provider): void
  /** 20 ms each. */
  mediaFrames(direction: 'in' | 'out', count: number): void
  /** A media stream was refused, or a message of one could not be used. */
  mediaRejected(reason: string): void
  streamTokenRejected(reason: 'missing' | 'unknown'): void
  signatureFailed(): void
  /** A call was asked for, and not dialled. */
  dialBlocked(reason: string): void
  storeFailed(op: string): void
  tokens(kind: TokenKind, count: number): void
  /** Characters that the voice was given to speak. */
  spokenChars(count: number): void
  /**
   * @param bufferedBytes asked now and then: what a socket was given and the network has not taken
   * @returns a function that ends it; call it when the socket is closed
   */
  watchSocket(bufferedBytes: () => number): () => void
}

/** For whom nobody counts. */
export const noMeters: Meters = {
  vendorFailed: () => undefined,
  vendorReconnected: () => undefined,
  mediaFrames: () => undefined,
  mediaRejected: () => undefined,
  streamTokenRejected: () => undefined,
  signatureFailed: () => undefined,
  dialBlocked: () => undefined,
  storeFailed: () => undefined,
  tokens: () => undefined,
  spokenChars: () => undefined,
  watchSocket: () => () => undefined,
}
