import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose } from '../../src/compose.ts'
import { parseConfig } from '../../src/config.ts'
import { mastraFollowUp } from '../../src/simulator/scenarios/mastra-follow-up.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { steadyClock } from '../../src/simulator/steady-clock.ts'
import { quiet } from '../helpers/fake-ports.ts'
import { PATIENT } from '../helpers/scenario-world.ts'
import { expect, it, onTestFinished } from '../helpers/together.ts'
import { workflowApi } from '../helpers/workflow-api.ts'

const { call } = mastraFollowUp

it('workflows go on after a restart of the server, and nobody is rung twice', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'parley-restart-'))
  const clock = steadyClock()
  const simulator = await startSimulator({ clock, scenarios: [{ ...mastraFollowUp, earlier: [] }] })
  onTestFinished(async () => {
    await simulator.close()
    await rm(dir, { recursive: true })
  })
  const config = parseConfig({
    ...simulator.environment,
    ...PATIENT,
    PORT: '0',
    DATABASE_URL: `file:${join(dir, 'parley.db')}`,
    MASTRA_ENABLED: 'true',
    MASTRA_DATABASE_URL: `file:${join(dir, 'mastra.db')}`,
  })
  const startServer = async () => {
    const parley = await compose(config, { log: quiet, clock })
    const url = await parley.app.listen({ host: config.HOST, port: config.PORT })
    simulator.serverAt(url)
    return { parley, api: workflowApi(url) }
  }

  const first = await startServer()
  const asking = await first.api.start({ call, approval: 'call' })
  await first.api.until(asking, { status: 'suspended', suspended: [['approve-call']] })
  const talking = await first.api.start({ call })
  await expect.poll(() => simulator.twilio.calls()[0]?.heardText() ?? '').toContain('Hi Maria')
  // The server is stopped in the middle of the talk, which ends it.
  await first.parley.close()

  const second = await startServer()
  onTestFinished(() => second.parley.close())
  const { result } = await second.api.until(talking, { status: 'success' })
  expect(result?.calls).toHaveLength(1)
  expect(simulator.twilio.calls()).toHaveLength(1)
  expect(await second.api.resume(asking, { data: { approved: true } })).toMatchObject({
    status: 202,
  })
  expect(await second.api.resume(asking, { data: { approved: true } })).toMatchObject({
    status: 409,
  })
  await expect.poll(() => simulator.twilio.calls().length).toBe(2)
  await second.api.until(asking, {
    status: 'suspended',
    suspended: [['reach-person', 'await-call']],
  })
  expect(await second.api.cancel(asking)).toMatchObject({
    status: 200,
    json: { status: 'canceled' },
  })
  await simulator.twilio.calls()[1]?.ended
})
