import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ownerSeenBy, type User } from '../access/user.ts'
import type { PhoneCalls } from '../calls/phone-calls.ts'
import { type Delivery, DELIVERY_STATES, WEBHOOK_TYPES } from '../calls/webhooks/delivery.ts'
import type { Webhooks } from '../calls/webhooks/webhooks.ts'
import { SECURITY } from './api-keys.ts'
import { ErrorBody, errorBody } from './error-body.ts'
import { routes } from './routes.ts'

const deliveryExample = {
  id: 'msg_call_01_ended',
  call_id: 'call_01',
  type: 'call.ended',
  url: 'https://crm.example.com/hooks/calls',
  state: 'pending',
  attempts: 2,
  created_at: '2030-05-01T12:00:00.000Z',
  last_attempt_at: '2030-05-01T12:00:05.000Z',
  next_attempt_at: '2030-05-01T12:05:05.000Z',
  last_status: 503,
  last_error: 'answered 503',
}

const DeliveryView = z
  .object({
    id: z.string().meta({ description: '`webhook-id` of the message, however often it is sent' }),
    call_id: z.string(),
    type: z.enum(WEBHOOK_TYPES),
    url: z.string(),
    state: z.enum(DELIVERY_STATES).meta({
      description: '`pending`: it will be sent, or sent again. `dead`: it was given up',
    }),
    attempts: z.int().meta({ description: 'Since it was created, or sent again by hand' }),
    created_at: z.iso.datetime(),
    last_attempt_at: z.iso.datetime().nullable(),
    next_attempt_at: z.iso.datetime().nullable(),
    last_status: z
      .int()
      .nullable()
      .meta({ description: 'HTTP status of the last attempt; null when there was no answer' }),
    last_error: z
      .string()
      .nullable()
      .meta({ examples: ['answered 503'] }),
  })
  .meta({
    title: 'WebhookDelivery',
    examples: [deliveryExample],
  })

const DeliveryList = z
  .object({ deliveries: z.array(DeliveryView) })
  .meta({ title: 'WebhookDeliveries', examples: [{ deliveries: [deliveryExample] }] })

const id = z.string().min(1).max(100)

/** What others were told about calls, for the user of the API. */
export function webhookRoutes(deps: {
  calls: Pick<PhoneCalls, 'get'>
  /** Undefined: the server sends none. */
  webhooks: Pick<Webhooks, 'list' | 'resend' | 'callOf'> | undefined
}): FastifyPluginCallbackZod {
  const { calls, webhooks } = deps
  const isTheirs = async (delivery: string, user: User): Promise<boolean> => {
    const owner = ownerSeenBy(user)
    if (owner === undefined) return true
    const callId = await webhooks?.callOf(delivery)
    return callId !== undefined && (await calls.get(callId)).owner === owner
  }
  return routes('webhookRoutes', (app) => {
    app.get(
      '/calls/:call_id/webhooks',
      {
        config: { access: 'calls:read' },
        schema: {
          operationId: 'listWebhooks',
          summary: 'Webhooks of a call, and how far each has come',
          tags: ['webhooks'],
          security: SECURITY,
          params: z.object({ call_id: id }),
          response: { 200: DeliveryList, 401: ErrorBody, 404: ErrorBody },
        },
      },
      async ({ params }) => {
        const { callId } = await calls.get(params.call_id)
        return { deliveries: ((await webhooks?.list(callId)) ?? []).map(viewOf) }
      },
    )

    app.post(
      '/webhooks/:id/resend',
      {
        config: { access: 'calls:create' },
        schema: {
          operationId: 'resendWebhook',
          summary: 'Send a webhook again',
          description:
            'With the same id and body, now and, until it is taken, as often as the first time; whatever has become of it before.',
          tags: ['webhooks'],
          security: SECURITY,
          params: z.object({ id }),
          response: { 202: DeliveryView, 401: ErrorBody, 404: ErrorBody },
        },
      },
      async ({ params, user }, reply) => {
        const delivery = (await isTheirs(params.id, user))
          ? await webhooks?.resend(params.id)
          : undefined
        if (delivery) return reply.code(202).send(viewOf(delivery))
        return reply.code(404).send(errorBody('webhook_not_found', 'no such webhook'))
      },
    )
  })
}

function viewOf(delivery: Delivery): z.infer<typeof DeliveryView> {
  return {
    id: delivery.id,
    call_id: delivery.callId,
    type: delivery.type,
    url: delivery.url,
    state: delivery.state,
    attempts: delivery.attempts,
    created_at: delivery.createdAt.toISOString(),
    last_attempt_at: delivery.lastAttemptAt?.toISOString() ?? null,
    next_attempt_at: delivery.nextAttemptAt?.toISOString() ?? null,
    last_status: delivery.lastStatus ?? null,
    last_error: delivery.lastError ?? null,
  }
}
