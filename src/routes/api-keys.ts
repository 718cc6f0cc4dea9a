import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { type ApiKey, sha256 } from '../access/api-key.ts'
import { EVERYBODY, type User } from '../access/user.ts'

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/** The ways of giving a key, as OpenAPI names them. */
export const SECURITY = [{ bearer: [] }, { apiKey: [] }]

/** Headers that a proxy or a tunnel adds. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']

/**
 * Who makes a request; undefined: nobody who may. Keys are compared by hash and in constant time, so that neither their length
 * nor their beginning can be guessed from how long an answer takes.
 *
 * Without any key configured, only requests made on this machine pass: a tunnel to a server on loopback would otherwise
 * let the whole world make calls.
 */
export function userFinder(
  apiKeys: readonly ApiKey[],
): (request: FastifyRequest) => User | undefined {
  if (apiKeys.length === 0) {
    return (request) => (isFromThisMachine(request) ? EVERYBODY : undefined)
  }
  return (request) => {
    const key = keyOf(request)
    if (key === undefined) return undefined
    const given = sha256(key)
    // Every key is compared, whichever matches.
    const [known] = apiKeys.filter((candidate) => timingSafeEqual(candidate.sha256, given))
    return known
  }
}

function keyOf({ headers }: FastifyRequest): string | undefined {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? []
  const header = headers['x-api-key']
  return bearer ?? (typeof header === 'string' ? header : undefined)
}

function isFromThisMachine({ headers }: FastifyRequest): boolean {
  return (
    LOOPBACK_HOST.test(headers.host ?? '') && FORWARDED.every((name) => headers[name] === undefined)
  )
}
