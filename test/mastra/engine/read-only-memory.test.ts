import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openReadOnlyMemory } from '../../../src/mastra/engine/read-only-memory.ts'
import { callerSays, dentist, KEY, simulateClaude } from '../../helpers/claude.ts'
import { mastraEngine, mindThread } from '../../helpers/mastra-engine.ts'

const never = new AbortController().signal

it('the agent of a call knows what is known of the person, and keeps nothing of what it generates', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-memory-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const memoryUrl = `file:${join(folder, 'people.db')}`
  const memory = await openReadOnlyMemory(memoryUrl)
  const person = { resourceId: '+15551234567', threadId: 'call_2' }
  await memory.createThread({ threadId: 'call_1', resourceId: person.resourceId })
  await memory.updateWorkingMemory({
    threadId: 'call_1',
    resourceId: person.resourceId,
    workingMemory: '# John\n- Prefers mornings',
  })
  await using sim = await simulateClaude({
    scripts: [{ marker: dentist.action, rules: [{ when: /./, say: 'Does nine suit you?' }] }],
  })
  const thread = await mindThread(sim, {
    settings: { apiKey: KEY, baseUrl: sim.claude.url, memoryUrl },
  })
  onTestFinished(() => thread.close())
  const engine = await mastraEngine(sim, thread, { person })
  const text = await engine.getResponse([callerSays('What is free?')], { signal: never })
  expect(text).toBe('Does nine suit you?')
  const [request] = sim.claude.requests()
  expect(request?.system).toContain('Prefers mornings')
  expect(request?.messages).toHaveLength(1)
  expect(request?.tools).not.toContain('updateWorkingMemory')
  expect(await memory.getThreadById({ threadId: person.threadId })).toBeNull()
  // Whom nothing is known of, the agent is told nothing of.
  const stranger = await mastraEngine(sim, thread, {
    person: { resourceId: '+15550000000', threadId: 'call_3' },
  })
  await stranger.getResponse([callerSays('What is free?')], { signal: never })
  expect(sim.claude.requests().at(-1)?.system).not.toContain('Prefers mornings')
})
