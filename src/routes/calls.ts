import type { FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { CallHistory } from '../calls/call-history.ts'
import { CALL_STATUSES } from '../calls/call-status.ts'
import type { KeptAnswer } from '../calls/idempotency.ts'
import type { OnceOnly } from '../calls/once-only.ts'
import type { PhoneCalls } from '../calls/phone-calls.ts'
import type { Orderer } from '../calls/call-opener.ts'
import type { Prices } from '../calls/prices.ts'
import type { CallRecord } from '../calls/record.ts'
import { callSpecCodec } from '../calls/spec.ts'
import { SECURITY } from './api-keys.ts'
import { lookupRoutes } from './call-lookups.ts'
import { CallParams, summaryOf } from './call-view.ts'
import { ErrorBody } from './error-body.ts'
import { eventRoutes } from './events.ts'
import { specExample, summaryExample } from './examples.ts'
import { answerOnce, IdempotencyHeaders } from './idempotent-answers.ts'
import { numberRoutes } from './numbers.ts'
import { recordingRoutes } from './recordings.ts'
import { transcriptRoutes } from './transcripts.ts'
import { traceparentOf } from '../tracing/traceparent.ts'
import type { TwilioPort } from './twilio-port.ts'
import { routes } from './routes.ts'

/** zod leaves `examples` of a codec out of the description. */
const CallSpec = callSpecCodec.meta({ example: specExample })

const PlacedCall = z
  .object({
    call_id: z.string(),
    call_sid: z.string().nullable(),
    status: z.enum(CALL_STATUSES),
  })
  .meta({
    title: 'PlacedCall',
    examples: [
      { call_id: summaryExample.call_id, call_sid: summaryExample.call_sid, status: 'queued' },
    ],
  })

const RegisteredCall = z
  .object({
    call_id: z.string(),
    voice_url: z
      .url()
      .meta({ description: 'Give this to Twilio as the `Url` of the call, by POST' }),
    expires_at: z.iso.datetime(),
  })
  .meta({
    title: 'RegisteredCall',
    examples: [
      {
        call_id: summaryExample.call_id,
        voice_url: `https://calls.example.com/api/phone/twilio/voice?call_id=${summaryExample.call_id}`,
        expires_at: '2026-11-21T10:30:00.000Z',
      },
    ],
  })

const refusals = {
  400: ErrorBody,
  401: ErrorBody,
  403: ErrorBody.meta({
    description:
      'The number is never rung: the person does not want to be called, or the rules of the server forbid it; `details.rule` says which. Or the key lacks the scope `calls:create`',
  }),
  409: ErrorBody.meta({
    description:
      'Not now: hours, attempts, or a call with the number that goes on; `details` has the rule, and `retry_at` where there is one',
  }),
  422: ErrorBody.meta({
    description:
      'Twilio refused the call; `details` has its code. Or the idempotency key was used for another request',
  }),
  429: ErrorBody.meta({
    description:
      'The key has used up what it may dial or ask; `details` and `retry-after` say more',
  }),
  503: ErrorBody.meta({ description: 'All lines are taken, or the server is shutting down' }),
}

/** Calls, for the user of the API: to make them, end them, follow them, and know what came of them. */
export function callRoutes(deps: {
  calls: PhoneCalls
  twilio: Pick<TwilioPort, 'voiceUrl'>
  once: OnceOnly
  history: CallHistory
  prices: Prices
}): FastifyPluginCallbackZod {
  const { calls, twilio, once, history, prices } = deps
  return routes('callRoutes', (app) => {
    app.post(
      '/call',
      {
        config: { access: 'calls:create' },
        schema: {
          operationId: 'placeCall',
          summary: 'Ring a number and talk',
          tags: ['calls'],
          security: SECURITY,
          body: CallSpec,
          headers: IdempotencyHeaders,
          response: {
            201: PlacedCall,
            ...refusals,
            502: ErrorBody.meta({ description: 'Twilio could not be asked' }),
          },
        },
      },
      (request, reply) => {
        const spec = { ...request.body, ...traceparentOf(request.headers) }
        return answerOnce(request, reply, {
          once,
          spec: request.body,
          carryOut: async (callId) =>
            created(placed(await calls.place(spec, ordererOf(request, callId)))),
          recover: async (callId) => {
            const record = await calls.get(callId).catch(() => undefined)
            return record && created(placed(record))
          },
        })
      },
    )

    app.register(registerRoute(calls, twilio, once))
    app.register(hangUpRoute(calls))
    app.register(lookupRoutes({ history, prices }))
    app.register(transcriptRoutes({ history }))
    app.register(recordingRoutes({ history }))
    app.register(eventRoutes({ history }))
    app.register(numberRoutes({ history, prices }))
  })
}

function registerRoute(
  calls: PhoneCalls,
  twilio: Pick<TwilioPort, 'voiceUrl'>,
  once: OnceOnly,
): FastifyPluginCallbackZod {
  return routes('registerRoute', (app) => {
    app.post(
      '/register-call',
      {
        config: { access: 'calls:create' },
        schema: {
          operationId: 'registerCall',
          summary: 'Store a spec for a call that something else will dial',
          tags: ['calls'],
          security: SECURITY,
          body: CallSpec,
          headers: IdempotencyHeaders,
          response: { 201: RegisteredCall, ...refusals },
        },
      },
      (request, reply) => {
        const spec = { ...request.body, ...traceparentOf(request.headers) }
        return answerOnce(request, reply, {
          once,
          spec: request.body,
          carryOut: async (callId) => {
            const { record, expiresAt } = await calls.register(spec, ordererOf(request, callId))
            return created({
              call_id: record.callId,
              voice_url: twilio.voiceUrl(record.callId),
              expires_at: expiresAt.toISOString(),
            })
          },
        })
      },
    )
  })
}

function hangUpRoute(calls: PhoneCalls): FastifyPluginCallbackZod {
  return routes('hangUpRoute', (app) => {
    app.post(
      '/calls/:call_id/hangup',
      {
        config: { access: 'calls:create' },
        schema: {
          operationId: 'hangUpCall',
          summary: 'End a call',
          tags: ['calls'],
          security: SECURITY,
          params: CallParams,
          response: {
            202: PlacedCall,
            400: ErrorBody,
            401: ErrorBody,
            404: ErrorBody,
            409: ErrorBody.meta({ description: 'The call is over already' }),
          },
        },
      },
      async ({ params }, reply) => reply.code(202).send(placed(await calls.hangUp(params.call_id))),
    )
  })
}

/** `callId`: what the call is to be called; '' for any. */
function ordererOf({ user }: Pick<FastifyRequest, 'user'>, callId: string): Orderer {
  return { owner: user.name, ...(callId !== '' && { callId }) }
}

function created(answer: z.infer<typeof PlacedCall> | z.infer<typeof RegisteredCall>): KeptAnswer {
  return { status: 201, body: JSON.stringify(answer) }
}

function placed(record: CallRecord): z.infer<typeof PlacedCall> {
  const { call_id, call_sid, status } = summaryOf(record)
  return { call_id, call_sid, status }
}
