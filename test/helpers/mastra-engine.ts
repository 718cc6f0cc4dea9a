import { MastraEngine, type MastraEngineOptions } from '../../src/mastra/engine/mastra-engine.ts'
import { MindThread } from '../../src/mastra/engine/mind-thread.ts'
import type { CallBrief } from '../../src/pipeline/prompt.ts'
import { dentist, KEY, silentLog, type Simulation } from './claude.ts'

/** A thread of Mastra's agent that talks to Claude's stand-in, and is up. */
export async function mindThread(
  { claude, clock }: Simulation,
  parts: Partial<ConstructorParameters<typeof MindThread>[0]> = {},
) {
  const settings = { apiKey: KEY, baseUrl: claude.url, ...parts.settings }
  const thread = new MindThread({ clock, log: silentLog, ...parts, settings })
  await thread.ready
  return thread
}

/** An engine that knows what its call is for. */
export async function mastraEngine(
  { clock }: Pick<Simulation, 'clock'>,
  thread: MastraEngineOptions['thread'],
  { brief = dentist, ...options }: Partial<MastraEngineOptions> & { brief?: CallBrief } = {},
): Promise<MastraEngine> {
  const engine = new MastraEngine({
    thread,
    clock,
    model: 'claude-haiku-5-5',
    maxTokens: 300,
    firstTokenTimeoutMs: 30_000,
    stallTimeoutMs: 30_000,
    ...options,
  })
  await engine.setup(brief, { signal: new AbortController().signal })
  return engine
}
