import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tool } from '@mastra/core/tools'
import { expect, it, onTestFinished } from 'vitest'
import { CallError } from '../../src/errors.ts'
import { createAtomsTools } from '../../src/mastra/atoms-tools.ts'
import { createWavesTool } from '../../src/mastra/waves-tool.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { smallestWorld } from '../helpers/smallest.ts'

/** What an agent's call of a tool returns. */
async function use(tool: unknown, input: unknown): Promise<Record<string, unknown>> {
  const { execute } = tool as Tool
  return (await execute?.(input, {} as never)) as Record<string, unknown>
}

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-tools-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

const phoneNumber = dentist.call.phone_number

it('start-atoms-call lets the configured agent, or another, ring a number', async () => {
  const { atoms, smallest } = await smallestWorld({ scenarios: [dentist] })
  const tools = createAtomsTools(atoms, { agentId: smallest.agentId })
  const variables = { name: 'John', visits: 3, isNew: false }
  const placed = await use(tools.startAtomsCall, { phoneNumber, variables })
  expect(placed).toEqual({ success: true, conversationId: expect.any(String) })
  // Flat values only, and a number that can be called.
  expect(
    await use(tools.startAtomsCall, { phoneNumber, variables: { deep: { a: 1 } } }),
  ).toMatchObject({ error: true })
  expect(await use(tools.startAtomsCall, { phoneNumber: '0123' })).toMatchObject({ error: true })
  expect(await use(createAtomsTools(atoms).startAtomsCall, { phoneNumber })).toMatchObject({
    success: false,
    code: 'no_agent',
  })
})

it('start-atoms-call calls nobody who does not want it, and asks first when it must', async () => {
  const { atoms, smallest } = await smallestWorld({ scenarios: [dentist] })
  const tools = createAtomsTools(atoms, {
    agentId: smallest.agentId,
    requiresApproval: true,
    mayCall: () =>
      Promise.reject(new CallError('does not want to be called', { code: 'do_not_call' })),
  })
  expect(tools.startAtomsCall.requireApproval).toBe(true)
  expect(await use(tools.startAtomsCall, { phoneNumber })).toEqual({
    success: false,
    code: 'do_not_call',
    error: 'does not want to be called',
  })
})

it('an Atoms agent is made, and taught from a text and from a PDF, and from nothing else', async () => {
  const { atoms } = await smallestWorld()
  const tools = createAtomsTools(atoms)
  const made = await use(tools.createAtomsAgent, { name: 'Alex', description: 'Confirms' })
  expect(made).toEqual({ success: true, agentId: expect.any(String) })
  const { agentId } = made
  const dir = await folder()
  const pdfPath = join(dir, 'prices.pdf')
  await writeFile(pdfPath, '%PDF-1.7\nprices')
  const secret = join(dir, 'secret.pdf')
  await writeFile(secret, 'a private key')
  for (const known of [{ text: 'Open from nine to five.' }, { pdfPath }]) {
    expect(await use(tools.addKnowledge, { name: 'Facts', agentId, ...known })).toEqual({
      success: true,
      knowledgeBaseId: expect.any(String),
    })
  }
  for (const wrong of [secret, join(dir, 'missing.pdf')]) {
    expect(await use(tools.addKnowledge, { name: 'Facts', agentId, pdfPath: wrong })).toMatchObject(
      { success: false, code: 'no_file' },
    )
  }
  expect(await use(tools.addKnowledge, { name: 'Facts', agentId })).toMatchObject({ error: true })
})

it('waves-tts speaks into a file, of which the model learns path and duration alone', async () => {
  const { waves } = await smallestWorld()
  const dir = join(await folder(), 'speech')
  const tool = createWavesTool(waves, { voiceId: 'demo-voice', dir })
  const spoken = await use(tool, { text: 'Your appointment is on Thursday.', speed: 1.2 })
  expect(spoken).toMatchObject({ success: true, contentType: 'audio/wav' })
  const wav = await readFile(String(spoken['path']))
  expect(wav.subarray(0, 4).toString()).toBe('RIFF')
  expect(spoken['durationS']).toBeCloseTo((wav.length - 44) / 48_000, 2)
  expect(Number(spoken['durationS'])).toBeGreaterThan(0.5)
  expect(JSON.stringify(spoken).length).toBeLessThan(300)
})

it('a wrong key is told to the model, not thrown', async () => {
  const { atoms, waves } = await smallestWorld({
    apiKey: 'wrong',
    breaks: ['wrong key', 'wrong key'],
  })
  const tools = createAtomsTools(atoms, { agentId: 'agent' })
  const refused = { success: false, code: 'auth' }
  expect(await use(tools.startAtomsCall, { phoneNumber })).toMatchObject(refused)
  const tool = createWavesTool(waves, { voiceId: 'demo-voice', dir: await folder() })
  expect(await use(tool, { text: 'Hello' })).toMatchObject(refused)
})
