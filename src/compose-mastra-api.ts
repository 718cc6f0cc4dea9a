import type { Mastra } from '@mastra/core'
import type { App } from './app.ts'
import type { Clock } from './clock.ts'
import { composeMastraSurroundings } from './compose-mastra-surroundings.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import type { Caller } from './mastra/served/caller.ts'
import { keyGuard } from './routes/access.ts'

type Surroundings = {
  readonly app: App
  /** What is served; by default an instance that has the call tools. */
  readonly mastra?: Mastra | undefined
  readonly clock: Clock
  readonly log: Logger
}

/** Serves Mastra's own API at `/mastra`, if it is to. What of Mastra that takes is loaded here and now. */
export async function composeMastraApi(
  config: Config,
  parts: Surroundings,
): Promise<{ close(): Promise<void> } | undefined> {
  if (!config.MASTRA_API) return undefined
  const [{ mastraApi, MASTRA_PREFIX }, { Caller: Callers }] = await Promise.all([
    import('./mastra/served/mastra-api.ts'),
    import('./mastra/served/caller.ts'),
  ])
  const caller = new Callers()
  const served = parts.mastra
    ? { mastra: parts.mastra, close: () => Promise.resolve() }
    : await toolsAlone(config, parts, caller)
  const { app } = parts
  const studioOrigin = config.MASTRA_STUDIO_ORIGIN
  const guard = keyGuard(config.API_KEYS, 'admin')
  app.register(mastraApi({ mastra: served.mastra, guard, caller, studioOrigin }), {
    prefix: MASTRA_PREFIX,
  })
  return served
}

async function toolsAlone(
  config: Config,
  { app, clock, log }: Surroundings,
  caller: Caller,
): Promise<{ readonly mastra: Mastra; close(): Promise<void> }> {
  const surroundings = await composeMastraSurroundings(config, { log })
  const [{ Mastra: Instance }, { InMemoryStore }, { createCallTools }, { ParleyClient }] =
    await Promise.all([
      import('@mastra/core'),
      import('@mastra/core/storage'),
      import('./mastra/call-tools.ts'),
      import('./mastra/parley-client.ts'),
    ])
  const phone = new ParleyClient({ url: 'http://localhost', clock, fetch: caller.fetchIn(app) })
  // With exact optional properties, Mastra's type of a tool does not fit what its own `createTool` returns.
  const tools = createCallTools(phone) as unknown as NonNullable<MastraSettings['tools']>
  const { settings, close } = surroundings
  return { mastra: new Instance({ tools, storage: new InMemoryStore(), ...settings }), close }
}

type MastraSettings = NonNullable<ConstructorParameters<typeof Mastra>[0]>
