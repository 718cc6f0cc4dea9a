import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { PhoneCalls } from '../calls/phone-calls.ts'
import type { VendorState } from '../calls/vendor-health.ts'

const VendorView = z.object({
  last_ok_at: z.iso.datetime().nullable(),
  last_error: z.object({ code: z.string(), at: z.iso.datetime() }).nullable(),
})

const Health = z
  .object({
    /** `warn`: calls are taken, but a vendor failed the last time it was needed. */
    status: z.enum(['pass', 'warn', 'fail']),
    /** Why `status` is `fail`. */
    reason: z.enum(['draining', 'at_capacity']).optional(),
    active_calls: z.int(),
    max_calls: z.int(),
    uptime_s: z.number(),
    vendors: z.record(z.string(), VendorView),
  })
  .meta({ title: 'Health' })

const Live = z.object({ status: z.literal('pass') })

function hasFailedLast({ lastError, lastOkAt }: VendorState): boolean {
  return lastError !== undefined && (lastOkAt === undefined || lastOkAt < lastError.at)
}

function viewOf({ lastError, lastOkAt }: VendorState): z.infer<typeof VendorView> {
  return {
    last_ok_at: lastOkAt?.toISOString() ?? null,
    last_error: lastError ? { code: lastError.code, at: lastError.at.toISOString() } : null,
  }
}

/** For monitors; none of these asks a vendor anything. */
export function healthRoutes({ calls }: { calls: PhoneCalls }): FastifyPluginCallbackZod {
  const health = (): z.infer<typeof Health> => {
    const { active, max, draining } = calls.load
    const reason = draining ? 'draining' : active >= max ? 'at_capacity' : undefined
    const states = Array.from(calls.vendors.values())
    return {
      status: reason ? 'fail' : states.some(hasFailedLast) ? 'warn' : 'pass',
      ...(reason && { reason }),
      active_calls: active,
      max_calls: max,
      uptime_s: Math.round(process.uptime()),
      vendors: Object.fromEntries(
        Array.from(calls.vendors, ([vendor, state]) => [vendor, viewOf(state)]),
      ),
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
        void reply.code(now.status === 'fail' ? 503 : 200)
        return now
      },
    )
    done()
  }
}
