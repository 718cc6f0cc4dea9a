import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type { ApiKey } from '../access/api-key.ts'
import { keyGuard } from './access.ts'
import { errorBody } from './error-body.ts'
import { credentialsOf, type Credentials } from './credentials.ts'
import { routes } from './routes.ts'

/** Whoever speaks MCP. */
export interface McpPort {
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    asked: { readonly body: unknown; readonly credentials: Credentials },
  ): Promise<void>
}

/** Model Context Protocol at `/mcp`, for whoever has an API key. */
export function mcpRoutes(deps: {
  readonly mcp: McpPort
  readonly apiKeys: readonly ApiKey[]
}): FastifyPluginCallbackZod {
  return routes('mcpRoutes', (app) => {
    // What a key may do beyond that, the routes that the tools ask decide.
    app.addHook('onRequest', keyGuard(deps.apiKeys, 'calls:read'))
    app.post('/mcp', { schema: { hide: true } }, async (request, reply) => {
      reply.hijack()
      const { body } = request
      await deps.mcp.handle(request.raw, reply.raw, { body, credentials: credentialsOf(request) })
    })
    // There are no sessions: nothing to listen to, and none to end.
    app.route({
      method: ['GET', 'DELETE'],
      url: '/mcp',
      schema: { hide: true },
      handler: (_request, reply) =>
        reply
          .code(405)
          .header('allow', 'POST')
          .send(errorBody('method_not_allowed', 'this MCP server has no sessions: POST only')),
    })
  })
}
