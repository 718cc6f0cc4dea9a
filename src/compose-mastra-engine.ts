import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { ConfigError } from './errors.ts'
import type { Logger } from './log.ts'
import { MindThread } from './mastra/engine/mind-thread.ts'

/** The thread in which Mastra's agent thinks, if it is to; what of Mastra there is, is loaded there. */
export function composeMindThread(
  config: Config,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): MindThread | undefined {
  if (config.CONVERSATION_ENGINE !== 'mastra') return undefined
  return new MindThread({
    settings: {
      apiKey: config.ANTHROPIC_API_KEY,
      baseUrl: config.ANTHROPIC_BASE_URL,
      memoryUrl: memoryUrlOf(config),
    },
    clock,
    log,
  })
}

/** What memory there is of people: without `MASTRA_ENABLED` nobody keeps any, and what is in memory cannot be read by a thread. */
function memoryUrlOf({ MASTRA_ENABLED: isKept, MASTRA_DATABASE_URL: url }: Config) {
  return isKept && !url.startsWith('file::memory:') ? url : undefined
}

/** @throws {ConfigError} when Mastra cannot be loaded here */
export async function mindThreadReady(thread: MindThread | undefined): Promise<void> {
  try {
    await thread?.ready
  } catch {
    // Why, the thread has logged. Another one would not fare better.
    await thread?.close()
    throw new ConfigError(['CONVERSATION_ENGINE=mastra: Mastra cannot be loaded (see the log)'])
  }
}
