import { createHmac } from 'node:crypto'

const PREFIX = 'whsec_'

/**
 * Signs messages as Standard Webhooks do (https://www.standardwebhooks.com): HMAC-SHA256 over id, time and body, by the
 * secret that the receiver has too.
 */
export class WebhookSigner {
  readonly #keys: readonly Buffer[]

  /** @param secrets each `whsec_` and base64; with two of them, receivers may change from one to the other in their own time */
  constructor(secrets: readonly string[]) {
    this.#keys = secrets.map((secret) => Buffer.from(secret.replace(PREFIX, ''), 'base64'))
  }

  /** Headers of one attempt. `webhook-timestamp` is its time in seconds, so that an old message cannot be replayed. */
  headers(message: { readonly id: string; readonly body: string; readonly at: Date }) {
    const { id, body, at } = message
    const timestamp = String(Math.floor(at.getTime() / 1000))
    const signatures = this.#keys.map((key) => {
      const hmac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`)
      return `v1,${hmac.digest('base64')}`
    })
    return {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatures.join(' '),
    }
  }
}
