import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { closedRecord } from '../src/cli/call-record.ts'
import { dentist } from '../src/simulator/scenarios/dentist.ts'
import { scenarioWorld } from './helpers/scenario-world.ts'

/** What the README shows is what a reader gets who copies it. */
const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

const bodies = Array.from(readme.matchAll(/-d '(\{.*?\})'/gs), ([, body]) => body ?? '')
const answers = Array.from(readme.matchAll(/```json\n(.*?)```/gs), ([, json]) => json ?? '')

it('the README’s requests are answered as the README says', async () => {
  expect(bodies).toHaveLength(2)
  expect(answers).toHaveLength(2)
  const world = await scenarioWorld([dentist])
  const post = (body: string) =>
    fetch(`${world.url}/api/phone/call`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })

  const wrong = await post(bodies[1]!)
  expect(wrong.status).toBe(400)
  expect(await wrong.json()).toEqual(JSON.parse(answers[1]!))

  const created = await post(bodies[0]!)
  expect(created.status).toBe(201)
  const call = z.record(z.string(), z.string()).parse(await created.json())
  const shown = z.record(z.string(), z.string()).parse(JSON.parse(answers[0]!))
  expect(Object.keys(call)).toEqual(Object.keys(shown))
  expect(call['status']).toBe(shown['status'])

  const record = await closedRecord(world.url, call['call_id']!, world.clock, 120_000)
  const spoken = record.transcript.map(({ text }) => text)
  for (const [, text] of readme.matchAll(/"text": "([^"…]*)/g)) {
    expect(spoken.some((each) => each?.startsWith(text!.trim()))).toBe(true)
  }
  for (const [, key] of readme.matchAll(/^ {6}"(\w+_ms|reply|kind)":/gm)) {
    const keys = [...record.timings, ...record.transcript].flatMap((item) => Object.keys(item))
    expect(keys).toContain(key)
  }
})

it('the README names every script that it tells to run', async () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')))
  for (const [, script] of readme.matchAll(/npm run ([a-z]+)/g))
    expect(scripts).toHaveProperty(script!)
})
