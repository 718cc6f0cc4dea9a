import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { mastraFollowUp } from '../../src/simulator/scenarios/mastra-follow-up.ts'
import { connect } from '../helpers/event-source.ts'
import { scenarioWorld } from '../helpers/scenario-world.ts'
import { workflowApi } from '../helpers/workflow-api.ts'

const { call, workflow } = mastraFollowUp

it('a busy line is rung again, what came of it is told, and the next call knows what the person has said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-people-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const world = await scenarioWorld([mastraFollowUp], {
    environment: {
      MASTRA_ENABLED: 'true',
      MASTRA_DATABASE_URL: `file:${join(folder, 'people.db')}`,
      // In its thread, the agent of calls may read what is known of a person.
      CONVERSATION_ENGINE: 'mastra',
    },
  })
  const api = workflowApi(world.url)
  const runId = await api.start({ call, ...workflow?.input })
  const live = await connect(api.eventsUrl(runId))
  const run = await api.until(runId, { status: 'success' })
  expect(run.result).toMatchObject({
    outcome: 'reached',
    decision: { action: 'done' },
    follow_up: null,
    webhook: null,
  })
  expect(run.result?.calls).toHaveLength(2)
  const calls = world.simulator.twilio.calls()
  expect(calls).toHaveLength(2)

  await live.over
  const told = live.events.filter(({ id }) => id !== undefined)
  const kinds = told.map(({ event, data }) => {
    const { id } = JSON.parse(data ?? '{}') as { id?: string }
    return id === undefined ? event : `${event ?? ''} ${id}`
  })
  expect(kinds).toContain('workflow-step-suspended reach-person.await-call')
  expect(kinds).toContain('workflow-step-suspended reach-person.wait-for-turn')
  expect(kinds.at(-1)).toBe('workflow-finish')
  // The same again from the middle on, without a gap and without an event twice.
  const middle = told[5]?.id
  const rest = await connect(api.eventsUrl(runId), { lastId: middle })
  await rest.over
  expect(rest.events).toEqual(told.slice(6))

  // Maria has said how she wants to be called: the next call begins with it.
  const next = await api.start({ call })
  await api.until(next, { status: 'success' })
  expect(world.simulator.twilio.calls()[2]?.heardText()).toContain(
    'I remember that you said: But please call me in the mornings only.',
  )

  // So does one that nobody has prepared: the agent that thinks in it knows her, and she alone is known.
  const { claude, twilio } = world.simulator
  const asked = claude.requests().length
  const placed = await fetch(`${world.url}/api/phone/call`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(call),
  })
  expect(placed.status).toBe(201)
  await expect
    .poll(() => twilio.calls()[3]?.answeredAt, { interval: 5, timeout: 20_000 })
    .toBeDefined()
  expect(claude.requests().slice(asked)[0]?.system).toContain('mornings')
  await twilio.calls()[3]?.ended

  // Nothing is left of her, nor of what was done about her, once her number is erased.
  const number = `${world.url}/api/phone/numbers/${call.phone_number}`
  const erase = async () => (await fetch(number, { method: 'DELETE' })).status
  await expect.poll(erase, { timeout: 10_000 }).toBe(200)
  expect(await api.ask(`/${runId}`)).toMatchObject({ status: 404 })
})
