import type { RouteOptions } from 'fastify'
import twilio from 'twilio'
import { parseApiKeys } from '../../src/access/api-key.ts'
import { type App, type AppParts, buildApp } from '../../src/app.ts'
import { pricesFrom } from '../../src/calls/prices.ts'
import type { RateLimitSettings } from '../../src/routes/rate-limits.ts'
import type { PhoneCallsParts } from '../../src/calls/phone-calls-parts.ts'
import type { CallSettings } from '../../src/calls/call-settings.ts'
import type { Clock } from '../../src/clock.ts'
import type { Logger } from '../../src/log.ts'
import { TwilioEdge } from '../../src/providers/twilio/edge.ts'
import { MAX_SOCKET_MESSAGE_BYTES } from '../../src/providers/twilio/stream-door.ts'
import type { FeedLimits } from '../../src/calls/event-feed.ts'
import { type GuardSettings, setUpCalls } from './fake-calls.ts'
import { FakeWorkflows } from './fake-workflows.ts'
import { keepCalls } from './kept-calls.ts'
import { quiet } from './fake-ports.ts'
import { StreamClient } from './stream-client.ts'

const PUBLIC_HOST = 'calls.example.com'
const AUTH_TOKEN = 'auth-token'

/** The whole HTTP surface on a free port of loopback, with fake conversations and a fake carrier behind it. */
export async function startApp(
  options: {
    apiKeys?: readonly string[]
    settings?: Partial<CallSettings>
    clock?: Clock
    feedLimits?: Partial<FeedLimits>
    log?: Logger
    guard?: Partial<GuardSettings>
    rateLimits?: RateLimitSettings
    elsewhere?: PhoneCallsParts['elsewhere']
    /** Done with the app before it listens. */
    before?: (app: App) => void
  } & Partial<Pick<AppParts, 'corsOrigins' | 'trustedProxies' | 'requestTimeoutMs'>> = {},
) {
  const world = setUpCalls(options)
  const kept = keepCalls(world, options.feedLimits)
  const workflows = new FakeWorkflows()
  const parts = {
    calls: world.calls,
    history: kept.history,
    prices: pricesFrom(undefined),
    webhooks: undefined,
    metrics: { contentType: 'text/plain', text: () => Promise.resolve('') },
    twilio: new TwilioEdge({
      publicHost: PUBLIC_HOST,
      accountSid: 'AC1',
      authTokens: [AUTH_TOKEN],
      clock: world.clock,
      log: quiet,
    }),
    workflows,
    audit: world.audit,
    once: world.once,
    apiKeys: parseApiKeys(options.apiKeys ?? []).keys,
    rateLimits: options.rateLimits ?? { perKey: 0, perAddress: 0 },
    maxSocketMessageBytes: MAX_SOCKET_MESSAGE_BYTES,
    log: options.log ?? quiet,
    corsOrigins: options.corsOrigins ?? [],
    trustedProxies: options.trustedProxies ?? [],
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
  }
  const app = buildApp(parts)
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => {
    routes.push(route)
  })
  options.before?.(app)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })

  const request = async (method: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, { method, ...init })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    const json: unknown = isJson ? JSON.parse(text) : undefined
    // Tests look into bodies of every shape.
    return { status: response.status, headers: response.headers, text, json: json as Json }
  }
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    request('POST', path, {
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  /** A form as Twilio posts it: signed, unless the test brings a signature of its own. */
  const postForm = (path: string, form: Record<string, string>, signature?: string) => {
    const params = { AccountSid: 'AC1', ...form }
    const signed = sign(`https://${PUBLIC_HOST}${path}`, params)
    return request('POST', path, {
      headers: { 'x-twilio-signature': signature ?? signed },
      body: new URLSearchParams(params),
    })
  }
  const openStream = (path = '/api/phone/media-stream', signature?: string) =>
    new StreamClient(url.replace('http', 'ws') + path, {
      'x-twilio-signature': signature ?? sign(`wss://${PUBLIC_HOST}${path}`),
    })
  const close = async () => {
    await world.calls.endAll()
    await app.close()
  }
  return {
    ...world,
    ...kept,
    workflows,
    app,
    routes,
    url,
    get: (path: string, headers: Record<string, string> = {}) => request('GET', path, { headers }),
    request,
    post,
    postForm,
    openStream,
    close,
  }
}

export type Json = Record<string, never> & {
  error: { code: string; message: string; details: never }
}

export type TestApp = Awaited<ReturnType<typeof startApp>>

export function sign(url: string, params: Record<string, string> = {}): string {
  return twilio.getExpectedTwilioSignature(AUTH_TOKEN, url, params)
}
