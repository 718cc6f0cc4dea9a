import { createHmac, randomUUID } from 'node:crypto'
import { request } from 'undici'
import type { SmallestWorld } from './smallest-world.ts'

export type AtomsReport = {
  readonly agentId: string
  readonly callId: string
  readonly eventType: 'pre-conversation' | 'post-conversation' | 'analytics-completed'
  readonly rest: object
}

export type SentWebhook = {
  readonly id: string
  readonly eventType: string
  readonly status: number
}

/** Posts what happens in calls: signed over the bytes that are sent, once, whatever the answer is. */
export class AtomsWebhooks {
  readonly #world: SmallestWorld
  readonly #secret: string
  readonly #dialled: (url: string) => string
  readonly #sent: SentWebhook[] = []

  /** @param options.dialled where a public url is really dialled */
  constructor(options: { world: SmallestWorld; secret: string; dialled: (url: string) => string }) {
    this.#world = options.world
    this.#secret = options.secret
    this.#dialled = options.dialled
  }

  get sent(): readonly SentWebhook[] {
    return this.#sent
  }

  async send(url: string, { agentId, callId, eventType, rest }: AtomsReport): Promise<void> {
    const { knobs, clock } = this.#world
    if (knobs.webhooks === 'lost') return
    const id = randomUUID()
    const body = JSON.stringify({
      url,
      description: 'simulated',
      event: `${agentId}.${eventType}`,
      metadata: { agentId, eventType, conversationType: 'telephonyOutbound', callId },
      ...rest,
      id,
    })
    if (knobs.webhookDelayMs > 0) await clock.sleep(knobs.webhookDelayMs)
    for (let i = 0; i < (knobs.webhooks === 'twice' ? 2 : 1); i++) {
      await this.#post(url, { id, eventType, body })
    }
  }

  async #post(
    url: string,
    { id, eventType, body }: { id: string; eventType: string; body: string },
  ): Promise<void> {
    const signature = createHmac('sha256', this.#secret).update(body).digest('hex')
    try {
      const { statusCode, body: answer } = await request(this.#dialled(url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-signature': signature },
        body,
      })
      await answer.dump()
      this.#sent.push({ id, eventType, status: statusCode })
      if (statusCode >= 300) this.#world.violation('webhook refused', `${eventType} ${statusCode}`)
    } catch {
      // Nobody there: it is not sent again.
      this.#sent.push({ id, eventType, status: 0 })
    }
  }
}
