import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { PhoneCalls } from '../calls/phone-calls.ts'
import type { Circuits } from '../calls/circuits/circuits.ts'
import type { LoopDelay } from '../metrics/loop-delay.ts'
import type { StoreCheck } from '../metrics/store-check.ts'
import type { ApiKey } from '../access/api-key.ts'
import { userFinder } from './api-keys.ts'
import { type Findings, Health, healthOf, statusOf } from './health-view.ts'
import { routes } from './routes.ts'

/** What a server is besides its calls. */
export type Machine = {
  readonly store: Pick<StoreCheck, 'state' | 'hasAnswered'>
  /** Records that wait to be written to the store. */
  readonly outboxDepth: () => number
  readonly circuits?: Pick<Circuits, 'positions'>
  readonly loop: Pick<LoopDelay, 'p99Ms'>
}

const Live = z
  .object({ status: z.literal('pass') })
  .meta({ title: 'Live', examples: [{ status: 'pass' }] })

const MEDIA_TYPE = 'application/health+json'
/** Seconds after which it may be worth asking again. */
const RETRY_AFTER_S = 10

export type HealthDeps = {
  readonly calls: Pick<PhoneCalls, 'load' | 'closedFor' | 'vendors'>
  readonly apiKeys: readonly ApiKey[]
  /** Without it the calls alone are told about. */
  readonly machine?: Machine
}

/** For monitors; none of these asks a vendor anything. */
export function healthRoutes(deps: HealthDeps): FastifyPluginCallbackZod {
  const userOf = userFinder(deps.apiKeys)
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<Health> => {
    const findings = await findingsOf(deps)
    const status = statusOf(findings)
    void reply.type(MEDIA_TYPE).header('cache-control', 'no-store')
    if (status === 'fail') void reply.code(503).header('retry-after', RETRY_AFTER_S)
    return userOf(request) ? healthOf(findings) : { status }
  }
  return routes('healthRoutes', (app) => {
    app.get(
      '/health',
      {
        config: { access: 'public' },
        schema: {
          operationId: 'getHealth',
          tags: ['health'],
          summary: 'How the server is',
          response: { 200: Health, 503: Health },
        },
      },
      answer,
    )
    for (const path of ['/ready', '/health/ready']) {
      app.get(
        path,
        {
          config: { access: 'public' },
          schema: {
            tags: ['health'],
            summary: 'New calls are taken',
            response: { 200: Health, 503: Health },
          },
        },
        answer,
      )
    }
    for (const path of ['/live', '/health/live']) {
      app.get(
        path,
        {
          config: { access: 'public' },
          schema: { tags: ['health'], summary: 'The process runs', response: { 200: Live } },
        },
        () => ({ status: 'pass' as const }),
      )
    }
  })
}

async function findingsOf({ calls, machine }: HealthDeps): Promise<Findings> {
  const store = await machine?.store.state()
  const { active, max } = calls.load
  const reasons = new Set(calls.closedFor)
  // Until it has answered once nobody knows whether it ever will.
  if (machine?.store.hasAnswered === false) reasons.add('store_unavailable')
  return {
    at: new Date(),
    load: { active, max },
    vendors: calls.vendors,
    reasons: Array.from(reasons),
    store,
    outboxDepth: machine?.outboxDepth(),
    loopDelayMs: machine?.loop.p99Ms,
    circuits: machine?.circuits?.positions ?? new Map(),
  }
}
