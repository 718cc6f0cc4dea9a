import type { Mastra } from '@mastra/core'
import type { App } from './app.ts'
import type { Clock } from './clock.ts'
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
  const [{ mastraApi, MASTRA_PREFIX }, { Caller: Callers }, surroundings] = await Promise.all([
    import('./mastra/served/mastra-api.ts'),
    import('./mastra/served/caller.ts'),
    composeMastraSurroundings(config, parts),
  ])
  const caller = new Callers()
  const mastra = parts.mastra ?? (await toolsAlone(parts, caller, surroundings.settings))
  const { app } = parts
  const studioOrigin = config.MASTRA_STUDIO_ORIGIN
  const guard = keyGuard(config.API_KEYS, 'admin')
  app.register(mastraApi({ mastra, guard, caller, studioOrigin }), { prefix: MASTRA_PREFIX })
  return surroundings
}

/** What any instance of Mastra in this process is to have: a logger that tells no secrets, and traces to our collector. */
export async function composeMastraSurroundings(config: Config, { log }: { readonly log: Logger }) {
  const [{ mastraLogger }, { mastraTraces }] = await Promise.all([
    import('./mastra/served/mastra-logger.ts'),
    import('./mastra/served/mastra-traces.ts'),
  ])
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT
  const exported =
    endpoint === undefined
      ? undefined
      : (await import('./tracing/otlp-export.ts')).openOtlpExport({ endpoint, log })
  const observability = exported && mastraTraces(exported.spans)
  return {
    /** For `new Mastra({ … })`. */
    settings: {
      logger: mastraLogger({ level: config.LOG_LEVEL, showPii: config.LOG_PII }),
      ...(observability && { observability }),
    },
    close: async () => {
      await observability?.shutdown()
      await exported?.close()
    },
  }
}

async function toolsAlone(
  { app, clock }: Surroundings,
  caller: Caller,
  settings: Awaited<ReturnType<typeof composeMastraSurroundings>>['settings'],
): Promise<Mastra> {
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
  return new Instance({ tools, storage: new InMemoryStore(), ...settings })
}

type MastraSettings = NonNullable<ConstructorParameters<typeof Mastra>[0]>
