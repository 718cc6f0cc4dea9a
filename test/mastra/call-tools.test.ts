import type { Tool } from '@mastra/core/tools'
import { createCallTools } from '../../src/mastra/call-tools.ts'
import { fetchInProcess } from '../../src/mastra/in-process.ts'
import { ParleyClient } from '../../src/mastra/parley-client.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { silent } from '../../src/simulator/scenarios/unanswered.ts'
import { startApp } from '../helpers/parley-app.ts'
import { scenarioWorld } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

/** What an agent's call of a tool returns. */
async function use(tool: unknown, input: unknown): Promise<Record<string, unknown>> {
  const { execute } = tool as Tool
  return (await execute?.(input, {} as never)) as Record<string, unknown>
}

const spec = {
  phoneNumber: dentist.call.phone_number,
  action: dentist.call.action,
  context: 'Dr. Smith, Suite 200.',
  calleeName: 'John',
  agentName: 'Alex',
  organization: 'Downtown Dental',
}

describe('the tools of a Mastra agent, over the API of a server', () => {
  it('place a call, wait for it, and tell what was said and what came of it', async () => {
    const world = await scenarioWorld([dentist])
    const phone = new ParleyClient({ url: world.url, clock: world.clock })
    const briefing = (number: string) => Promise.resolve(`${number} prefers mornings.`)
    const tools = createCallTools(phone, { briefing })
    const placed = await use(tools.startPhoneCall, spec)
    expect(placed).toMatchObject({ success: true, status: 'queued' })
    const { callId } = placed
    const early = await use(tools.waitForCall, { callId, timeoutS: 1 })
    expect(early).toMatchObject({ success: true, isOver: false })
    const over = await use(tools.waitForCall, { callId })
    expect(over).toMatchObject({ isOver: true, status: 'completed', endReason: 'agent_hung_up' })
    expect(over['transcript']).toContain('caller: Oh hi. Yes, Thursday works for me.')
    expect(over['disposition']).toEqual(expect.any(String))
    expect(await use(tools.getCall, { callId })).toEqual(over)
    const asked = world.simulator.claude.requests().map((request) => JSON.stringify(request))
    expect(asked.join()).toContain(`${dentist.call.phone_number} prefers mornings.`)
    expect(await use(tools.hangUpCall, { callId })).toMatchObject({
      success: false,
      code: 'call_not_live',
    })
  })

  it('hang up a call that goes on', async () => {
    const world = await scenarioWorld([silent])
    const tools = createCallTools(new ParleyClient({ url: world.url, clock: world.clock }))
    const { phone_number: phoneNumber, action } = silent.call
    const { callId } = await use(tools.startPhoneCall, { phoneNumber, action })
    await expect
      .poll(async () => (await use(tools.getCall, { callId }))['status'])
      .toBe('in_progress')
    expect(await use(tools.hangUpCall, { callId })).toEqual({ success: true })
    expect(await use(tools.waitForCall, { callId })).toMatchObject({ endReason: 'requested' })
  })

  it('tell the model why something was refused, instead of throwing', async () => {
    const app = await startApp({ apiKeys: ['k1'] })
    const withKey = (key: string | undefined, url = app.url) =>
      createCallTools(new ParleyClient({ url, key, clock: app.clock }))
    const refused = await use(withKey('wrong').startPhoneCall, spec)
    expect(refused).toMatchObject({ success: false, code: 'unauthorized' })
    expect(await use(withKey('k1').getCall, { callId: 'call_none' })).toMatchObject({
      success: false,
      code: 'call_not_found',
    })
    const gone = withKey(undefined, 'http://127.0.0.1:1')
    expect(await use(gone.getCall, { callId: 'x' })).toMatchObject({ code: 'unreachable' })
    // What does not fit the tool is told by Mastra itself, before anything is asked.
    expect(
      await use(withKey('k1').startPhoneCall, { phoneNumber: '0123', action: 'x' }),
    ).toMatchObject({
      error: true,
    })
    await app.close()
  })
})

describe('the same tools in the server’s own process', () => {
  it('lead into the app without a socket, by the same checks', async () => {
    const app = await startApp({ apiKeys: ['k1'] })
    const client = (key: string) =>
      new ParleyClient({
        url: 'http://parley',
        key,
        clock: app.clock,
        fetch: fetchInProcess(app.app),
      })
    expect(await use(createCallTools(client('k2')).startPhoneCall, spec)).toMatchObject({
      code: 'unauthorized',
    })
    const tools = createCallTools(client('k1'), { requiresApproval: true })
    expect(tools.startPhoneCall.requireApproval).toBe(true)
    const { callId } = await use(tools.startPhoneCall, spec)
    expect(await use(tools.getCall, { callId })).toMatchObject({ success: true, isOver: false })
    await app.close()
  })
})
