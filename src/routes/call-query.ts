import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { z } from 'zod'
import { CALL_STATUSES } from '../calls/call-status.ts'
import type { CallQuery } from '../calls/call-store.ts'

/** In a query a `+` that is not escaped means a space. */
const time = z
  .string()
  .transform((text) => text.replace(' ', '+'))
  .pipe(z.iso.datetime({ offset: true, error: 'an ISO 8601 time, such as 2026-11-21T10:00:00Z' }))
  .transform((text) => new Date(text))

export const CallListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta({ description: '`next_cursor` of the page before' }),
  status: z.enum(CALL_STATUSES).optional(),
  phone_number: z
    .string()
    .min(1)
    .max(64)
    .transform((text) => text.replace(/^ /, '+'))
    .optional()
    .meta({ description: 'Whom was called, or who called', examples: ['+15551234567'] }),
  from: time
    .optional()
    .meta({ description: 'Created then or later', examples: ['2026-11-21T00:00:00Z'] }),
  to: time.optional().meta({ description: 'Created earlier', examples: ['2026-11-22T00:00:00Z'] }),
  metadata: z
    .record(z.string().min(1).max(64), z.string().max(500))
    .refine((entries) => Object.keys(entries).length <= 10, 'at most 10 entries')
    .optional()
    .meta({
      description: '`metadata[key]=value`: every one of them must be among the call’s own',
      examples: [{ appointment: '4711' }],
    }),
})

export function storeQueryOf(query: z.infer<typeof CallListQuery>): CallQuery {
  const { limit, cursor, status, phone_number: phoneNumber, from, to, metadata } = query
  return { limit, before: cursor, status, phoneNumber, from, to, metadata }
}

/** Before a query is checked: `metadata[key]=value` becomes `metadata: { key: value }`. */
export function nestMetadata(
  request: FastifyRequest,
  _reply: FastifyReply,
  done: HookHandlerDoneFunction,
): void {
  request.query = withMetadata(request.query)
  done()
}

function withMetadata(query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return query
  const metadata: [string, unknown][] = []
  const others: [string, unknown][] = []
  for (const [name, value] of Object.entries(query)) {
    const [, key] = /^metadata\[([^\]]*)\]$/.exec(name) ?? []
    // A record cannot hold that key: it would be no condition at all.
    if (key === undefined || key === '__proto__') others.push([name, value])
    else metadata.push([key, value])
  }
  if (metadata.length > 0) others.push(['metadata', Object.fromEntries(metadata)])
  return Object.fromEntries(others)
}
