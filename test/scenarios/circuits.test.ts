import { deaf } from '../../src/simulator/scenarios/broken-vendors.ts'
import { busy } from '../../src/simulator/scenarios/unanswered.ts'
import { scenarioWorld } from '../helpers/scenario-world.ts'
import { expect, it } from '../helpers/together.ts'

it('nobody is rung while no one could hear them, and somebody is as soon as one could', async () => {
  const world = await scenarioWorld([deaf, busy])
  const { simulator, url } = world
  const place = () =>
    fetch(`${url}/api/phone/call`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(busy.call),
    })
  const position = async () => {
    const health = (await (await fetch(`${url}/api/phone/health`)).json()) as {
      status: string
      checks: Record<string, [{ observedValue: string }]>
    }
    return [health.status, health.checks['deepgram:circuit']?.[0].observedValue]
  }
  expect(await position()).toEqual(['pass', 'closed'])
  // A world of two scenarios has vendors in their usual health.
  simulator.deepgram.knobs.refuseStatus = 401
  const { record } = await world.run(deaf)
  expect(record).toMatchObject({ status: 'failed', failure: { by: 'deepgram' } })

  const rung = simulator.twilio.calls().length
  const refused = await place()
  expect(refused.status).toBe(503)
  expect(await refused.json()).toMatchObject({
    error: { code: 'vendor_down', details: { vendor: 'deepgram' } },
  })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(simulator.twilio.calls()).toHaveLength(rung)
  expect((await position())[0]).toBe('warn')
  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toMatch(/phone_provider_circuit_state\{provider="deepgram"\} [12]/)
  expect(metrics).toMatch(/phone_dial_blocked_total\{reason="vendor_down"\} 1/)

  simulator.deepgram.knobs.refuseStatus = undefined
  await expect.poll(async () => (await position())[1], { timeout: 20_000 }).toBe('closed')
  expect((await world.run(busy)).record.status).toBe('busy')
})
