/** A request that is to be carried out once, however often it is sent. */
export type IdempotentRequest = {
  /** Name of the API key; '' on a server without keys. */
  readonly owner: string
  /** What the user calls it: unique among the requests of its owner. */
  readonly key: string
  /** Of route and body: a key stands for one request. */
  readonly fingerprint: string
  /** The call that it makes. */
  readonly callId: string
  readonly at: Date
}

/** What was answered. */
export type KeptAnswer = { readonly status: number; readonly body: string }

export type KnownRequest = Omit<IdempotentRequest, 'owner' | 'key'> & {
  /** Absent: it is being carried out, or its process has died meanwhile. */
  readonly answer?: KeptAnswer
}

/** Requests of the last day, which survive the process: what has dialled once does not dial again. */
export interface IdempotentRequests {
  /**
   * Takes the key for this request, and forgets those that are older than `since`.
   *
   * @returns undefined when it is taken; otherwise the request that has taken it before
   */
  reserve(request: IdempotentRequest, since: Date): Promise<KnownRequest | undefined>
  complete(request: Pick<IdempotentRequest, 'owner' | 'key'>, answer: KeptAnswer): Promise<void>
  /** Nothing was begun: the same key may be used again. */
  release(request: Pick<IdempotentRequest, 'owner' | 'key'>): Promise<void>
}

export class MemoryIdempotentRequests implements IdempotentRequests {
  readonly #known = new Map<string, KnownRequest>()

  reserve(
    { owner, key, ...request }: IdempotentRequest,
    since: Date,
  ): Promise<KnownRequest | undefined> {
    for (const [name, { at }] of this.#known) if (at <= since) this.#known.delete(name)
    const known = this.#known.get(nameOf({ owner, key }))
    if (!known) this.#known.set(nameOf({ owner, key }), request)
    return Promise.resolve(known)
  }

  complete(request: Pick<IdempotentRequest, 'owner' | 'key'>, answer: KeptAnswer): Promise<void> {
    const known = this.#known.get(nameOf(request))
    if (known) this.#known.set(nameOf(request), { ...known, answer })
    return Promise.resolve()
  }

  release(request: Pick<IdempotentRequest, 'owner' | 'key'>): Promise<void> {
    this.#known.delete(nameOf(request))
    return Promise.resolve()
  }

  /** What was answered about a call. */
  forgetCall(callId: string): void {
    for (const [name, known] of this.#known) if (known.callId === callId) this.#known.delete(name)
  }
}

function nameOf({ owner, key }: Pick<IdempotentRequest, 'owner' | 'key'>): string {
  return JSON.stringify([owner, key])
}
