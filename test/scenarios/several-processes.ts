import type { AddressInfo } from 'node:net'
import { Client } from 'pg'
import { pino } from 'pino'
import { beforeAll } from 'vitest'
import { closedRecord, placeCall } from '../../src/cli/call-record.ts'
import { systemClock } from '../../src/clock.ts'
import { compose } from '../../src/compose.ts'
import { parseConfig } from '../../src/config.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import {
  longestQuietMs,
  processWorld,
  staticFallback,
  unexpected,
} from '../helpers/server-process.ts'
import { PATIENT } from '../helpers/scenario-world.ts'
import { expect, it, onTestFinished } from '../helpers/together.ts'
import { startReceiver } from '../helpers/webhook-receiver.ts'
import { hasPostgres, PostgresServer } from '../store/postgres-server.ts'

/** What the person does until another process goes on with their call, and has answered them. */
const UNTIL_TAKEN_OVER: Scenario['person']['does'] = [
  { hear: 'end' },
  { say: 'Yes.' },
  { hear: { text: 'dropped for a second.' } },
  { hear: 'end', quietMs: 500 },
  { say: 'Which?' },
  { hear: { text: 'two.' } },
]
const CLAUDE: Scenario['claude'] = [
  { when: /bye/i, say: 'Goodbye!', tool: { name: 'end_call', input: { reason: 'done' } } },
  { when: /which/i, say: 'Suite two.' },
  { when: /yes/i, say: 'All set.' },
]

const killedTwice: Scenario = {
  name: 'killed-twice',
  about:
    'the server is killed in the middle of the call, and so is the one that has taken the call over',
  direction: 'outbound',
  call: {
    phone_number: '+12345678902',
    action: 'Confirm the appointment of the call that is kept on a server',
    opening: 'Is Thursday fine?',
    first_speaker: 'agent',
  },
  person: {
    answer: 'yes',
    ringMs: 200,
    does: [
      ...UNTIL_TAKEN_OVER,
      { hear: { text: 'dropped for a second.' } },
      { hear: 'end', quietMs: 500 },
      { say: 'Bye!' },
    ],
  },
  claude: CLAUDE,
}

let postgres: PostgresServer
beforeAll(async () => {
  if (!hasPostgres) return
  postgres = await PostgresServer.start()
  return () => postgres.stop()
})

const TAKES_UP = /process (is gone and )?has left calls open/

it.skipIf(!hasPostgres)(
  'a person whose server is killed is talked with again by another one on the same database, which had not touched the call before',
  async () => {
    const { simulator, start } = await processWorld([killedTwice])
    const environment = {
      DATABASE_URL: await postgres.newDatabase(),
      TWILIO_FALLBACK_URL: await staticFallback('parley.example'),
    }
    const first = await start(environment)
    const callId = await placeCall(first.url, killedTwice.call)
    const [call] = simulator.twilio.calls()
    if (!call) throw new Error('nobody was rung')
    await expect.poll(() => call.heardText(), { timeout: 20_000 }).toContain('Thursday')
    const other = await start(environment)
    simulator.serverAt(first.url)
    await expect.poll(() => call.heardText(), { timeout: 20_000 }).toContain('All set.')
    await systemClock.sleep(300)
    expect(other.output()).not.toMatch(TAKES_UP)

    // From now on whoever asks for the server comes to the other one: by a balancer, say.
    const killedAtMs = Math.max(...call.heard.map(({ endMs }) => endMs))
    first.child.kill('SIGKILL')
    await first.exited
    simulator.serverAt(other.url)
    await expect.poll(() => call.heardText(), { timeout: 20_000 }).toContain('two.')
    expect(other.output()).toMatch(TAKES_UP)
    expect(longestQuietMs(call, killedAtMs)).toBeLessThan(13_000)

    // Now nobody is left, and the next one to come is alone.
    await systemClock.sleep(300)
    other.child.kill('SIGKILL')
    await other.exited
    const last = await start({ ...environment, PORT: String(other.port) })
    await call.ended
    const record = await closedRecord(last.url, callId, systemClock)
    expect(simulator.twilio.calls()).toHaveLength(1)
    expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
    const dropped = 'Sorry, the line dropped for a second.'
    expect(call.heardText()).toBe(
      `Is Thursday fine? All set. ${dropped} Suite two. ${dropped} Goodbye!`,
    )
    const said = record.transcript.flatMap(({ role, text }) => (role === 'agent' ? [text] : []))
    expect(said.join(' ')).toBe(call.heardText())
    expect(unexpected(simulator)).toEqual([])
    for (const { output } of [other, last]) expect(output()).not.toMatch(/"level":(50|60)/)
    last.child.kill('SIGTERM')
    expect(await last.exited).toBe(0)
  },
  60_000,
)

