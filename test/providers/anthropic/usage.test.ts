import { expect, it } from 'vitest'
import type { ReplyUsage } from '../../../src/providers/anthropic/reply-assembler.ts'
import type { ClaudeFault } from '../../../src/simulator/claude.ts'
import { callerSays, dentist, engineFor, simulateClaude } from '../../helpers/claude.ts'

const never = new AbortController().signal
const scripts = [{ marker: dentist.action, rules: [{ when: /./, say: 'On Thursday at two.' }] }]

async function asked(...faults: ClaudeFault[]) {
  await using sim = await simulateClaude({ scripts, knobs: { faults } })
  const usages: ReplyUsage[] = []
  let retries = 0
  const engine = await engineFor(sim, {
    onUsage: (usage) => usages.push(usage),
    onRetry: () => {
      retries++
    },
  })
  const reply = engine.getResponse([callerSays('When?')], { signal: never })
  const text = await reply.catch(() => undefined)
  return { text, usages, retries }
}

it('a whole reply is told with what it took', async () => {
  const { text, usages, retries } = await asked()
  expect(text).toBe('On Thursday at two.')
  expect(usages).toHaveLength(1)
  // The first request of a call puts its prompt into the cache.
  expect(usages[0]?.cacheWriteTokens).toBeGreaterThan(100)
  expect(usages[0]?.outputTokens).toBeGreaterThan(0)
  expect(retries).toBe(0)
})

it('a second try is told, and only the reply that came', async () => {
  const { text, usages, retries } = await asked({ kind: 'status', status: 529 })
  expect(text).toBe('On Thursday at two.')
  expect([usages.length, retries]).toEqual([1, 1])
})

it('a reply that broke off is told by its error, not by its tokens', async () => {
  const { text, usages } = await asked({ kind: 'status', status: 400 })
  expect(text).toBeUndefined()
  expect(usages).toEqual([])
})
