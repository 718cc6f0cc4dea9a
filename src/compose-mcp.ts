import type { App } from './app.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { mcpRoutes } from './routes/mcp.ts'
import { VERSION } from './version.ts'

/** Answers at `/mcp`, if it is to. What of Mastra that takes is loaded here and now. */
export async function composeMcp(
  config: Config,
  { app, clock }: { readonly app: App; readonly clock: Clock },
): Promise<{ close(): Promise<void> } | undefined> {
  if (!config.MCP_ENABLED) return undefined
  const [{ CallsOverMcp }, { Caller }, { ParleyClient }] = await Promise.all([
    import('./mastra/served/mcp-server.ts'),
    import('./mastra/served/caller.ts'),
    import('./mastra/parley-client.ts'),
  ])
  const caller = new Caller()
  const phone = new ParleyClient({ url: 'http://localhost', clock, fetch: caller.fetchIn(app) })
  const server = new CallsOverMcp(phone, VERSION)
  const mcp = {
    handle: (request, response, { body, credentials }) =>
      caller.as(credentials, () => server.handle(request, response, body)),
  } satisfies Parameters<typeof mcpRoutes>[0]['mcp']
  app.register(mcpRoutes({ mcp, apiKeys: config.API_KEYS }))
  return server
}
