import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ownerSeenBy } from '../access/user.ts'
import type { CallHistory } from '../calls/call-history.ts'
import type { Prices } from '../calls/prices.ts'
import { SECURITY } from './api-keys.ts'
import { CallView, viewOf } from './call-details.ts'
import { CallListQuery, nestMetadata, storeQueryOf } from './call-query.ts'
import { CallList, CallParams, summaryOf } from './call-view.ts'
import { ErrorBody, StoreAway } from './error-body.ts'
import { routes } from './routes.ts'

/** Calls that are on record. */
export function lookupRoutes(deps: {
  history: CallHistory
  prices: Prices
}): FastifyPluginCallbackZod {
  const { history, prices } = deps
  return routes('lookupRoutes', (app) => {
    app.get(
      '/calls',
      {
        config: { access: 'calls:read' },
        preValidation: nestMetadata,
        schema: {
          operationId: 'listCalls',
          summary: 'Calls, newest first',
          description: 'Those that fit every condition; without one, all of them.',
          tags: ['calls'],
          security: SECURITY,
          querystring: CallListQuery,
          response: { 200: CallList, 400: ErrorBody, 401: ErrorBody, 503: StoreAway },
        },
      },
      async ({ query, user }) => {
        const page = await history.list({ ...storeQueryOf(query), owner: ownerSeenBy(user) })
        return { calls: page.records.map(summaryOf), next_cursor: page.nextBefore ?? null }
      },
    )

    app.get(
      '/calls/:call_id',
      {
        config: { access: 'calls:read' },
        schema: {
          operationId: 'getCall',
          summary: 'One call: status, transcript, latencies, cost, outcome',
          tags: ['calls'],
          security: SECURITY,
          params: CallParams,
          response: {
            200: CallView,
            400: ErrorBody,
            401: ErrorBody,
            404: ErrorBody,
            503: StoreAway,
          },
        },
      },
      async ({ params }) => viewOf(await history.get(params.call_id), prices),
    )

    app.register(eraseRoute(history))
  })
}

function eraseRoute(history: CallHistory): FastifyPluginCallbackZod {
  return routes('eraseRoute', (app) => {
    app.delete(
      '/calls/:call_id',
      {
        config: { access: 'admin' },
        schema: {
          operationId: 'eraseCall',
          summary: 'Erase a call',
          description: 'Its record, events, outcome, webhook deliveries and recording; for good.',
          tags: ['calls'],
          security: SECURITY,
          params: CallParams,
          response: {
            204: z.undefined().meta({ description: 'Nothing is left of it' }),
            400: ErrorBody,
            401: ErrorBody,
            404: ErrorBody,
            409: ErrorBody.meta({ description: 'The call is not over' }),
            503: StoreAway,
          },
        },
      },
      async ({ params }, reply) => {
        await history.erase(params.call_id)
        return reply.code(204).send()
      },
    )
  })
}
