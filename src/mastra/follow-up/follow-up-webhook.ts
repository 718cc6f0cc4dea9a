import type { Clock } from '../../clock.ts'
import type { WebhookPost } from '../../calls/webhooks/webhook-post.ts'
import type { WebhookSigner } from '../../calls/webhooks/webhook-signer.ts'
import type { Logger } from '../../log.ts'

export interface WebhookSender {
  send(
    message: {
      /** The same for every attempt, so that the receiver knows what it has already. */
      readonly id: string
      readonly url: string
      readonly type: string
      readonly runId: string
      readonly data: unknown
    },
    options: { signal: AbortSignal },
  ): Promise<'delivered' | 'failed'>
}

const PAUSES_MS = [1000, 5000, 30_000, 120_000]
const ATTEMPT_TIMEOUT_MS = 15_000

/** Tells a receiver what came of a run, as Standard Webhooks do (docs/webhooks.md); and again when it does not take it. */
export class FollowUpWebhook implements WebhookSender {
  readonly #parts: FollowUpWebhookParts

  constructor(parts: FollowUpWebhookParts) {
    this.#parts = parts
  }

  async send(
    { id, url, type, runId, data }: Parameters<WebhookSender['send']>[0],
    { signal }: { signal: AbortSignal },
  ): Promise<'delivered' | 'failed'> {
    const { allowUrl = () => true, clock, log } = this.#parts
    if (!allowUrl(new URL(url))) {
      log.warn({ runId }, 'webhook of a workflow names a receiver that may not be asked')
      return 'failed'
    }
    const timestamp = clock.date().toISOString()
    const body = JSON.stringify({ type, timestamp, data: { run_id: runId, result: data } })
    for (const pauseMs of [...PAUSES_MS, undefined]) {
      const status = await this.#post({ id, url: new URL(url), body }, signal)
      if (status !== undefined && status >= 200 && status < 300) return 'delivered'
      if (pauseMs === undefined || status === 410) break
      await clock.sleep(pauseMs, { signal })
    }
    log.warn({ runId }, 'webhook of a workflow could not be delivered')
    return 'failed'
  }

  /** The status of the answer; undefined: there was none. */
  async #post(
    { id, url, body }: { id: string; url: URL; body: string },
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { http, signer, clock } = this.#parts
    const late = new AbortController()
    const cancel = clock.after(ATTEMPT_TIMEOUT_MS, () => {
      late.abort()
    })
    const headers = {
      'content-type': 'application/json',
      ...signer.headers({ id, body, at: clock.date() }),
    }
    try {
      const either = AbortSignal.any([signal, late.signal])
      return await http.post({ url, headers, body }, { signal: either })
    } catch (error) {
      if (signal.aborted) throw error
      return undefined
    } finally {
      cancel()
    }
  }
}

type FollowUpWebhookParts = {
  readonly http: WebhookPost
  readonly signer: WebhookSigner
  /** Whoever starts a run names the receiver: it must not be one of our own network. Default: every URL may be asked. */
  readonly allowUrl?: (url: URL) => boolean
  readonly clock: Clock
  readonly log: Logger
}
