import type { Clock } from '../clock.ts'
import { CallError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { newCallId } from './call-id.ts'
import type { IdempotentRequest, IdempotentRequests, KeptAnswer } from './idempotency.ts'

const DAY_MS = 86_400_000

/** How a request is carried out. */
export type OnceOnlyWork = {
  /** Rejects when nothing was begun; whatever came of what was begun is an answer. */
  readonly carryOut: (callId: string) => Promise<KeptAnswer>
  /**
   * What to say of a call whose answer is not known, because its process has died or another one is at it; undefined when that
   * cannot be said, either. Without it the request may simply be carried out again.
   */
  readonly recover?: (callId: string) => Promise<KeptAnswer | undefined>
}

type Named = Pick<IdempotentRequest, 'owner' | 'key' | 'fingerprint'>
export type OnceOnlyAnswer = KeptAnswer & { readonly isReplayed: boolean }

/** Carries out a request once within a day, however often it is sent, and over restarts. */
export class OnceOnly {
  readonly #requests: IdempotentRequests
  readonly #clock: Clock
  readonly #log: Pick<Logger, 'error'>
  readonly #running = new Map<string, { fingerprint: string; answer: Promise<OnceOnlyAnswer> }>()

  constructor(parts: {
    readonly requests: IdempotentRequests
    readonly clock: Clock
    readonly log: Pick<Logger, 'error'>
  }) {
    this.#requests = parts.requests
    this.#clock = parts.clock
    this.#log = parts.log
  }

  /**
   * @throws {CallError} `idempotency_key_reused`, `request_in_progress`, or what `carryOut` rejects with
   * @throws {StoreError} when it cannot be known whether the request was carried out before: then it is not
   */
  async run(request: Named, work: OnceOnlyWork): Promise<OnceOnlyAnswer> {
    const name = JSON.stringify([request.owner, request.key])
    const running = this.#running.get(name)
    if (running) {
      demandSame(running.fingerprint, request)
      return { ...(await running.answer), isReplayed: true }
    }
    const answer = this.#once(request, work).finally(() => this.#running.delete(name))
    this.#running.set(name, { fingerprint: request.fingerprint, answer })
    return answer
  }

  async #once(request: Named, work: OnceOnlyWork): Promise<OnceOnlyAnswer> {
    const at = this.#clock.date()
    const since = new Date(at.getTime() - DAY_MS)
    const callId = newCallId(at)
    const known = await this.#requests.reserve({ ...request, callId, at }, since)
    if (known) {
      demandSame(known.fingerprint, request)
      if (known.answer) return { ...known.answer, isReplayed: true }
      if (work.recover) {
        const answer = await work.recover(known.callId)
        if (answer) return { ...answer, isReplayed: true }
        throw new CallError(
          'the same request is being carried out, or its process has died: look the call up',
          { code: 'request_in_progress', details: { call_id: known.callId } },
        )
      }
    }
    const answer = await this.#carryOut(request, work, known?.callId ?? callId)
    return { ...answer, isReplayed: false }
  }

  async #carryOut(request: Named, work: OnceOnlyWork, callId: string): Promise<KeptAnswer> {
    let answer: KeptAnswer
    try {
      answer = await work.carryOut(callId)
    } catch (error) {
      await this.#orLog(this.#requests.release(request))
      throw error
    }
    await this.#orLog(this.#requests.complete(request, answer))
    return answer
  }

  /** What was done is done: a database that fails now does not undo it. */
  async #orLog(writing: Promise<void>): Promise<void> {
    try {
      await writing
    } catch (error) {
      this.#log.error({ err: error }, 'answer of an idempotent request was not stored')
    }
  }
}

function demandSame(fingerprint: string, request: Named): void {
  if (fingerprint === request.fingerprint) return
  throw new CallError('this idempotency key was used for another request: choose a new one', {
    code: 'idempotency_key_reused',
  })
}
