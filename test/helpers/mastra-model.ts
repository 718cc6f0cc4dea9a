import { createAnthropic } from '@ai-sdk/anthropic'
import { scaledClock } from '../../src/clock.ts'
import type { ModelFormParts } from '../../src/mastra/model-form.ts'
import { type ClaudeOptions, startClaude } from '../../src/simulator/claude.ts'
import { Violations } from '../../src/simulator/violations.ts'
import { KEY } from './claude.ts'
import { expect, onTestFinished } from './together.ts'

/** Claude's stand-in, and a model of Mastra's that talks with it; whatever the real one would refuse fails the test. */
export async function mastraModel(options: Partial<ClaudeOptions> = {}) {
  const clock = scaledClock(10)
  const violations = new Violations()
  const claude = await startClaude({ clock, violations, apiKey: KEY, scripts: [], ...options })
  onTestFinished(async () => {
    await claude.close()
    expect(violations.list).toEqual([])
  })
  const modelName = 'claude-haiku-5-5'
  const model = createAnthropic({ apiKey: KEY, baseURL: `${claude.url}/v1` })(modelName)
  const parts: ModelFormParts = { model, modelName, clock }
  return { claude, clock, model, parts }
}
