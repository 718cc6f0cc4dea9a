import { closedRecord, placeCall } from '../../src/cli/call-record.ts'
import type { SimulatedCall } from '../../src/simulator/simulated-call.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { scenarioWorld, type TestWorld } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

/** Places the dentist's call and waits until the agent can be heard. */
async function talking(world: TestWorld): Promise<{ id: string; call: SimulatedCall }> {
  const id = await placeCall(world.url, dentist.call)
  const calls = () => world.simulator.twilio.calls()
  await expect.poll(() => calls()[0]?.heardText(), { timeout: 10_000 }).toMatch(/this is/)
  const [call] = calls()
  if (!call) throw new Error('no call')
  return { id, call }
}

describe('Twilio’s reports', () => {
  it('may all be lost: the call ends and its record is closed', async () => {
    const world = await scenarioWorld([dentist])
    world.simulator.twilio.knobs.callbackCopies = 0
    const { record, problems } = await world.run(dentist)
    expect(problems).toEqual([])
    expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
  })

  it('may come twice, and after the call has moved on', async () => {
    const world = await scenarioWorld([dentist])
    const { knobs } = world.simulator.twilio
    knobs.callbackCopies = 2
    knobs.callbackDelayMs = { initiated: 5000, ringing: 9000, answered: 3000 }
    const { record, problems } = await world.run(dentist)
    expect(problems).toEqual([])
    expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
  })
})

describe('the line', () => {
  it('is hung up when the user of the API asks for it', async () => {
    const world = await scenarioWorld([dentist])
    const { id, call } = await talking(world)
    const url = `${world.url}/api/phone/calls/${id}`
    expect((await fetch(`${url}/hangup`, { method: 'POST' })).status).toBe(202)
    await call.ended
    const record = await closedRecord(world.url, id, world.clock)
    expect(record).toMatchObject({ status: 'completed', end_reason: 'requested' })
    expect(record.transcript).toMatchObject([{ role: 'agent', interrupted: true }])
    const again = await fetch(`${url}/hangup`, { method: 'POST' })
    expect(again.status).toBe(409)
    expect(await again.json()).toMatchObject({ error: { code: 'call_not_live' } })
  })

  it('is refused by Twilio: the user is told Twilio’s own code, and so is the record', async () => {
    const world = await scenarioWorld([dentist])
    world.simulator.twilio.knobs.refuseDial = {
      status: 400,
      code: 21215,
      message: 'Account not authorized to call +12345678900.',
    }
    const response = await fetch(`${world.url}/api/phone/call`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(dentist.call),
    })
    expect(response.status).toBe(422)
    const { error } = (await response.json()) as {
      error: { code: string; details: { call_id: string; code: string } }
    }
    expect(error).toMatchObject({ code: 'dial_refused', details: { code: '21215' } })
    const record = await closedRecord(world.url, error.details.call_id, world.clock)
    expect(record).toMatchObject({ status: 'failed', failure: { by: 'twilio' } })
  })
})
