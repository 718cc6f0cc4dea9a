import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CloudReport } from '../../pipeline/cloud-backend.ts'
import { WebhookEvent } from './atoms-messages.ts'
import { reportOfEvent } from './atoms-status.ts'
import { parseJson } from './json.ts'

/** Deliveries that are remembered; one that comes twice comes soon. */
const MAX_SEEN = 1000

/** What Atoms tells by webhooks: whether one is genuine, and what it says. */
export class AtomsEdge {
  readonly #secret: string
  readonly #seen = new Set<string>()

  constructor({ secret }: { readonly secret: string }) {
    this.#secret = secret
  }

  /** @param body the very bytes that came; @param signature the header `X-Signature`: HMAC-SHA256 over them, in hex */
  isGenuine(body: Uint8Array, signature: string | undefined): boolean {
    const expected = createHmac('sha256', this.#secret).update(body).digest()
    const given = Buffer.from(signature ?? '', 'hex')
    return given.length === expected.length && timingSafeEqual(given, expected)
  }

  /**
   * What a genuine webhook tells of a call; undefined: nothing, or nothing new.
   *
   * @throws {ZodError} when it is not as documented
   */
  read(body: Uint8Array): { conversationId: string; report: CloudReport } | undefined {
    const event = WebhookEvent.parse(parseJson(new TextDecoder().decode(body)))
    if (this.#seen.has(event.id)) return undefined
    this.#seen.add(event.id)
    const [oldest] = this.#seen
    if (this.#seen.size > MAX_SEEN && oldest !== undefined) this.#seen.delete(oldest)
    const report = reportOfEvent(event)
    return report && { conversationId: event.metadata.callId, report }
  }
}
