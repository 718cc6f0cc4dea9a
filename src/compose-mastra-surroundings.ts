import type { Config } from './config.ts'
import type { Logger } from './log.ts'

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
      logger: mastraLogger({ level: log.level, showPii: config.LOG_PII }),
      ...(observability && { observability }),
    },
    close: async () => {
      await observability?.shutdown()
      await exported?.close()
    },
  }
}

export type MastraSurroundings = Awaited<ReturnType<typeof composeMastraSurroundings>>
