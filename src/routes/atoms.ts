import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type { PhoneCalls } from '../calls/phone-calls.ts'
import type { CloudReport } from '../pipeline/cloud-backend.ts'
import { errorBody } from './error-body.ts'
import { routes } from './routes.ts'

/** What the route that Atoms calls needs to know of its ways. */
export interface AtomsPort {
  isGenuine(body: Uint8Array, signature: string | undefined): boolean
  /** Undefined: nothing new. Throws when a body is not as documented. */
  read(body: Uint8Array): { conversationId: string; report: CloudReport } | undefined
}

/** A webhook has the whole transcript. */
const BODY_LIMIT_BYTES = 2 * 1024 * 1024

/** What Atoms tells of the calls that it carries. */
export function atomsRoutes(deps: {
  calls: PhoneCalls
  atoms: AtomsPort
}): FastifyPluginCallbackZod {
  const { calls, atoms } = deps
  return routes('atomsRoutes', (app) => {
    // The signature is over the bytes as they came.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer' },
      (_request, body, parsed) => {
        parsed(null, body)
      },
    )
    app.post(
      '/webhook',
      { bodyLimit: BODY_LIMIT_BYTES, config: { access: 'atoms' }, schema: { hide: true } },
      async (request, reply) => {
        const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0)
        const signature = request.headers['x-signature']
        if (!atoms.isGenuine(body, typeof signature === 'string' ? signature : undefined)) {
          request.log.warn(
            { url: request.routeOptions.url },
            'webhook with a bad signature refused',
          )
          const refusal = errorBody('bad_signature', 'not signed by Atoms with our secret')
          return reply.code(403).send(refusal)
        }
        const told = atoms.read(body)
        if (told) calls.cloud?.told(told.conversationId, told.report)
        return reply.code(204).send()
      },
    )
  })
}
