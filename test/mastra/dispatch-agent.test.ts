import { Mastra } from '@mastra/core'
import fastify from 'fastify'
import { expect, it } from 'vitest'
import { createCallTools } from '../../src/mastra/call-tools.ts'
import { parseApiKeys } from '../../src/access/api-key.ts'
import { createDispatchAgent } from '../../src/mastra/dispatch-agent.ts'
import { fetchInProcess } from '../../src/mastra/in-process.ts'
import { ParleyClient } from '../../src/mastra/parley-client.ts'
import { personId } from '../../src/mastra/person-id.ts'
import { createPersonTools } from '../../src/mastra/person-tools.ts'
import { Caller } from '../../src/mastra/served/caller.ts'
import { mastraApi } from '../../src/mastra/served/mastra-api.ts'
import { keyGuard } from '../../src/routes/access.ts'
import type { ClaudeRule } from '../../src/simulator/scenario.ts'
import { personMemory } from '../helpers/mastra-database.ts'
import { mastraModel } from '../helpers/mastra-model.ts'
import { startApp } from '../helpers/parley-app.ts'

const MARIA = '+15551234567'

const RULES: readonly ClaudeRule[] = [
  { when: /call maria/i, tool: { name: 'recallPerson', input: { phoneNumber: MARIA } } },
  {
    when: /"preferences":\["Call in the mornings"\]/,
    tool: { name: 'startPhoneCall', input: { phoneNumber: MARIA, action: 'Confirm the delivery' } },
  },
  { when: /"success":true/, say: 'I am ringing Maria, who likes mornings.' },
  { when: /./, say: 'All right.' },
]

async function dispatcher({ requiresApproval }: { requiresApproval: boolean }) {
  const app = await startApp({ apiKeys: ['k1'] })
  const { memory, storage } = await personMemory()
  const { claude, model, clock } = await mastraModel({
    scripts: [{ marker: 'You arrange phone calls', rules: RULES }],
  })
  await memory.setPreferences(MARIA, ['Call in the mornings'])
  const phone = new ParleyClient({
    url: 'http://localhost',
    key: 'k1',
    clock,
    fetch: fetchInProcess(app.app),
  })
  const tools = { ...createCallTools(phone, { requiresApproval }), ...createPersonTools(memory) }
  const dispatch = createDispatchAgent({ model, memory: memory.memory, tools })
  const mastra = new Mastra({ storage, agents: { dispatch }, logger: false })
  const placed = async () => {
    const { records } = await app.calls.list({ limit: 10 })
    return records.map(({ spec }) => spec.phoneNumber)
  }
  return { app, claude, dispatch, mastra, placed }
}

const thread = { memory: { resource: personId('+15550001111'), thread: 'talk-1' } }

it('looks up what is known of a person, and calls them', async () => {
  const { app, claude, dispatch, placed } = await dispatcher({ requiresApproval: false })
  const { text } = await dispatch.generate('Please call Maria.', thread)
  expect(text).toContain('I am ringing Maria')
  expect(await placed()).toEqual([MARIA])
  const [request] = claude.requests()
  // It is told of the tools it has, and of no others.
  expect(request?.system).toContain('`startPhoneCall`')
  expect(request?.system).not.toContain('`wavesTts`')
  await app.close()
})

it('rings nobody before a person agrees, and nobody at all when they do not', async () => {
  const { app, dispatch, placed } = await dispatcher({ requiresApproval: true })
  const asked = async (talk: string) => {
    const stream = await dispatch.stream('Please call Maria.', {
      memory: { ...thread.memory, thread: talk },
    })
    let toolCallId = ''
    for await (const chunk of stream.fullStream) {
      if (chunk.type === 'tool-call-approval') toolCallId = chunk.payload.toolCallId
    }
    return { runId: stream.runId, toolCallId }
  }
  const first = await asked('talk-2')
  expect(first.toolCallId).not.toBe('')
  expect(await placed()).toEqual([])
  const declined = await dispatch.declineToolCall(first)
  await declined.text
  expect(await placed()).toEqual([])
  const second = await asked('talk-3')
  const approved = await dispatch.approveToolCall(second)
  expect(await approved.text).toContain('I am ringing Maria')
  expect(await placed()).toEqual([MARIA])
  await app.close()
})

it('over HTTP it waits for a person to agree as well', async () => {
  const { app, mastra, placed } = await dispatcher({ requiresApproval: true })
  const server = fastify()
  const guard = keyGuard(parseApiKeys(['k1']).keys, 'admin')
  const parts = { mastra, guard, caller: new Caller(), studioOrigin: undefined }
  server.register(mastraApi(parts), { prefix: '/mastra' })
  const ask = async (how: string, payload: object) => {
    const url = `/mastra/agents/dispatch/${how}`
    const answer = await server.inject({
      method: 'POST',
      url,
      headers: { 'x-api-key': 'k1' },
      payload,
    })
    return answer.json<{ runId: string; suspendPayload: { toolCallId: string } }>()
  }
  const memory = { thread: 'desk-1', resource: 'desk' }
  const waits = await ask('generate', { messages: 'Please call Maria.', memory })
  expect(waits).toMatchObject({ finishReason: 'suspended' })
  expect(await placed()).toEqual([])
  const { runId, suspendPayload } = waits
  const { toolCallId } = suspendPayload
  const done = await ask('approve-tool-call-generate', { runId, toolCallId })
  expect(done).toMatchObject({ text: expect.stringContaining('I am ringing Maria') as string })
  expect(await placed()).toEqual([MARIA])
  await server.close()
  await app.close()
})
