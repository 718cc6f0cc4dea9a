import { mastraFollowUp } from '../../src/simulator/scenarios/mastra-follow-up.ts'
import { connect } from '../helpers/event-source.ts'
import { scenarioWorld } from '../helpers/scenario-world.ts'
import { expect, it } from '../helpers/together.ts'
import { workflowApi } from '../helpers/workflow-api.ts'

const { call, workflow, environment = {} } = mastraFollowUp

it('a busy line is rung again, what came of it is told, and the next call knows what the person has said', async () => {
  const world = await scenarioWorld([mastraFollowUp], { environment })
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

  // Both are listed, the newest first, page by page.
  const listed = async (query: string) => (await api.ask(query)).json as unknown
  expect(await listed('?limit=1')).toMatchObject({ runs: [{ run_id: next }], next_cursor: '1' })
  expect(await listed('?limit=1&cursor=1')).toMatchObject({
    runs: [{ run_id: runId, status: 'success' }],
    next_cursor: null,
  })
  expect(await listed('?status=success')).toMatchObject({ runs: [{}, {}] })
  expect(await listed('?status=suspended')).toEqual({ runs: [], next_cursor: null })

  // Nothing is left of her, nor of what was done about her, once her number is erased.
  const number = `${world.url}/api/phone/numbers/${call.phone_number}`
  expect((await fetch(number, { method: 'DELETE' })).status).toBe(200)
  expect(await api.ask(`/${runId}`)).toMatchObject({ status: 404 })
})
