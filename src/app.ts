import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import websocket from '@fastify/websocket'
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  LogController,
} from 'fastify'
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import type { ApiKey } from './access/api-key.ts'
import type { AuditLog } from './calls/audit.ts'
import type { CallHistory } from './calls/call-history.ts'
import type { OnceOnly } from './calls/once-only.ts'
import type { PhoneCalls } from './calls/phone-calls.ts'
import type { Prices } from './calls/prices.ts'
import type { Webhooks } from './calls/webhooks/webhooks.ts'
import { type AtomsPort, atomsRoutes } from './routes/atoms.ts'
import { guardRoutes } from './routes/access.ts'
import { auditRoutes } from './routes/audit.ts'
import { callRoutes } from './routes/calls.ts'
import { doNotCallRoutes } from './routes/do-not-call.ts'
import { answerError, answerNotFound } from './routes/errors.ts'
import { healthRoutes, type Machine } from './routes/health.ts'
import { mediaStreamRoute } from './routes/media-stream.ts'
import { type MetricsSource, metricsRoute } from './routes/metrics.ts'
import { type RateLimitSettings, rateLimits } from './routes/rate-limits.ts'
import { twilioRoutes } from './routes/twilio.ts'
import type { TwilioPort } from './routes/twilio-port.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { workflowRoutes } from './routes/workflows.ts'
import type { WorkflowsPort } from './routes/workflows-port.ts'
import { VERSION } from './version.ts'
import { routes } from './routes/routes.ts'

/** Specs hold at most some 12 kB of text; Twilio's forms less. */
const BODY_LIMIT_BYTES = 64 * 1024
/** For a request to arrive as a whole; the answer may take longer. */
const REQUEST_TIMEOUT_MS = 10_000
/** All of its headers together. */
const MAX_HEADER_BYTES = 16 * 1024
/** Half a year, for browsers that come by https; others ignore it. */
const HSTS_S = 15_552_000

export type AppParts = {
  readonly calls: PhoneCalls
  readonly history: CallHistory
  readonly prices: Prices
  /** Undefined: the server sends none. */
  readonly webhooks: Pick<Webhooks, 'list' | 'resend' | 'callOf'> | undefined
  readonly metrics: MetricsSource
  readonly machine?: Machine
  readonly twilio: TwilioPort
  /** Undefined: no webhooks of Atoms are taken. */
  readonly atoms?: AtomsPort | undefined
  /** Undefined: there are no workflows (MASTRA_ENABLED). */
  readonly workflows?: WorkflowsPort | undefined
  readonly apiKeys: readonly ApiKey[]
  readonly rateLimits: RateLimitSettings
  readonly audit: AuditLog
  /** For requests with an idempotency key. */
  readonly once: OnceOnly
  /** Above this a WebSocket is closed. */
  readonly maxSocketMessageBytes: number
  /** Web pages that may use the API from a browser; default: none. */
  readonly corsOrigins?: readonly string[]
  /** Whose word counts for where a request comes from, as addresses or CIDR; default: nobody's. */
  readonly trustedProxies?: readonly string[]
  readonly requestTimeoutMs?: number
  readonly log: FastifyBaseLogger
}

/** The HTTP and WebSocket surface, not yet listening. */
export function buildApp(parts: AppParts) {
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS, trustedProxies = [] } = parts
  const app = fastify({
    loggerInstance: parts.log,
    // A call's milestones are logged by the call; requests that fail, by what refuses them.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: requestTimeoutMs,
    // Looked after often enough that whoever sends a byte now and then is soon gone.
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.ceil(requestTimeoutMs / 5),
    },
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    forceCloseConnections: true,
    frameworkErrors: (error, request, reply) => {
      void answerError(error, request, reply)
    },
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(answerError)
  app.setNotFoundHandler(answerNotFound)
  // JSON is all that the API reads: with `text/plain` a web page could send it without asking.
  app.removeContentTypeParser('text/plain')

  guardBrowsers(app, parts)
  app.register(websocket, {
    options: { maxPayload: parts.maxSocketMessageBytes, perMessageDeflate: false },
    errorHandler: (error, socket, request) => {
      // What the peer has done wrong `ws` has answered already, and the line is told.
      if (isPeersFault(error)) return
      request.log.error({ err: error }, 'media socket was not handled')
      socket.terminate()
    },
    // Calls are over before the app is closed; a socket that is still there belongs to none.
    preClose(done) {
      for (const socket of app.websocketServer.clients) socket.terminate()
      app.websocketServer.close()
      done()
    },
  })
  app.register(swagger, { openapi: describeApi(), transform: jsonSchemaTransform })
  // It brings the policy that its own pages need.
  app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  app.register(apiOf(parts))
  return app
}

export type App = ReturnType<typeof buildApp>

/** What browsers may do with our answers: show them nowhere, run nothing, and tell other pages nothing, but for listed ones. */
function guardBrowsers(app: FastifyInstance, { corsOrigins = [] }: AppParts): void {
  app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: { maxAge: HSTS_S, includeSubDomains: false },
  })
  if (corsOrigins.length === 0) return
  app.register(cors, {
    origin: [...corsOrigins],
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['authorization', 'x-api-key', 'content-type', 'traceparent'],
  })
}

function isPeersFault(error: Error): boolean {
  return 'code' in error && /^(WS_ERR_|ECONNRESET|EPIPE)/.test(String(error.code))
}

/** Everything that needs a key, a signature, or to be limited. */
function apiOf(parts: AppParts): FastifyPluginAsync {
  return async (api) => {
    guardRoutes(api, { ...parts, rateLimits: await rateLimits(api, parts.rateLimits) })
    api.register(metricsRoute(parts))
    api.register(
      routes('phoneRoutes', (phone) => {
        phone.register(healthRoutes(parts))
        phone.register(callRoutes(parts))
        phone.register(doNotCallRoutes(parts))
        phone.register(webhookRoutes(parts))
        phone.register(auditRoutes(parts))
        phone.register(twilioRoutes(parts), { prefix: '/twilio' })
        phone.register(mediaStreamRoute(parts))
        const { calls, atoms, workflows } = parts
        if (workflows) phone.register(workflowRoutes({ workflows }))
        if (atoms) phone.register(atomsRoutes({ calls, atoms }), { prefix: '/atoms' })
      }),
      { prefix: '/api/phone' },
    )
  }
}

function describeApi() {
  return {
    info: {
      title: 'Parley',
      version: VERSION,
      description: 'Phone calls by an AI agent: POST a number and what the call is for.',
    },
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  } as const
}
