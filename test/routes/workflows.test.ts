import { afterEach, expect, it } from 'vitest'
import { WorkflowError } from '../../src/errors.ts'
import { fakeRun } from '../helpers/fake-workflows.ts'
import { connect } from '../helpers/event-source.ts'
import { startApp, type TestApp } from '../helpers/parley-app.ts'

const RUNS = '/api/phone/workflows/call-and-follow-up/runs'

let app: TestApp
afterEach(() => app.close())

it('a run is started, looked at, answered and ended', async () => {
  app = await startApp()
  const { workflows } = app
  const input = { call: { phone_number: '+15551234567', action: 'x' } }
  const started = await app.post(RUNS, input)
  expect(started).toMatchObject({ status: 202, json: { run_id: 'run_1', status: 'running' } })
  expect(started.headers.get('location')).toBe(`${RUNS}/run_1`)
  await app.post(`${RUNS}/run_1/resume`, { step: ['approve-call'], data: { approved: true } })
  await app.post(`${RUNS}/run_1/cancel`, {})
  expect((await app.get(`${RUNS}/run_1`)).status).toBe(200)
  expect(workflows.asked).toEqual([
    ['start', input],
    ['resume', { runId: 'run_1', answer: { step: ['approve-call'], data: { approved: true } } }],
    ['cancel', 'run_1'],
    ['get', 'run_1'],
  ])
})

it('runs are listed by status, page by page, without their steps', async () => {
  app = await startApp()
  const { json } = await app.get(`${RUNS}?status=suspended&limit=5&cursor=10`)
  expect(json).toMatchObject({ runs: [{ run_id: 'run_1', status: 'running' }], next_cursor: '5' })
  expect(JSON.stringify(json)).not.toContain('steps')
  expect(app.workflows.asked).toEqual([['list', { status: 'suspended', limit: 5, after: 10 }]])
  expect((await app.get(`${RUNS}?status=nonsense`)).status).toBe(400)
  expect((await app.get('/api/phone/workflows/other/runs')).status).toBe(404)
})

it.each([
  [
    { ...fakeRun, status: 'success', result: { output: 'done' } },
    { status: 'success', result: { output: 'done' } },
    ['suspended', 'error'],
  ],
  [
    { ...fakeRun, status: 'suspended', suspended: [['step-1']], suspendPayload: { why: 'x' } },
    { status: 'suspended', suspended: [['step-1']], suspend_payload: { why: 'x' } },
    ['result', 'error'],
  ],
  [
    {
      ...fakeRun,
      status: 'failed',
      error: 'Error message',
      steps: { a: { status: 'failed', error: 'Error message', startedAt: new Date(0) } },
    },
    {
      status: 'failed',
      error: 'Error message',
      steps: {
        a: { status: 'failed', error: 'Error message', started_at: '1970-01-01T00:00:00.000Z' },
      },
    },
    ['result', 'suspended'],
  ],
  [{ ...fakeRun, status: 'canceled' }, { status: 'canceled' }, ['result', 'suspended', 'error']],
] as const)('the shape of a run says how it stands: %j', async (run, shape, absent) => {
  app = await startApp()
  app.workflows.run = run
  const { json } = await app.get(`${RUNS}/run_1`)
  expect(json).toMatchObject(shape)
  for (const key of absent) expect(json).not.toHaveProperty(key)
})

it('what cannot be done is told in our own form', async () => {
  app = await startApp({ apiKeys: ['k1'] })
  const key = { 'x-api-key': 'k1' }
  expect((await app.get(`${RUNS}/run_1`)).status).toBe(401)
  const other = await app.post('/api/phone/workflows/other/runs', {}, key)
  expect(other).toMatchObject({ status: 404, json: { error: { code: 'workflow_not_found' } } })
  for (const [code, status] of [
    ['invalid_request', 400],
    ['run_not_found', 404],
    ['run_not_suspended', 409],
  ] as const) {
    app.workflows.resume = () => Promise.reject(new WorkflowError('x', { code, details: ['y'] }))
    const refused = await app.post(`${RUNS}/run_1/resume`, {}, key)
    expect(refused).toMatchObject({ status, json: { error: { code, details: ['y'] } } })
  }
  const unknown = await app.post(`${RUNS}/run_1/resume`, { approve: true }, key)
  expect(unknown).toMatchObject({ status: 400, json: { error: { code: 'invalid_request' } } })
})

it('a run is followed as server-sent events, from the last one that was seen', async () => {
  app = await startApp()
  app.workflows.items = [
    { event: { id: 8, type: 'workflow-step-start', data: { id: 'place-call' } } },
    { comment: 'still here' },
    { event: { id: 9, type: 'workflow-finish', data: {} } },
  ]
  const stream = await connect(`${app.url}${RUNS}/run_1/events`, { lastId: '7' })
  await stream.over
  expect(stream.headers['content-type']).toContain('text/event-stream')
  expect(stream.events).toEqual([
    { id: '8', event: 'workflow-step-start', data: '{"id":"place-call"}' },
    { comment: 'still here' },
    { id: '9', event: 'workflow-finish', data: '{}' },
  ])
  expect(app.workflows.asked).toContainEqual(['follow', { runId: 'run_1', after: 7 }])
  app.workflows.items = undefined
  expect((await app.get(`${RUNS}/run_1/events?after=9`)).status).toBe(204)
  expect((await app.get(`${RUNS}/run_1/events?after=x`)).status).toBe(400)
})
