import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { errorBody } from './error-body.ts'

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/** The ways of giving a key, as OpenAPI names them. */
export const SECURITY = [{ bearer: [] }, { apiKey: [] }]

/** Headers that a proxy or a tunnel adds. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']

/**
 * Lets requests with an API key pass. Keys are compared by hash and in constant time, so that neither their length nor
 * their beginning can be guessed from how long an answer takes.
 *
 * Without any key configured, only requests made on this machine pass: a tunnel to a server on loopback would otherwise
 * let the whole world make calls.
 */
export function apiKeyGuard(apiKeys: readonly string[]) {
  const isAllowed = apiKeyCheck(apiKeys)
  return async (request: FastifyRequest, reply: FastifyReply) => {
    if (isAllowed(request)) return
    const message =
      apiKeys.length === 0
        ? 'without API_KEYS only requests from this machine are served'
        : 'an API key is needed: Authorization: Bearer KEY, or X-API-Key: KEY'
    await reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .send(errorBody('unauthorized', message))
  }
}

/** Whether a request may pass, for routes that tell others less instead of nothing. */
export function apiKeyCheck(apiKeys: readonly string[]): (request: FastifyRequest) => boolean {
  const known = apiKeys.map(digest)
  return (request) => (known.length === 0 ? isFromThisMachine(request) : isKnown(request, known))
}

function isKnown(request: FastifyRequest, known: readonly Buffer[]): boolean {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? []
  const header = request.headers['x-api-key']
  const key = bearer ?? (typeof header === 'string' ? header : undefined)
  if (key === undefined) return false
  const given = digest(key)
  // Every key is compared, whichever matches.
  return known.filter((candidate) => timingSafeEqual(candidate, given)).length > 0
}

function isFromThisMachine({ headers }: FastifyRequest): boolean {
  return (
    LOOPBACK_HOST.test(headers.host ?? '') && FORWARDED.every((name) => headers[name] === undefined)
  )
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
