import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { PhoneCalls } from '../calls/phone-calls.ts'
import { CALL_STATUSES } from '../calls/call-status.ts'
import { callSpecCodec } from '../calls/spec.ts'
import { apiKeyGuard, SECURITY } from './api-keys.ts'
import { CallSummary, CallView, summaryOf, viewOf } from './call-view.ts'
import { ErrorBody } from './error-body.ts'
import type { TwilioPort } from './twilio-port.ts'

const PlacedCall = z
  .object({
    call_id: z.string(),
    call_sid: z.string().nullable(),
    status: z.enum(CALL_STATUSES),
  })
  .meta({ title: 'PlacedCall' })

const RegisteredCall = z
  .object({
    call_id: z.string(),
    voice_url: z
      .url()
      .meta({ description: 'Give this to Twilio as the `Url` of the call, by POST' }),
    expires_at: z.iso.datetime(),
  })
  .meta({ title: 'RegisteredCall' })

const CallParams = z.object({ call_id: z.string().min(1).max(64) })

const CallList = z
  .object({
    calls: z.array(CallSummary),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Pass it as `cursor` to get the calls before these' }),
  })
  .meta({ title: 'CallList' })

const refusals = {
  400: ErrorBody,
  401: ErrorBody,
  403: ErrorBody.meta({ description: 'The person does not want to be called' }),
  503: ErrorBody.meta({ description: 'All lines are taken, or the server is shutting down' }),
}

/** Calls, for the user of the API. */
export function callRoutes(deps: {
  calls: PhoneCalls
  twilio: Pick<TwilioPort, 'voiceUrl'>
  apiKeys: readonly string[]
}): FastifyPluginCallbackZod {
  const { calls, twilio } = deps
  return (app, _, done) => {
    app.addHook('onRequest', apiKeyGuard(deps.apiKeys))

    app.post(
      '/call',
      {
        schema: {
          operationId: 'placeCall',
          summary: 'Ring a number and talk',
          tags: ['calls'],
          security: SECURITY,
          body: callSpecCodec,
          response: {
            201: PlacedCall,
            ...refusals,
            422: ErrorBody.meta({ description: 'Twilio refused the call; `details` has its code' }),
            502: ErrorBody.meta({ description: 'Twilio could not be asked' }),
          },
        },
      },
      async (request, reply) => {
        const record = await calls.place(request.body)
        return reply
          .code(201)
          .header('location', `/api/phone/calls/${record.callId}`)
          .send(placed(record))
      },
    )

    app.post(
      '/register-call',
      {
        schema: {
          operationId: 'registerCall',
          summary: 'Store a spec for a call that something else will dial',
          tags: ['calls'],
          security: SECURITY,
          body: callSpecCodec,
          response: { 201: RegisteredCall, ...refusals },
        },
      },
      async (request, reply) => {
        const { record, expiresAt } = await calls.register(request.body)
        return reply.code(201).send({
          call_id: record.callId,
          voice_url: twilio.voiceUrl(record.callId),
          expires_at: expiresAt.toISOString(),
        })
      },
    )

    app.register(lookups(calls))
    done()
  }
}

/** Calls that are there already. */
function lookups(calls: PhoneCalls): FastifyPluginCallbackZod {
  return (app, _, done) => {
    app.get(
      '/calls',
      {
        schema: {
          operationId: 'listCalls',
          summary: 'Calls, newest first',
          tags: ['calls'],
          security: SECURITY,
          querystring: z.strictObject({
            limit: z.coerce.number().int().min(1).max(100).default(20),
            cursor: z.string().min(1).max(64).optional(),
          }),
          response: { 200: CallList, 400: ErrorBody, 401: ErrorBody },
        },
      },
      async ({ query: { limit, cursor } }) => {
        const page = await calls.list({ limit, ...(cursor !== undefined && { before: cursor }) })
        return { calls: page.records.map(summaryOf), next_cursor: page.nextBefore ?? null }
      },
    )

    app.get(
      '/calls/:call_id',
      {
        schema: {
          operationId: 'getCall',
          summary: 'One call: status, transcript, latencies',
          tags: ['calls'],
          security: SECURITY,
          params: CallParams,
          response: { 200: CallView, 401: ErrorBody, 404: ErrorBody },
        },
      },
      async ({ params }) => viewOf(await calls.get(params.call_id)),
    )

    app.post(
      '/calls/:call_id/hangup',
      {
        schema: {
          operationId: 'hangUpCall',
          summary: 'End a call',
          tags: ['calls'],
          security: SECURITY,
          params: CallParams,
          response: { 202: PlacedCall, 401: ErrorBody, 404: ErrorBody, 409: ErrorBody },
        },
      },
      async ({ params }, reply) => reply.code(202).send(placed(await calls.hangUp(params.call_id))),
    )
    done()
  }
}

function placed(record: Awaited<ReturnType<PhoneCalls['place']>>): z.infer<typeof PlacedCall> {
  const { call_id, call_sid, status } = summaryOf(record)
  return { call_id, call_sid, status }
}
