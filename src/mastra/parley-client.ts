import { z } from 'zod'
import type { Clock } from '../clock.ts'

/** A call as this client gives it: what an agent or a workflow decides by. Docs: docs/api.md. */
export const PhoneCall = z.object({
  call_id: z.string(),
  status: z.string(),
  phone_number: z.string(),
  duration_s: z.number().nullable(),
  end_reason: z.string().nullable(),
  answered_by: z.string().nullable(),
  failure: z.object({ by: z.string(), code: z.string(), message: z.string() }).nullable(),
  opted_out: z.boolean(),
  transcript: z.array(z.object({ role: z.string(), text: z.string().optional() })),
  outcome: z
    .object({
      disposition: z.string(),
      summary: z.string().nullable(),
      callback_at: z.string().nullish(),
      data: z.unknown().optional(),
    })
    .nullable(),
})
export type PhoneCall = z.infer<typeof PhoneCall>

const PlacedCall = z.object({ call_id: z.string(), status: z.string() })
export type PlacedCall = z.infer<typeof PlacedCall>

const FoundCalls = z.object({ calls: z.array(PlacedCall) })

const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/** Why Parley did not do what it was asked to: `code` is the API's own (docs/operations.md), or `unreachable`. */
export class ParleyError extends Error {
  override readonly name = 'ParleyError'
  readonly code: string

  constructor(message: string, options: { code: string; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.code = options.code
  }
}

type Request = {
  readonly method?: 'GET' | 'POST'
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

/** A call's outcome is looked for this long after its end; a call that nobody took has one at once. */
const OUTCOME_TIMEOUT_MS = 30_000
/** Calls last for minutes: who waits for one asks once a second, and less often as time goes by. */
const FIRST_LOOK_MS = 1000
const SLOWEST_LOOK_MS = 5000

const OVER = new Set(['completed', 'busy', 'no_answer', 'failed', 'canceled'])

export function isOver({ status }: PhoneCall): boolean {
  return OVER.has(status)
}

/**
 * Calls, by Parley's HTTP API: from the same process as from any other, so that there is one way in, with the same checks,
 * rights and records.
 */
export class ParleyClient {
  readonly #parts: {
    readonly url: string
    readonly key: string | undefined
    readonly fetch: typeof fetch
    readonly clock: Clock
  }

  /** @param parts.url `http://host:port` of the server; `fetch` may lead there without a network */
  constructor(parts: {
    readonly url: string
    readonly key?: string | undefined
    readonly clock: Clock
    readonly fetch?: typeof fetch
  }) {
    this.#parts = { ...parts, key: parts.key, fetch: parts.fetch ?? fetch }
  }

  /**
   * Rings a number.
   *
   * @param spec the body of `POST /api/phone/call`
   * @param options.idempotencyKey the same call is placed once, however often it is asked for with this key
   * @throws {ParleyError}
   */
  placeCall(
    spec: Readonly<Record<string, unknown>>,
    options: { idempotencyKey?: string; signal?: AbortSignal | undefined } = {},
  ): Promise<PlacedCall> {
    const { idempotencyKey, signal } = options
    return this.#ask(PlacedCall, '/api/phone/call', {
      method: 'POST',
      body: spec,
      signal,
      headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
    })
  }

  /** @throws {ParleyError} `call_not_found` */
  getCall(
    callId: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<PhoneCall> {
    return this.#ask(PhoneCall, `/api/phone/calls/${encodeURIComponent(callId)}`, { signal })
  }

  /** The newest call that has this among its `metadata`, if there is one. @throws {ParleyError} */
  async findCall(
    metadata: Readonly<Record<string, string>>,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<PlacedCall | undefined> {
    const query = new URLSearchParams({ limit: '1' })
    for (const [key, value] of Object.entries(metadata)) query.set(`metadata[${key}]`, value)
    const { calls } = await this.#ask(FoundCalls, `/api/phone/calls?${query.toString()}`, {
      signal,
    })
    return calls[0]
  }

  /** @throws {ParleyError} `call_not_live` when it is over already */
  async hangUp(
    callId: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const path = `/api/phone/calls/${encodeURIComponent(callId)}/hangup`
    await this.#ask(z.unknown(), path, { method: 'POST', signal })
  }

  /**
   * Waits until a call is over and its outcome is known, or for so long. A server that is away for a while is waited for.
   *
   * @returns the call as it is then
   * @throws {ParleyError} `call_not_found`
   */
  async waitForCall(
    callId: string,
    options: { timeoutMs: number; signal?: AbortSignal | undefined },
  ): Promise<PhoneCall> {
    const { clock } = this.#parts
    const deadline = clock.now() + options.timeoutMs
    let overSince: number | undefined
    for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 1.2, SLOWEST_LOOK_MS)) {
      const call = await this.#look(callId, deadline, options.signal)
      if (call && isOver(call)) overSince ??= clock.now()
      const isTold = overSince !== undefined && clock.now() - overSince >= OUTCOME_TIMEOUT_MS
      if (call && isOver(call) && (call.outcome !== null || isTold)) return call
      if (call && clock.now() >= deadline) return call
      await clock.sleep(Math.max(1, Math.min(pauseMs, deadline - clock.now())), {
        ...(options.signal && { signal: options.signal }),
      })
    }
  }

  /** Undefined: the server could not be asked, and there is time to ask again. */
  async #look(
    callId: string,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<PhoneCall | undefined> {
    try {
      return await this.getCall(callId, { signal })
    } catch (error) {
      const isAway = error instanceof ParleyError && error.code === 'unreachable'
      if (!isAway || this.#parts.clock.now() >= deadline) throw error
      return undefined
    }
  }

  async #ask<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    request: Request,
  ): Promise<z.infer<Schema>> {
    const { status, text } = await this.#send(path, request)
    const answer = jsonOf(text)
    if (status >= 200 && status < 300) {
      const parsed = schema.safeParse(answer)
      if (parsed.success) return parsed.data
      throw new ParleyError(`what answers at ${this.#parts.url} is no Parley`, { code: 'protocol' })
    }
    const { error } = Refusal.safeParse(answer).data ?? {}
    throw new ParleyError(error?.message ?? `Parley answered ${status}`, {
      code: error?.code ?? 'protocol',
    })
  }

  async #send(path: string, request: Request): Promise<{ status: number; text: string }> {
    const { url, key } = this.#parts
    const { method = 'GET', body, headers, signal } = request
    try {
      const response = await this.#parts.fetch(new URL(path, url), {
        method,
        headers: {
          accept: 'application/json',
          ...headers,
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      })
      return { status: response.status, text: await response.text() }
    } catch (error) {
      if (signal?.aborted) throw error
      throw new ParleyError(`no Parley answers at ${url}`, { code: 'unreachable', cause: error })
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: whoever reads it says that this is no Parley.
    return undefined
  }
}
