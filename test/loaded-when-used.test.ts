import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { bareEnvironment } from './helpers/bare-environment.ts'
import { runNode } from './helpers/node-process.ts'

const PROCESS = fileURLToPath(new URL('loaded-modules.ts', import.meta.url))

async function loadedWith(more: Readonly<Record<string, string>>): Promise<string[]> {
  const { stdout, stderr } = await runNode([PROCESS], { env: { ...bareEnvironment, ...more } })
  expect(stderr).toBe('')
  return JSON.parse(stdout) as string[]
}

/** What only some servers need, and what takes long to load. */
const MASTRA = /^(@mastra|@ai-sdk)\//
/** The door to the thread in which Mastra would think knows nothing of it. */
const OURS_FOR_MASTRA = /^src\/mastra\/(?!engine\/|person-id)/
/** The API alone is brought by the SDK of Claude, and by prom-client: it does nothing by itself. */
const TELEMETRY = /^@opentelemetry\/(?!api$)/

it('a server has loaded neither Mastra nor OpenTelemetry when it uses neither, and has Mastra in a thread alone when its agents think by it', async () => {
  const [plain, thinking] = await Promise.all([
    loadedWith({}),
    loadedWith({ CONVERSATION_ENGINE: 'mastra' }),
  ])
  expect(plain).toContain('src/compose.ts')
  for (const loaded of [plain, thinking]) {
    const needless = [MASTRA, OURS_FOR_MASTRA, TELEMETRY].flatMap((kind) =>
      loaded.filter((name) => kind.test(name)),
    )
    expect(needless).toEqual([])
  }
})

it('a server has loaded what it is told to use', async () => {
  const loaded = await loadedWith({
    MASTRA_ENABLED: 'true',
    MASTRA_DATABASE_URL: 'file::memory:',
    MCP_ENABLED: 'true',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  })
  expect(loaded).toEqual(
    expect.arrayContaining([
      '@mastra/core',
      '@mastra/mcp',
      '@opentelemetry/sdk-trace',
      '@opentelemetry/exporter-trace-otlp-http',
    ]),
  )
  expect(loaded.some((name) => OURS_FOR_MASTRA.test(name))).toBe(true)
})
