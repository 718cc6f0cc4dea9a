import { Webhook } from 'standardwebhooks'
import { vi } from 'vitest'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { voicemail } from '../../src/simulator/scenarios/machines.ts'
import { busy, noAnswer } from '../../src/simulator/scenarios/unanswered.ts'
import type { ClaudeRule, Scenario } from '../../src/simulator/scenario.ts'
import { scenarioWorld } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'
import { startReceiver, type Receiver } from '../helpers/webhook-receiver.ts'

const WEBHOOK_SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`

const outcome_schema = {
  type: 'object',
  properties: {
    confirmed: { type: 'boolean', description: 'Whether they come at the time' },
    question: { type: 'string', description: 'What they asked' },
  },
  required: ['confirmed'],
}

type Message = { readonly type: string; readonly data: Record<string, unknown> }

/** Carries out one call, and gives what a receiver was told of it. */
async function tell(
  scenario: Scenario,
  receiver: Receiver,
  { ofCall = false }: { ofCall?: boolean } = {},
) {
  const call = ofCall ? { ...scenario.call, webhook_url: receiver.url } : scenario.call
  const asked = { ...scenario, call }
  const WEBHOOK_URL = ofCall ? '' : receiver.url
  const world = await scenarioWorld([asked], {
    environment: { WEBHOOK_SECRET, WEBHOOK_URL },
  })
  const result = await world.run(asked)
  await vi.waitFor(
    () => {
      expect(receiver.types().at(-1)).toBe('call.outcome')
    },
    { timeout: 20_000 },
  )
  const messages = receiver.received.map(
    ({ body, headers }) =>
      new Webhook(WEBHOOK_SECRET).verify(body, headers as Record<string, string>) as Message,
  )
  const told = messages.at(-1)?.data['outcome'] as Record<string, unknown>
  return { ...result, world, messages, told }
}

const withOutcome = (scenario: Scenario, ...rules: readonly ClaudeRule[]): Scenario => ({
  ...scenario,
  call: { ...scenario.call, outcome_schema },
  claude: [...rules, ...scenario.claude],
})

describe('after a call', () => {
  it('who ordered it is told what came out, with the turns that show it', async () => {
    const receiver = await startReceiver(204)
    const { problems, record, messages, told, world } = await tell(withOutcome(dentist), receiver, {
      ofCall: true,
    })
    expect(problems).toEqual([])
    expect(messages.map(({ type }) => type)).toEqual([
      'call.started',
      'call.answered',
      'call.ended',
      'call.outcome',
    ])
    expect(messages[2]?.data).toMatchObject({
      call_id: record.call_id,
      end_reason: 'agent_hung_up',
      transcript: record.transcript,
    })
    expect(told).toMatchObject({
      disposition: 'completed',
      summary: expect.stringMatching(/\. /) as string,
      unknown: ['question'],
      problems: [],
    })
    const { confirmed } = told['turns'] as { confirmed: number }
    expect(told['data']).toEqual({ confirmed: expect.any(Boolean) as boolean })
    expect(record.transcript[confirmed]?.role).toBe('caller')

    const path = `${world.url}/api/phone/calls/${record.call_id}/webhooks`
    const { deliveries } = (await (await fetch(path)).json()) as {
      deliveries: { id: string; state: string }[]
    }
    expect(deliveries.map(({ state }) => state)).toEqual([
      'delivered',
      'delivered',
      'delivered',
      'delivered',
    ])
    const again = await fetch(`${world.url}/api/phone/webhooks/${deliveries[2]?.id ?? ''}/resend`, {
      method: 'POST',
    })
    expect(again.status).toBe(202)
    await vi.waitFor(() => {
      expect(receiver.received).toHaveLength(5)
    })
    expect(receiver.received[4]?.body).toBe(receiver.received[2]?.body)
  })

  it('an answer of the model that does not fit is asked for once more', async () => {
    const receiver = await startReceiver(204)
    const report = (data: object) => ({
      name: 'report_outcome',
      input: { summary: 'He comes. He asked for the suite.', disposition: 'completed', data },
    })
    const { problems, told } = await tell(
      withOutcome(
        dentist,
        {
          when: /confirmed must be boolean/,
          tool: report({ confirmed: { value: true, turn: 1 }, question: 'unknown' }),
        },
        { when: /<transcript>/, tool: report({ confirmed: { value: 'sure', turn: 1 } }) },
      ),
      receiver,
    )
    expect(problems).toEqual([])
    expect(told).toMatchObject({
      summary: 'He comes. He asked for the suite.',
      data: { confirmed: true },
      turns: { confirmed: 1 },
      problems: [],
    })
  })

  it.each([
    ['busy', busy],
    ['no_answer', noAnswer],
  ])('that nobody took, the model is not asked (%s)', async (disposition, scenario) => {
    const receiver = await startReceiver(204)
    const { told, messages, world } = await tell(scenario, receiver)
    expect(messages.map(({ type }) => type)).toEqual(['call.started', 'call.ended', 'call.outcome'])
    expect(told).toMatchObject({ disposition, data: null, problems: [] })
    expect(told['summary']).toMatch(/There was no conversation\.$/)
    const forms = world.simulator.claude
      .requests()
      .filter(({ tools }) => tools[0] === 'report_outcome')
    expect(forms).toEqual([])
  })

  it('with a machine, it is known that the message is there', async () => {
    const receiver = await startReceiver(204)
    const { told } = await tell(voicemail, receiver)
    expect(told).toMatchObject({ disposition: 'voicemail_left', problems: [] })
  })

  it('goes on when the receiver is down', async () => {
    const receiver = await startReceiver(500)
    const world = await scenarioWorld([dentist], {
      environment: { WEBHOOK_SECRET, WEBHOOK_URL: receiver.url },
    })
    const { problems, record } = await world.run(dentist)
    expect(problems).toEqual([])
    expect(record.status).toBe('completed')
    expect(receiver.types()).toContain('call.started')
  })

  it('is not begun when nobody could sign what is to be told of it', async () => {
    const receiver = await startReceiver(204)
    const { url } = await scenarioWorld([dentist])
    const response = await fetch(`${url}/api/phone/call`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...dentist.call, webhook_url: receiver.url }),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      error: { code: 'invalid_request', details: [{ field: 'webhook_url' }] },
    })
  })
})
