import type { CallEvents } from './calls/call-events.ts'
import type { CallStore } from './calls/call-store.ts'
import { Outcomes } from './calls/outcome/outcomes.ts'
import type { PhoneCalls } from './calls/phone-calls.ts'
import { WebhookSigner } from './calls/webhooks/webhook-signer.ts'
import { Webhooks } from './calls/webhooks/webhooks.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { createAnthropicClient } from './providers/anthropic/client.ts'
import { ClaudeOutcomeWriter } from './providers/anthropic/outcome-writer.ts'
import type { EgressGuard } from './providers/egress/egress-guard.ts'
import { WebhookClient } from './providers/webhooks/webhook-client.ts'

/** What becomes of calls once they are over, and who is told. */
export type AfterCall = {
  /** Undefined: there is no secret to sign them with, so none are sent. */
  readonly webhooks: Webhooks | undefined
  /** Takes up what an earlier process has left. */
  start(): void
  /** After the last call has ended. */
  close(): Promise<void>
}

/** A form may be long, and nobody on the phone waits for it. */
const FORM_TIMEOUT_MS = 90_000

/** Follows the events of calls from now on. */
export function composeAfterCall(
  config: Config,
  parts: {
    readonly events: CallEvents
    readonly calls: PhoneCalls
    readonly store: CallStore
    readonly egress: EgressGuard
    readonly clock: Clock
    readonly log: Logger
  },
): AfterCall {
  const { events, calls: records, store, egress, clock, log } = parts
  // A connection of its own: long answers must not share one with calls that go on.
  const anthropic = createAnthropicClient({
    apiKey: config.ANTHROPIC_API_KEY,
    baseUrl: config.ANTHROPIC_BASE_URL,
    patienceMs: FORM_TIMEOUT_MS,
  })
  const filler = new ClaudeOutcomeWriter({
    client: anthropic.client,
    model: config.ANTHROPIC_MODEL,
    timeoutMs: FORM_TIMEOUT_MS,
    clock,
    log,
  })
  const outcomes = new Outcomes({ events, records, jobs: store, filler, clock, log })
  const http = new WebhookClient({ dispatcher: egress.dispatcher })
  const { WEBHOOK_SECRET: secret, WEBHOOK_URL: url } = config
  const webhooks =
    secret === undefined
      ? undefined
      : new Webhooks({
          ...{ events, records, store, http, url, clock, log },
          allowUrl: egress.allows,
          signer: new WebhookSigner([secret]),
        })
  return {
    webhooks,
    start: () => {
      outcomes.start()
      webhooks?.start()
    },
    close: async () => {
      await outcomes.close()
      await webhooks?.close()
      await Promise.all([anthropic.close(), http.close()])
    },
  }
}
