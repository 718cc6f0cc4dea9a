import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { AUDIT_TYPES, type AuditEntry, type AuditLog } from '../calls/audit.ts'
import { SECURITY } from './api-keys.ts'
import { ErrorBody, StoreAway } from './error-body.ts'
import { routes } from './routes.ts'

const entryExample = {
  id: 'audit_01kafx3w5tq8r2m4n6p7s9v1x3y5',
  at: '2026-11-21T09:30:27.480Z',
  type: 'dial.blocked',
  key: 'crm',
  phone_number: '+18765551234',
  call_id: null,
  details: { rule: 'country' },
}

const EntryView = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    type: z.enum(AUDIT_TYPES).meta({
      description:
        '`dial.blocked`: a number was not rung, `details.rule` says why. `opt_out`: a person said in a call that they do not want to be called. `admin.action`: `details.operation` was asked for by an admin',
    }),
    key: z.string().nullable().meta({ description: 'Name of the API key; null without one' }),
    phone_number: z
      .string()
      .nullable()
      .meta({ description: 'Null also once everything about the number was erased' }),
    call_id: z.string().nullable(),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ title: 'AuditEntry', examples: [entryExample] })

const AuditList = z
  .object({
    entries: z.array(EntryView),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Pass it as `cursor` to get the entries before these' }),
  })
  .meta({ title: 'AuditLog', examples: [{ entries: [entryExample], next_cursor: null }] })

/** What somebody may have to answer for, for admins. */
export function auditRoutes(deps: { audit: Pick<AuditLog, 'list'> }): FastifyPluginCallbackZod {
  return routes('auditRoutes', (app) => {
    app.get(
      '/audit',
      {
        config: { access: 'admin' },
        schema: {
          operationId: 'listAudit',
          summary: 'Refused dials, opt-outs and what admins have done, newest first',
          tags: ['audit'],
          security: SECURITY,
          querystring: z.strictObject({
            limit: z.coerce.number().int().min(1).max(1000).default(100),
            type: z.enum(AUDIT_TYPES).optional(),
            cursor: z.string().min(1).max(64).optional(),
          }),
          response: { 200: AuditList, 400: ErrorBody, 401: ErrorBody, 503: StoreAway },
        },
      },
      async ({ query: { limit, type, cursor } }) => {
        const page = await deps.audit.list({ limit, type, before: cursor })
        return { entries: page.entries.map(viewOf), next_cursor: page.nextBefore ?? null }
      },
    )
  })
}

function viewOf(entry: AuditEntry): z.infer<typeof EntryView> {
  return {
    id: entry.id,
    at: entry.at.toISOString(),
    type: entry.type,
    key: entry.key ?? null,
    phone_number: entry.phoneNumber ?? null,
    call_id: entry.callId ?? null,
    details: { ...entry.details },
  }
}
