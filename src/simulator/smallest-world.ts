import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { type SmallestKnobs, UsedUp } from './smallest-knobs.ts'
import type { Violations } from './violations.ts'

const MAX_BODY_BYTES = 4 * 1024 * 1024

/** What all of Smallest.ai's services share: an account, its limits, and what goes wrong. */
export class SmallestWorld {
  readonly clock: Clock
  readonly knobs: SmallestKnobs
  readonly violations: Violations
  readonly #apiKey: string
  readonly used = new UsedUp()
  /** Sockets open for speech, and speeches that go on, in the whole account. */
  voiceSockets = 0
  speeches = 0

  constructor(options: {
    clock: Clock
    knobs: SmallestKnobs
    violations: Violations
    apiKey: string
  }) {
    this.clock = options.clock
    this.knobs = options.knobs
    this.violations = options.violations
    this.#apiKey = options.apiKey
  }

  violation(rule: string, detail = ''): void {
    this.violations.add('smallest', rule, detail)
  }

  /** Why a request gets no further, whatever it asks for. */
  refusalOf(request: IncomingMessage, path: string): number | undefined {
    const { refuse } = this.knobs
    if (refuse && path.search(refuse.path) !== -1 && this.used.take(refuse, Infinity)) {
      return refuse.status
    }
    if (request.headers.authorization === `Bearer ${this.#apiKey}`) return undefined
    this.violation('wrong key', path)
    return 401
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes <= MAX_BODY_BYTES) parts.push(part)
  }
  return Buffer.concat(parts)
}

export function jsonIn(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    // What is not JSON fits no schema.
    return undefined
  }
}

/** Atoms lists its reasons; a limit is told by the gateway before it. */
export function atomsRefusal(status: number, ...reasons: readonly string[]): object {
  if (status === 429) return { error: 'Rate limit exceeded', message: 'Too many requests' }
  return { status: false, errors: reasons.length > 0 ? reasons : [USUAL[status] ?? 'Error'] }
}

export function wavesRefusal(status: number, message = USUAL[status] ?? 'Error'): object {
  return { error: WAVES_ERRORS[status] ?? 'InternalServerError', message }
}

const USUAL: Readonly<Record<number, string>> = {
  400: 'Invalid input',
  401: 'Unauthorized access',
  403: 'Forbidden',
  404: 'Not found',
  410: 'This model has been retired.',
  429: 'Too many requests',
  500: 'Internal server error',
}

const WAVES_ERRORS: Readonly<Record<number, string>> = {
  400: 'InvalidRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  410: 'MODEL_DEPRECATED',
  429: 'RateLimitExceeded',
}
