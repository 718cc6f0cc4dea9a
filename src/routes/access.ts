import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { ApiKey, Scope } from '../access/api-key.ts'
import { EVERYBODY, isAdmin, may, type User } from '../access/user.ts'
import type { AuditLog } from '../calls/audit.ts'
import type { PhoneCalls } from '../calls/phone-calls.ts'
import { CallError } from '../errors.ts'
import { userFinder } from './api-keys.ts'
import { ErrorBody, errorBody } from './error-body.ts'
import type { RateLimits } from './rate-limits.ts'

/**
 * Who may use a route: whoever has a key with the scope; `twilio`, `atoms`: whoever can sign as they do; `public`: anybody.
 */
export type RouteAccess = Scope | 'twilio' | 'atoms' | 'public'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess
  }
  interface FastifyRequest {
    /** Who makes the request; of a public route, everybody. */
    user: User
  }
}

export type AccessParts = {
  readonly apiKeys: readonly ApiKey[]
  readonly calls: Pick<PhoneCalls, 'get'>
  readonly audit: Pick<AuditLog, 'note'>
  readonly rateLimits: RateLimits
}

/**
 * Guards every route that is registered on `app` from now on. A route that does not say who may use it is a mistake of ours,
 * and does not start.
 */
export function guardRoutes(app: FastifyInstance, parts: AccessParts): void {
  const userOf = userFinder(parts.apiKeys)
  app.decorateRequest('user')
  app.addHook('onRoute', (route) => {
    demandAccess(route)
    describeRefusals(route)
  })
  app.addHook('onRequest', async (request, reply) => {
    request.user = EVERYBODY
    const access = accessOf(request)
    if (!wantsKey(access)) return
    const user = userOf(request)
    const isRefused = await parts.rateLimits.refuse(request, reply, user)
    if (isRefused) return
    if (!user) return refuseStranger(reply, parts.apiKeys.length > 0)
    request.user = user
    if (!may(user, access)) return refuseScope(reply, access)
  })
  app.addHook('preHandler', async (request) => {
    await demandOwnCall(request, parts.calls)
  })
  app.addHook('onResponse', (request, reply, done) => {
    if (accessOf(request) === 'admin') noteAdmin(request, reply, parts.audit)
    done()
  })
}

/** For routes that others bring along: whoever has a key with this scope may use all of them. */
export function keyGuard(apiKeys: readonly ApiKey[], scope: Scope) {
  const userOf = userFinder(apiKeys)
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const user = userOf(request)
    if (!user) return refuseStranger(reply, apiKeys.length > 0)
    return may(user, scope) ? undefined : refuseScope(reply, scope)
  }
}

function demandAccess({ config, method, url }: RouteOptions): void {
  if (config?.access !== undefined) return
  throw new Error(`route ${String(method)} ${url} does not say who may use it: config.access`)
}

function wantsKey(access: RouteAccess | undefined): access is Scope {
  return access !== undefined && !['public', 'twilio', 'atoms'].includes(access)
}

/** Every route that wants a key may refuse one. */
function describeRefusals(route: RouteOptions): void {
  const access = route.config?.access
  if (!wantsKey(access)) return
  const response = route.schema?.response as Record<number, unknown> | undefined
  if (!response) return
  response[403] ??= ErrorBody.meta({ description: `The key lacks the scope \`${access}\`` })
  response[429] ??= ErrorBody.meta({ description: 'Too many requests; `retry-after` says when' })
}

function accessOf({ routeOptions }: FastifyRequest): RouteAccess | undefined {
  return routeOptions.config.access
}

async function refuseStranger(reply: FastifyReply, hasKeys: boolean): Promise<void> {
  const message = hasKeys
    ? 'an API key is needed: Authorization: Bearer KEY, or X-API-Key: KEY'
    : 'without API_KEYS only requests from this machine are served'
  await reply
    .code(401)
    .header('www-authenticate', 'Bearer')
    .send(errorBody('unauthorized', message))
}

async function refuseScope(reply: FastifyReply, scope: Scope): Promise<void> {
  const message = `this key may not do that: it needs the scope ${scope}`
  await reply.code(403).send(errorBody('forbidden', message, { scope }))
}

/**
 * A call of somebody else is no call at all: that there is one is nobody's business, either. In one place for every route that
 * names a call, so that none can forget it.
 */
async function demandOwnCall(
  { user, params, routeOptions }: FastifyRequest,
  calls: AccessParts['calls'],
): Promise<void> {
  if (!routeOptions.url?.includes(':call_id') || isAdmin(user)) return
  const { call_id: callId } = params as { readonly call_id: string }
  const { owner } = await calls.get(callId)
  if (owner !== user.name) throw noSuchCall(callId)
}

export function noSuchCall(callId: string): CallError {
  return new CallError('no such call', { code: 'call_not_found', details: { call_id: callId } })
}

/** What an admin has asked for, and what was answered. */
function noteAdmin(
  { user, params, routeOptions }: FastifyRequest,
  { statusCode }: FastifyReply,
  audit: AccessParts['audit'],
): void {
  // Whoever is nobody has done nothing.
  if (statusCode === 401) return
  const { schema, method, url } = routeOptions
  const { call_id: callId, phone_number: phoneNumber } = params as Readonly<Record<string, string>>
  const operation = (schema as { operationId?: string } | undefined)?.operationId
  const erases = operation === 'eraseNumber'
  audit.note({
    type: 'admin.action',
    key: user.name,
    callId,
    // The number that was erased must not be kept here.
    phoneNumber: erases ? undefined : phoneNumber,
    details: {
      operation: operation ?? `${String(method)} ${url ?? ''}`,
      status: statusCode,
      ...(erases && phoneNumber !== undefined && { number_ends_in: phoneNumber.slice(-4) }),
    },
  })
}
