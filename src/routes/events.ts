import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ownerSeenBy } from '../access/user.ts'
import type { CallHistory } from '../calls/call-history.ts'
import { SECURITY } from './api-keys.ts'
import { CallParams } from './call-view.ts'
import { ErrorBody } from './error-body.ts'
import { followerOf, sendEvents } from './event-stream.ts'
import { EventView } from './event-view.ts'
import { streamExample } from './examples.ts'
import { routes } from './routes.ts'

const eventId = z
  .string()
  .regex(/^\d{1,16}$/, 'the id of an event, a whole number')
  .transform(Number)

const FollowQuery = z.strictObject({
  after: eventId.optional().meta({
    description: 'Begin after the event with this `id`; `Last-Event-ID` goes before it',
    examples: ['7'],
  }),
})

/** Others pass: what is not in a schema of headers would be lost. */
const FollowHeaders = z.looseObject({
  'last-event-id': eventId.optional().meta({
    description: 'The last `id` that was seen; an `EventSource` sends it when it connects again',
  }),
})

const stream = (description: string) => ({
  description,
  content: {
    'text/event-stream': { schema: EventView.meta({ title: 'Event', example: streamExample }) },
  },
})

const FORM =
  'Server-sent events: `id`, `event` (the type) and `data`, a JSON object as described here. `caller.partial` and ' +
  '`agent.heard` pass: they have no `id`, and are not sent again. A comment comes every 15 seconds when nothing else does. ' +
  'Connecting again with the last `id` goes on without a gap and without an event twice.'

/** What happens in calls, as it happens. */
export function eventRoutes({ history }: { history: CallHistory }): FastifyPluginCallbackZod {
  return routes('eventRoutes', (app) => {
    app.register(followCallRoute(history))
    app.register(followAllRoute(history))
    // Before connections are cut.
    app.addHook('preClose', () => history.close())
  })
}

function followCallRoute(history: CallHistory): FastifyPluginCallbackZod {
  return routes('followCallRoute', (app) => {
    app.get(
      '/calls/:call_id/events',
      {
        config: { access: 'calls:read' },
        // A HEAD would read a stream that may never end.
        exposeHeadRoute: false,
        schema: {
          operationId: 'followCall',
          summary: 'Follow a call: state, words, latencies, end and outcome',
          description: `${FORM} The stream begins with the call (or after \`Last-Event-ID\`), and ends with its outcome, or a minute after its end.`,
          tags: ['events'],
          security: SECURITY,
          params: CallParams,
          querystring: FollowQuery,
          headers: FollowHeaders,
          response: {
            200: stream('Events of the call; `id` is the event’s `seq`'),
            204: z.undefined().meta({
              description: 'The call is over and all is told; an `EventSource` does not come again',
            }),
            400: ErrorBody,
            401: ErrorBody,
            404: ErrorBody,
            503: ErrorBody.meta({ description: 'Too many follow calls already' }),
          },
        },
      },
      async ({ params, query, headers }, reply) => {
        const after = headers['last-event-id'] ?? query.after ?? 0
        const items = await history.follow(params.call_id, { after, ...followerOf(reply) })
        return items ? sendEvents(reply, items, ({ seq }) => seq) : reply.code(204).send()
      },
    )
  })
}

function followAllRoute(history: CallHistory): FastifyPluginCallbackZod {
  return routes('followAllRoute', (app) => {
    app.get(
      '/events',
      {
        config: { access: 'calls:read' },
        exposeHeadRoute: false,
        schema: {
          operationId: 'followAllCalls',
          summary: 'Follow all calls',
          description: `${FORM} The stream begins now, or after an \`id\` of this same stream, \`0\` being before all that is kept.`,
          tags: ['events'],
          security: SECURITY,
          querystring: FollowQuery,
          headers: FollowHeaders,
          response: {
            200: stream('Events of all calls; `id` counts over all of them'),
            400: ErrorBody,
            401: ErrorBody,
            503: ErrorBody.meta({ description: 'Too many follow calls already' }),
          },
        },
      },
      ({ query, headers, user }, reply) => {
        const after = headers['last-event-id'] ?? query.after
        const owner = ownerSeenBy(user)
        const items = history.followAll({ after, owner, ...followerOf(reply) })
        void sendEvents(reply, items, (event) =>
          event.seq === undefined ? undefined : event.order,
        )
      },
    )
  })
}
