import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { PhoneCalls } from '../calls/phone-calls.ts'

const Health = z
  .object({
    status: z.enum(['pass', 'fail']),
    /** Why `status` is `fail`. */
    reason: z.enum(['draining', 'at_capacity']).optional(),
    active_calls: z.int(),
    max_calls: z.int(),
    uptime_s: z.number(),
  })
  .meta({ title: 'Health' })

const Live = z.object({ status: z.literal('pass') })

/** For monitors; none of these asks a vendor anything. */
export function healthRoutes({ calls }: { calls: PhoneCalls }): FastifyPluginCallbackZod {
  const health = (): z.infer<typeof Health> => {
    const { active, max, draining } = calls.load
    const reason = draining ? 'draining' : active >= max ? 'at_capacity' : undefined
    return {
      status: reason ? 'fail' : 'pass',
      ...(reason && { reason }),
      active_calls: active,
      max_calls: max,
      uptime_s: Math.round(process.uptime()),
    }
  }
  return (app, _, done) => {
    app.get(
      '/health',
      { schema: { tags: ['health'], summary: 'How the server is', response: { 200: Health } } },
      () => health(),
    )

    app.get(
      '/health/live',
      { schema: { tags: ['health'], summary: 'The process runs', response: { 200: Live } } },
      () => ({ status: 'pass' as const }),
    )

    app.get(
      '/health/ready',
      {
        schema: {
          tags: ['health'],
          summary: 'New calls are taken',
          response: { 200: Health, 503: Health },
        },
      },
      (_request, reply) => {
        const now = health()
        void reply.code(now.status === 'pass' ? 200 : 503)
        return now
      },
    )
    done()
  }
}
