import { randomBytes } from 'node:crypto'
import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { Ticker } from './ticker.ts'
import type { TwilioEvent } from './twilio-events.ts'
import { type FaultCode, faultRule, TwilioFault } from './twilio-faults.ts'
import type { TwilioKnobs } from './twilio-knobs.ts'
import type { TwilioWebhooks, WebhookRequest } from './twilio-webhooks.ts'
import type { Violations } from './violations.ts'

/** What all calls of the simulated account share. */
export type TwilioAccount = {
  readonly accountSid: string
  readonly publicHost: string
  readonly clock: Clock
  readonly knobs: TwilioKnobs
  readonly ticker: Ticker
  readonly violations: Violations
  readonly webhooks: TwilioWebhooks
  /** Sockets that are open, also those of calls that are over. */
  readonly sockets: Set<WebSocket>
  /** Aborted when the simulator is closed. */
  readonly signal: AbortSignal
  readonly emit: (event: TwilioEvent) => void
}

/** Two letters and 32 hex digits. */
export function newSid(prefix: 'CA' | 'MZ' | 'RE'): string {
  return prefix + randomBytes(16).toString('hex')
}

export function recordFault(account: TwilioAccount, code: FaultCode, detail: string): void {
  account.violations.add('twilio', faultRule(code), detail)
}

/**
 * Sends a callback whose answer is of no use to Twilio. An answer other than success is the warning 15003.
 * Resolves with the HTTP status, 0 when there was none.
 */
export async function sendCallback(
  account: TwilioAccount,
  callback: Pick<WebhookRequest, 'url' | 'method' | 'params'>,
  failed: (reason: string) => void,
): Promise<number> {
  let status = 0
  let reason: string
  try {
    const timeoutMs = account.knobs.webhookTimeoutMs
    const sent = { ...callback, timeoutMs, signal: account.signal }
    ;({ status } = await account.webhooks.send(sent))
    if (status < 400) return status
    reason = `HTTP ${status}`
  } catch (error) {
    // Closed in the middle of it: nobody is left to tell.
    if (account.signal.aborted) return status
    if (!(error instanceof TwilioFault)) throw error
    reason = error.message
  }
  recordFault(account, 15003, `${callback.url}: ${reason}`)
  failed(reason)
  return status
}
