import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { CallHistory, ExportedCall } from '../calls/call-history.ts'
import type { Prices } from '../calls/prices.ts'
import { E164 } from '../calls/spec-parts.ts'
import { DELIVERY_STATES, WEBHOOK_TYPES } from '../calls/webhooks/delivery.ts'
import { SECURITY } from './api-keys.ts'
import { CallView, viewOf } from './call-details.ts'
import { ErrorBody, StoreAway } from './error-body.ts'
import { EventView, eventOf } from './event-view.ts'
import { callExample, eventExamples, summaryExample } from './examples.ts'
import { routes } from './routes.ts'

const NumberParams = z.object({
  phone_number: E164.meta({
    description: 'In E.164 form',
    examples: [summaryExample.phone_number],
  }),
})

const WebhookView = z.object({
  id: z.string(),
  type: z.enum(WEBHOOK_TYPES),
  url: z.string(),
  payload: z.string(),
  created_at: z.iso.datetime(),
  state: z.enum(DELIVERY_STATES),
  attempts: z.int(),
})

const NumberExportView = z
  .object({
    phone_number: z.string(),
    do_not_call: z
      .object({ added_at: z.iso.datetime(), call_id: z.string().nullable() })
      .nullable()
      .meta({ description: 'Since when the number is not to be called, and by which call' }),
    calls: z.array(
      z.object({ call: CallView, events: z.array(EventView), webhooks: z.array(WebhookView) }),
    ),
  })
  .meta({
    title: 'NumberExport',
    examples: [
      {
        phone_number: summaryExample.phone_number,
        do_not_call: null,
        calls: [{ call: callExample, events: eventExamples, webhooks: [] }],
      },
    ],
  })

const ErasedView = z
  .object({ phone_number: z.string(), erased_calls: z.int() })
  .meta({ examples: [{ phone_number: summaryExample.phone_number, erased_calls: 3 }] })

const OF_NUMBER = { tags: ['numbers'], security: SECURITY, params: NumberParams }

/** What is kept about a phone number, for the person it belongs to. */
export function numberRoutes(deps: {
  history: CallHistory
  prices: Prices
}): FastifyPluginCallbackZod {
  const { history, prices } = deps
  return routes('numberRoutes', (app) => {
    app.get(
      '/numbers/:phone_number/export',
      {
        config: { access: 'admin' },
        schema: {
          operationId: 'exportNumber',
          summary: 'Everything that is kept about a number',
          description: 'Calls to and from it, oldest first. Recordings are named by their path.',
          ...OF_NUMBER,
          response: { 200: NumberExportView, 400: ErrorBody, 401: ErrorBody, 503: StoreAway },
        },
      },
      async ({ params }, reply) => {
        const { phoneNumber, doNotCall, calls } = await history.exportNumber(params.phone_number)
        void reply.header('content-disposition', `attachment; filename="${phoneNumber}.json"`)
        return {
          phone_number: phoneNumber,
          do_not_call: doNotCall
            ? { added_at: doNotCall.addedAt.toISOString(), call_id: doNotCall.callId ?? null }
            : null,
          calls: calls.map((call) => exportedOf(call, prices)),
        }
      },
    )

    app.delete(
      '/numbers/:phone_number',
      {
        config: { access: 'admin' },
        schema: {
          operationId: 'eraseNumber',
          summary: 'Erase everything about a number',
          description:
            'Every call to and from it, with recordings. That it is not to be called (`do-not-call`) stays known.',
          ...OF_NUMBER,
          response: {
            200: ErasedView,
            400: ErrorBody,
            401: ErrorBody,
            409: ErrorBody.meta({ description: 'A call with it is not over; nothing is erased' }),
            503: StoreAway,
          },
        },
      },
      async ({ params }) => ({
        phone_number: params.phone_number,
        erased_calls: await history.eraseNumber(params.phone_number),
      }),
    )
  })
}

function exportedOf({ deliveries, events, ...call }: ExportedCall, prices: Prices) {
  const known = {
    record: call.record,
    beginning: events,
    outcome: call.outcome,
    isRecorded: call.isRecorded,
  }
  return {
    call: viewOf(known, prices),
    events: events.map(eventOf),
    webhooks: deliveries.map(({ id, type, url, payload, createdAt, state, attempts }) => ({
      id,
      type,
      url,
      payload,
      created_at: createdAt.toISOString(),
      state,
      attempts,
    })),
  }
}
