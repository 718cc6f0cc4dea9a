import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import type { ClaudeRule } from '../../src/simulator/scenario.ts'
import { KEY } from '../helpers/claude.ts'
import { mastraModel } from '../helpers/mastra-model.ts'
import { nodeProcess } from '../helpers/node-process.ts'
import { scenarioWorld } from '../helpers/scenario-world.ts'

const APP = fileURLToPath(new URL('../../examples/mastra-app/app.ts', import.meta.url))
const { phone_number: phoneNumber, action, context } = dentist.call

const RULES: readonly ClaudeRule[] = [
  { when: /call john/i, tool: { name: 'startPhoneCall', input: { phoneNumber, action, context } } },
  {
    when: /"callId":"(call_\w+)","status":"queued"/,
    tool: { name: 'getCall', input: { callId: 'call_x' } },
  },
  { when: /call_not_found/, say: 'I have rung John, and looked for a call that is not there.' },
  { when: /./, say: 'All right, I ring nobody.' },
]

async function app(url: string, claudeUrl: string, answer: string) {
  const { child, exited, output } = nodeProcess([APP, 'Please call John.'], {
    env: { PARLEY_URL: url, ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: claudeUrl },
  })
  child.stdout.on('data', () => {
    if (output().endsWith('[y/N] ')) child.stdin.write(`${answer}\n`)
  })
  return { code: await exited, output: output() }
}

it('the example app rings nobody before it is told to, and then somebody', async () => {
  const world = await scenarioWorld([dentist])
  const scripts = [{ marker: 'You make phone calls for the one who talks with you', rules: RULES }]
  const { claude } = await mastraModel({ scripts })
  const refused = await app(world.url, claude.url, 'n')
  expect(refused.output).toContain(phoneNumber)
  expect(refused).toMatchObject({ code: 0, output: expect.stringContaining('I ring nobody') })
  expect(world.simulator.twilio.calls()).toHaveLength(0)
  const agreed = await app(world.url, claude.url, 'y')
  expect(agreed).toMatchObject({ code: 0, output: expect.stringContaining('I have rung John') })
  await expect.poll(() => world.simulator.twilio.calls().length).toBe(1)
  await world.simulator.twilio.calls()[0]?.ended
})
