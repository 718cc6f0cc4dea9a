import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { bareEnvironment } from './helpers/bare-environment.ts'
import { runNode } from './helpers/node-process.ts'

const ROOT = new URL('../', import.meta.url)
const PROCESS = fileURLToPath(new URL('loaded-modules.ts', import.meta.url))

/** What only some servers need, and what takes long to load. */
const MASTRA = /^(@mastra|@ai-sdk)\//
/** The door to the thread in which Mastra would think knows nothing of it. */
const OURS_FOR_MASTRA = /^src\/mastra\/(?!engine\/|person-id)/
/** The API alone is brought by the SDK of Claude, and by prom-client: it does nothing by itself. */
const TELEMETRY = /^@opentelemetry\/(?!api$)/

const needless = (loaded: readonly string[]) =>
  [MASTRA, OURS_FOR_MASTRA, TELEMETRY].flatMap((kind) => loaded.filter((name) => kind.test(name)))

/** What a module of ours always loads, and what that loads: our modules by their paths, and packages as they are named. */
function alwaysLoadedBy(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found
  found.add(path)
  const url = new URL(path, ROOT)
  const imports = /^(?:import|export)\s(?!type\s)(?:[^'"]*?\sfrom\s)?'([^']+)'/gm
  for (const [, name = ''] of readFileSync(url, 'utf8').matchAll(imports)) {
    if (name.startsWith('.')) alwaysLoadedBy(new URL(name, url).href.slice(ROOT.href.length), found)
    else found.add(name)
  }
  return found
}

it('a server that uses neither has loaded neither Mastra nor OpenTelemetry', async () => {
  const { stdout, stderr } = await runNode([PROCESS], { env: bareEnvironment })
  expect(stderr).toBe('')
  const loaded = JSON.parse(stdout) as string[]
  expect(loaded).toContain('src/compose.ts')
  expect(loaded).toContain('fastify')
  expect(needless(loaded)).toEqual([])
})

it('nothing that every server loads needs them, and the door to the thread of an agent is among it', () => {
  const loaded = [...alwaysLoadedBy('src/compose.ts')]
  expect(loaded).toContain('src/mastra/engine/mind-thread.ts')
  expect(needless(loaded)).toEqual([])
  // The look into the files does find it where it is.
  const thread = [...alwaysLoadedBy('src/mastra/engine/reply-agent.ts')]
  expect(thread).toContain('@mastra/core/agent')
  expect(thread).not.toContain('@anthropic-ai/sdk')
  const served = [...alwaysLoadedBy('src/compose-mastra.ts')]
  expect(served.some((name) => OURS_FOR_MASTRA.test(name))).toBe(true)
  expect(
    [...alwaysLoadedBy('src/tracing/otlp-export.ts')].some((name) => TELEMETRY.test(name)),
  ).toBe(true)
})
