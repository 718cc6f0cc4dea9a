import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { User } from '../access/user.ts'
import { errorBody } from './error-body.ts'

/** Requests in a minute; 0 is no limit. */
export type RateLimitSettings = { readonly perKey: number; readonly perAddress: number }

export interface RateLimits {
  /** Answers 429 when too much was asked, of whoever asks it. Returns whether it did. */
  refuse(request: FastifyRequest, reply: FastifyReply, user: User | undefined): Promise<boolean>
}

const WINDOW_MS = 60_000

/**
 * Counts requests by key and by address, in this process: the address first, so that nobody can try one key after the other.
 * Behind a proxy all come from one address, unless the server trusts what the proxy says.
 */
export async function rateLimits(
  app: FastifyInstance,
  { perKey, perAddress }: RateLimitSettings,
): Promise<RateLimits> {
  await app.register(rateLimit, { global: false, timeWindow: WINDOW_MS })
  const byAddress = app.createRateLimit({
    max: perAddress,
    timeWindow: WINDOW_MS,
    keyGenerator: ({ ip }: FastifyRequest) => `address ${ip}`,
  })
  const names = new WeakMap<FastifyRequest, string>()
  const byKey = app.createRateLimit({
    max: perKey,
    timeWindow: WINDOW_MS,
    keyGenerator: (request: FastifyRequest) => `key ${names.get(request) ?? ''}`,
  })
  return {
    refuse: async (request, reply, user) => {
      names.set(request, user?.name ?? '')
      const counts = [
        ...(perAddress > 0 ? [await byAddress(request)] : []),
        ...(perKey > 0 && user ? [await byKey(request)] : []),
      ]
      for (const count of counts) {
        if (count.isAllowed || !count.isExceeded) continue
        const { max, ttlInSeconds } = count
        const message = `more than ${max} requests in a minute: wait ${ttlInSeconds} seconds`
        await reply
          .code(429)
          .header('retry-after', ttlInSeconds)
          .send(errorBody('rate_limited', message, { limit: max }))
        return true
      }
      return false
    },
  }
}
