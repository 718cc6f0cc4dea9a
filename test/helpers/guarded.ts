import type { FastifyInstance } from 'fastify'
import { parseApiKeys } from '../../src/access/api-key.ts'
import { type AccessParts, guardRoutes } from '../../src/routes/access.ts'

/** Guards the routes of a part that is tested on its own, as the whole server does. */
export function guarded(
  app: FastifyInstance,
  apiKeys: readonly string[],
  parts: Partial<AccessParts> = {},
): void {
  guardRoutes(app, {
    apiKeys: parseApiKeys(apiKeys).keys,
    calls: { get: () => Promise.reject(new Error('no calls here')) },
    audit: { note: () => undefined },
    rateLimits: { refuse: () => Promise.resolve(false) },
    ...parts,
  })
}