const unseen: Scenario = {
  name: 'unseen',
  about: 'the process that carries the call is taken for dead, and is not',
  direction: 'outbound',
  call: {
    phone_number: '+12345678903',
    action: 'Confirm the appointment that two processes want to talk about',
    opening: 'Is Thursday fine?',
    first_speaker: 'agent',
  },
  person: {
    answer: 'yes',
    ringMs: 200,
    does: [
      ...UNTIL_TAKEN_OVER,
      // Meanwhile the one that has lost the call notices.
      { pause: 5000 },
      { say: 'Bye!' },
    ],
  },
  claude: CLAUDE,
}

/** A server in this process, in real time, with its log. */
async function server(environment: Readonly<Record<string, string>>) {
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) })
  const config = parseConfig({ ...environment, ...PATIENT, HOST: '127.0.0.1', PORT: '0' })
  const parley = await compose(config, { clock: systemClock, log })
  await parley.app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => parley.close())
  const { port } = parley.app.server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, log: () => lines.join('') }
}

/** Makes the process that has a call unseen for the others, which must not know it from one that is dead, until it is let back. */
async function hide(url: string): Promise<() => Promise<void>> {
  const [admin, blocker] = [new Client(url), new Client(url)]
  await Promise.all([admin.connect(), blocker.connect()])
  for (const client of [admin, blocker]) client.on('error', () => undefined)
  const locks = (id: number) =>
    `FROM pg_locks WHERE locktype = 'advisory' AND database =
    (SELECT oid FROM pg_database WHERE datname = current_database()) AND ${id}`
  // Waits for all who are there, and everybody who comes waits behind it.
  const waiting = blocker.query('SELECT pg_advisory_lock(7279540)').catch(() => undefined)
  const waits = `SELECT 1 ${locks(7279540)} = objid AND NOT granted`
  await expect.poll(async () => (await admin.query<object>(waits)).rows).toHaveLength(1)
  await admin.query(
    `SELECT pg_terminate_backend(pid) ${locks(7279541)} = classid
    AND objid::bigint IN (SELECT process FROM parley_calls WHERE over_at IS NULL)`,
  )
  return async () => {
    await admin.query(
      `SELECT pg_terminate_backend(pid) ${locks(7279540)} = objid AND NOT granted
      AND mode = 'ExclusiveLock'`,
    )
    await waiting
    await Promise.all([admin.end(), blocker.end().catch(() => undefined)])
  }
}

it.skipIf(!hasPostgres)(
  'a person whose server is taken for dead, and is not, talks with one server alone, and its call is told of once',
  async () => {
    const receiver = await startReceiver()
    const simulator = await startSimulator({ clock: systemClock, scenarios: [unseen] })
    onTestFinished(() => simulator.close())
    const environment = {
      ...simulator.environment,
      DATABASE_URL: await postgres.newDatabase(),
      TWILIO_FALLBACK_URL: await staticFallback('parley.example'),
      WEBHOOK_URL: receiver.url,
      WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 7).toString('base64')}`,
      SILENCE_TIMEOUT_MS: '60000',
    }
    const first = await server(environment)
    const other = await server(environment)
    simulator.serverAt(first.url)
    const callId = await placeCall(first.url, unseen.call)
    const [call] = simulator.twilio.calls()
    if (!call) throw new Error('nobody was rung')
    await expect.poll(() => call.heardText(), { timeout: 20_000 }).toContain('All set.')

    simulator.serverAt(other.url)
    const letBack = await hide(environment.DATABASE_URL)
    await expect.poll(() => call.heardText(), { timeout: 30_000 }).toContain('two.')
    expect(other.log()).toMatch(TAKES_UP)
    await letBack()
    await call.ended
    expect(first.log()).toContain('it is let go')
    const record = await closedRecord(other.url, callId, systemClock)
    expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
    const dropped = 'Sorry, the line dropped for a second.'
    expect(call.heardText()).toBe(`Is Thursday fine? All set. ${dropped} Suite two. Goodbye!`)
    const said = record.transcript.flatMap(({ role, text }) => (role === 'agent' ? [text] : []))
    expect(said.join(' ')).toBe(call.heardText())
    expect(await (await fetch(`${first.url}/api/phone/calls/${callId}`)).json()).toEqual(record)
    await expect.poll(() => receiver.types()).toContain('call.outcome')
    expect(receiver.types()).toEqual([
      'call.started',
      'call.answered',
      'call.ended',
      'call.outcome',
    ])
    expect(simulator.violations.list).toEqual([])
    for (const { log } of [first, other]) expect(log()).not.toMatch(/"level":(50|60)/)
  },
  60_000,
)
