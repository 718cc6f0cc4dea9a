import { placeCall } from '../../src/cli/call-record.ts'
import { stockPhrases } from '../../src/pipeline/stock-phrases.ts'
import type { PersonStep, Scenario } from '../../src/simulator/scenario.ts'
import type { SimulatedCall } from '../../src/simulator/simulated-call.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { processWorld, type ServerProcess } from '../helpers/server-process.ts'
import { expect, it } from '../helpers/together.ts'

function scenario(name: string, number: string, does: readonly PersonStep[]): Scenario {
  return {
    name,
    about: 'the server is asked to stop',
    direction: 'outbound',
    call: {
      phone_number: number,
      action: `Talk with somebody: ${name}`,
      opening: 'This is Alex.',
      first_speaker: 'agent',
    },
    person: { answer: 'yes', ringMs: 200, does },
    claude: [
      { when: /bye/i, say: 'Goodbye!', tool: { name: 'end_call', input: { reason: 'done' } } },
      { when: /./, say: 'Go on.' },
    ],
  }
}

/** Says goodbye after the second answer … */
const brief = scenario('brief', '+12345678902', [
  { hear: 'end' },
  { say: 'Hello.' },
  { hear: 'end' },
  { say: 'Bye!' },
])

/** … and never. */
const endless = scenario('endless', '+12345678903', [
  { repeat: 30, do: [{ hear: 'end' }, { say: 'And so on.' }] },
])

async function onTheLine(
  { simulator }: { simulator: Simulator },
  { url }: ServerProcess,
  { call: body }: Scenario,
): Promise<{ callId: string; call: SimulatedCall }> {
  const callId = await placeCall(url, body)
  const call = simulator.twilio.calls().find(({ to }) => to === body.phone_number)
  if (!call) throw new Error('nobody was rung')
  await expect.poll(() => call.heardText(), { timeout: 20_000 }).toContain('Alex.')
  return { callId, call }
}

/** New calls are refused before a phone rings, and readiness says why. */
async function expectClosed({ url }: ServerProcess): Promise<void> {
  const ready = await fetch(`${url}/api/phone/ready`)
  expect(ready.status).toBe(503)
  expect(await ready.json()).toMatchObject({ status: 'fail', reasons: ['draining'] })
  const refused = await fetch(`${url}/api/phone/call`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ phone_number: '+12345678904', action: 'talk' }),
  })
  expect(refused.status).toBe(503)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused.json()).toMatchObject({ error: { code: 'draining' } })
}

it('a server that is asked to stop lets people finish, and tells those who do not in time', async () => {
  const world = await processWorld([brief, endless])
  const server = await world.start({ DRAIN_TIMEOUT_S: '14', INBOUND_ACTION: 'Answer questions' })
  const [short, long] = await Promise.all([
    onTheLine(world, server, brief),
    onTheLine(world, server, endless),
  ])
  server.child.kill('SIGTERM')
  await expect.poll(() => server.output()).toContain('shutting down')
  await expectClosed(server)
  const stranger = world.simulator.twilio.callInbound('+12345678905', world.simulator.ownNumber)
  await stranger.ended
  expect(stranger.heardText()).toBe(stockPhrases('en').callAgain)
  expect(stranger.streamCount).toBe(0)

  expect(await server.exited).toBe(0)
  expect(await world.onRecord(short.callId)).toMatchObject({
    status: 'completed',
    endReason: 'agent_hung_up',
  })
  expect(short.call.heardText()).toMatch(/Goodbye!$/)
  expect(short.call.heardText()).not.toContain(stockPhrases('en').closing)
  // The sentence is heard to its end, and on record like everything else.
  const record = await world.onRecord(long.callId)
  expect(record).toMatchObject({ status: 'completed', endReason: 'requested' })
  expect(long.call.heardText().endsWith(stockPhrases('en').closing)).toBe(true)
  expect(record?.turns.findLast(({ role }) => role === 'agent')).toMatchObject({
    text: stockPhrases('en').closing,
    interrupted: false,
  })
  expect(world.simulator.violations.list).toEqual([])
}, 60_000)

it('whoever asks twice does not wait, and every call still has its record', async () => {
  const world = await processWorld([endless])
  const server = await world.start()
  const { callId, call } = await onTheLine(world, server, endless)
  server.child.kill('SIGTERM')
  await expect.poll(() => server.output()).toContain('shutting down')
  server.child.kill('SIGTERM')
  expect(await server.exited).toBe(1)
  await call.ended
  const record = await world.onRecord(callId)
  expect(record).toMatchObject({ status: 'completed', endReason: 'requested' })
  expect(record?.turns[0]).toMatchObject({ role: 'agent', text: 'This is Alex.' })
}, 60_000)

/** Faults of our own that nothing catches, on demand. */
const FAULTS = `data:text/javascript,
  process.on('SIGUSR2', () => setImmediate(() => { throw new Error('a fault of ours') }));
  process.on('SIGWINCH', () => { void Promise.reject(new DOMException('stopped', 'AbortError')) });`

it('faults that nobody has caught cut nobody off, and end the server', async () => {
  const world = await processWorld([brief])
  const server = await world.start({}, ['--import', FAULTS])
  const { callId, call } = await onTheLine(world, server, brief)
  server.child.kill('SIGWINCH')
  await expect.poll(() => server.output()).toMatch(/AbortError.*error that nobody caught/)
  await expectClosed(server)
  server.child.kill('SIGUSR2')
  await expect.poll(() => server.output()).toMatch(/a fault of ours.*error that nobody caught/)
  expect(await server.exited).toBe(1)
  expect(call.heardText()).toMatch(/Goodbye!$/)
  expect(await world.onRecord(callId)).toMatchObject({ endReason: 'agent_hung_up' })
  expect(world.simulator.violations.list).toEqual([])
}, 60_000)
