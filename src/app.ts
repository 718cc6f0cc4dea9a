import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import websocket from '@fastify/websocket'
import fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import type { CallHistory } from './calls/call-history.ts'
import type { PhoneCalls } from './calls/phone-calls.ts'
import type { Prices } from './calls/prices.ts'
import type { Webhooks } from './calls/webhooks/webhooks.ts'
import { type AtomsPort, atomsRoutes } from './routes/atoms.ts'
import { callRoutes } from './routes/calls.ts'
import { doNotCallRoutes } from './routes/do-not-call.ts'
import { answerError, answerNotFound } from './routes/errors.ts'
import { healthRoutes, type Machine } from './routes/health.ts'
import { mediaStreamRoute } from './routes/media-stream.ts'
import { type MetricsSource, metricsRoute } from './routes/metrics.ts'
import { twilioRoutes } from './routes/twilio.ts'
import type { TwilioPort } from './routes/twilio-port.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { workflowRoutes } from './routes/workflows.ts'
import type { WorkflowsPort } from './routes/workflows-port.ts'
import { VERSION } from './version.ts'

/** Specs hold at most some 12 kB of text; Twilio's forms less. */
const BODY_LIMIT_BYTES = 64 * 1024
/** For a request to arrive as a whole; the answer may take longer. */
const REQUEST_TIMEOUT_MS = 10_000

export type AppParts = {
  readonly calls: PhoneCalls
  readonly history: CallHistory
  readonly prices: Prices
  /** Undefined: the server sends none. */
  readonly webhooks: Pick<Webhooks, 'list' | 'resend'> | undefined
  readonly metrics: MetricsSource
  readonly machine?: Machine
  readonly twilio: TwilioPort
  /** Undefined: no webhooks of Atoms are taken. */
  readonly atoms?: AtomsPort | undefined
  /** Undefined: there are no workflows (MASTRA_ENABLED). */
  readonly workflows?: WorkflowsPort | undefined
  readonly apiKeys: readonly string[]
  /** Above this a WebSocket is closed. */
  readonly maxSocketMessageBytes: number
  readonly log: FastifyBaseLogger
}

/** The HTTP and WebSocket surface, not yet listening. */
export function buildApp(parts: AppParts) {
  const app = fastify({
    loggerInstance: parts.log,
    // A call's milestones are logged by the call; requests that fail, by what refuses them.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
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

  app.register(websocket, {
    options: { maxPayload: parts.maxSocketMessageBytes, perMessageDeflate: false },
    // Calls are over before the app is closed; a socket that is still there belongs to none.
    preClose(done) {
      for (const socket of app.websocketServer.clients) socket.terminate()
      app.websocketServer.close()
      done()
    },
  })
  app.register(swagger, { openapi: describeApi(), transform: jsonSchemaTransform })
  app.register(swaggerUi, { routePrefix: '/docs' })
  app.register(metricsRoute(parts))
  app.register(
    (phone, _, done) => {
      phone.register(healthRoutes(parts))
      phone.register(callRoutes(parts))
      phone.register(doNotCallRoutes(parts))
      phone.register(webhookRoutes(parts))
      phone.register(twilioRoutes(parts), { prefix: '/twilio' })
      phone.register(mediaStreamRoute(parts))
      const { calls, atoms, workflows, apiKeys } = parts
      if (workflows) phone.register(workflowRoutes({ workflows, apiKeys }))
      if (atoms) phone.register(atomsRoutes({ calls, atoms }), { prefix: '/atoms' })
      done()
    },
    { prefix: '/api/phone' },
  )
  return app
}

export type App = ReturnType<typeof buildApp>

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
