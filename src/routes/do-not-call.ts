import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { DoNotCallEntry, DoNotCallList } from '../calls/do-not-call.ts'
import type { PhoneCalls } from '../calls/phone-calls.ts'
import { E164 } from '../calls/spec-parts.ts'
import { SECURITY } from './api-keys.ts'
import { ErrorBody } from './error-body.ts'
import { routes } from './routes.ts'

const entryExample = {
  phone_number: '+15551234567',
  added_at: '2026-11-21T09:30:27.480Z',
  call_id: null,
}

const Entry = z
  .object({
    phone_number: z.string(),
    added_at: z.iso.datetime(),
    call_id: z
      .string()
      .nullable()
      .meta({ description: 'The call in which the person said so; null when it was entered here' }),
  })
  .meta({ title: 'DoNotCallEntry', examples: [entryExample] })

const EntryList = z
  .object({
    entries: z.array(Entry),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Pass it as `cursor` to get the numbers after these' }),
  })
  .meta({
    title: 'DoNotCallList',
    examples: [{ entries: [entryExample], next_cursor: null }],
  })

const NumberParams = z.object({
  phone_number: E164.meta({ description: 'In E.164 form', examples: ['+15551234567'] }),
})

/** The people who do not want to be called again, for the user of the API. */
export function doNotCallRoutes(deps: {
  calls: Pick<PhoneCalls, 'doNotCall'>
}): FastifyPluginCallbackZod {
  const { doNotCall } = deps.calls
  return routes('doNotCallRoutes', (app) => {
    app.get(
      '/do-not-call',
      {
        config: { access: 'admin' },
        schema: {
          operationId: 'listDoNotCall',
          summary: 'Numbers that are not called any more',
          tags: ['do-not-call'],
          security: SECURITY,
          querystring: z.strictObject({
            limit: z.coerce.number().int().min(1).max(1000).default(100),
            cursor: z.string().min(1).max(64).optional(),
          }),
          response: { 200: EntryList, 400: ErrorBody, 401: ErrorBody },
        },
      },
      async ({ query: { limit, cursor } }) => {
        const page = await doNotCall.list({
          limit,
          ...(cursor !== undefined && { after: cursor }),
        })
        return { entries: page.entries.map(viewOf), next_cursor: page.nextAfter ?? null }
      },
    )

    app.register(changes(doNotCall))
  })
}

function changes(doNotCall: DoNotCallList): FastifyPluginCallbackZod {
  return routes('changes', (app) => {
    app.put(
      '/do-not-call/:phone_number',
      {
        config: { access: 'calls:create' },
        schema: {
          operationId: 'addDoNotCall',
          summary: 'Never call this number again',
          description: 'A number that is listed already stays as it is.',
          tags: ['do-not-call'],
          security: SECURITY,
          params: NumberParams,
          response: { 200: Entry, 400: ErrorBody, 401: ErrorBody },
        },
      },
      async ({ params }) => viewOf(await doNotCall.add(params.phone_number, {})),
    )

    app.delete(
      '/do-not-call/:phone_number',
      {
        config: { access: 'admin' },
        schema: {
          operationId: 'removeDoNotCall',
          summary: 'This number may be called again',
          description: 'Also for a number that is not listed.',
          tags: ['do-not-call'],
          security: SECURITY,
          params: NumberParams,
          response: { 204: z.undefined(), 400: ErrorBody, 401: ErrorBody },
        },
      },
      async ({ params }, reply) => {
        await doNotCall.remove(params.phone_number)
        return reply.code(204).send()
      },
    )
  })
}

function viewOf({ phoneNumber, addedAt, callId }: DoNotCallEntry): z.infer<typeof Entry> {
  return { phone_number: phoneNumber, added_at: addedAt.toISOString(), call_id: callId ?? null }
}
