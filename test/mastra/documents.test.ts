import { Mastra } from '@mastra/core'
import { Agent } from '@mastra/core/agent'
import { createStep, createWorkflow } from '@mastra/core/workflows'
import { LibSQLStore } from '@mastra/libsql'
import { Memory } from '@mastra/memory'
import { expect, it } from 'vitest'
import { z } from 'zod'
import type { ClaudeScript } from '../../src/simulator/claude.ts'
import { mastraModel } from '../helpers/mastra-model.ts'

// What the documents about Mastra show, on its real API: docs/mastra.md has a row for each.

const scripts: ClaudeScript[] = [
  { marker: 'You are a helpful assistant', rules: [{ when: /./, say: 'At your service.' }] },
  { marker: 'You research', rules: [{ when: /topic (\w+)/, say: 'Found much about $1.' }] },
  { marker: 'You analyse', rules: [{ when: /Found much about (\w+)/, say: '$1 matters.' }] },
  { marker: 'You report', rules: [{ when: /(\w+) matters/, say: 'Report: $1.' }] },
]

const noLog = { logger: false } as const

it('an agent answers, as a whole and as a stream', async () => {
  const { model } = await mastraModel({ scripts })
  const instructions = 'You are a helpful assistant.'
  const agent = new Agent({ id: 'agent', name: 'Agent', instructions, model })
  new Mastra({ agents: { agent }, ...noLog })
  expect((await agent.generate('Hello')).text).toBe('At your service.')
  const { textStream } = await agent.stream('Hello')
  expect((await Array.fromAsync(textStream)).join('')).toBe('At your service.')
})

it('an agent falls back on another model when one is overloaded', async () => {
  const overloaded = {
    faults: Array.from({ length: 5 }, () => ({ kind: 'status' as const, status: 529 })),
  }
  const first = await mastraModel({ scripts, knobs: overloaded })
  const second = await mastraModel({ scripts })
  const agent = new Agent({
    id: 'flexible',
    name: 'FlexibleAgent',
    instructions: 'You are a helpful assistant.',
    model: [
      { model: first.model, maxRetries: 0 },
      { model: second.model, maxRetries: 0 },
    ],
  })
  new Mastra({ agents: { agent }, ...noLog })
  expect((await agent.generate('Hello')).text).toBe('At your service.')
  expect(second.claude.requests()).toHaveLength(1)
})

it('agents work one after the other, by hand and as steps of a workflow', async () => {
  const { model } = await mastraModel({ scripts })
  const agentOf = (id: string, instructions: string) =>
    new Agent({ id, name: id, instructions, model })
  const research = agentOf('research', 'You research.')
  const analysis = agentOf('analysis', 'You analyse.')
  const report = agentOf('report', 'You report.')
  const found = await research.generate('Research topic tea')
  const analysed = await analysis.generate(`Analyse: ${found.text}`)
  expect((await report.generate(`Report on: ${analysed.text}`)).text).toBe('Report: tea.')

  const next = (text: string) => Promise.resolve({ prompt: text })
  const together = createWorkflow({
    id: 'together',
    inputSchema: z.object({ prompt: z.string() }),
    outputSchema: z.object({ text: z.string() }),
  })
    .then(createStep(research))
    .map(({ inputData }) => next(inputData.text))
    .then(createStep(analysis))
    .map(({ inputData }) => next(inputData.text))
    .then(createStep(report))
    .commit()
  const mastra = new Mastra({
    agents: { research, analysis, report },
    workflows: { together },
    ...noLog,
  })
  const run = await mastra.getWorkflow('together').createRun()
  const result = await run.start({ inputData: { prompt: 'Research topic tea' } })
  expect(result).toMatchObject({ status: 'success', result: { text: 'Report: tea.' } })
})

it('a workflow is streamed, step by step, to its result', async () => {
  const step1 = createStep({
    id: 'step-1',
    inputSchema: z.object({ input: z.string() }),
    outputSchema: z.object({ output: z.string() }),
    execute: ({ inputData }) => Promise.resolve({ output: `${inputData.input} + step-1` }),
  })
  const testWorkflow = createWorkflow({
    id: 'test-workflow',
    description: 'Test workflow',
    inputSchema: z.object({ input: z.string() }),
    outputSchema: z.object({ output: z.string() }),
  })
    .then(step1)
    .commit()
  const mastra = new Mastra({ workflows: { testWorkflow }, ...noLog })
  const run = await mastra.getWorkflow('testWorkflow').createRun()
  const stream = run.stream({ inputData: { input: 'London' } })
  const types: string[] = []
  for await (const { type } of stream.fullStream) types.push(type)
  expect(types).toEqual([
    'workflow-start',
    'workflow-step-start',
    'workflow-step-result',
    'workflow-finish',
  ])
  expect(await stream.result).toMatchObject({
    status: 'success',
    result: { output: 'London + step-1' },
  })
})

it('an agent remembers a talk by its memory on LibSQL', async () => {
  const { model, claude } = await mastraModel({ scripts })
  const storage = new LibSQLStore({ id: 'memory', url: ':memory:' })
  const memory = new Memory({ storage })
  const instructions = 'You are a helpful assistant.'
  const agent = new Agent({ id: 'memory-agent', name: 'MemoryAgent', instructions, model, memory })
  new Mastra({ agents: { agent }, storage, ...noLog })
  const talk = { memory: { resource: 'person-1', thread: 'talk-1' } }
  await agent.generate('My name is Maria.', talk)
  await agent.generate('What is my name?', talk)
  expect(JSON.stringify(claude.requests().at(-1)?.messages)).toContain('My name is Maria.')
  await storage.close()
})
