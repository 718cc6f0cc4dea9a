import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Transaction } from '@libsql/client/sqlite3'
import { pino } from 'pino'
import { closedRecord, placeCall } from '../../src/cli/call-record.ts'
import { problemsOf } from '../../src/cli/demo-call.ts'
import { startDemoWorld } from '../../src/cli/demo-world.ts'
import { scaledClock } from '../../src/clock.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { longestQuietMs } from '../helpers/server-process.ts'
import { PATIENT } from '../helpers/scenario-world.ts'
import { describe, expect, it, onTestFinished } from '../helpers/together.ts'
import { hasPostgres, PostgresServer } from '../store/postgres-server.ts'

/** The stream breaks as well while the store is away: the token of the next one needs no store. */
const chat: Scenario = {
  name: 'chat',
  about: 'the store fails in the middle of the call',
  direction: 'outbound',
  call: {
    phone_number: '+12345678906',
    action: 'Chat while the store is away',
    opening: 'Hi, this is Alex.',
    first_speaker: 'agent',
  },
  person: {
    answer: 'yes',
    ringMs: 200,
    does: [
      { hear: 'end' },
      { say: 'Hello there.' },
      { hear: 'end' },
      { cutStream: true },
      { pause: 1500 },
      { say: 'Still here.' },
      { hear: 'end' },
      { say: 'Bye!' },
    ],
  },
  claude: [
    { when: /bye/i, say: 'Goodbye!', tool: { name: 'end_call', input: { reason: 'done' } } },
    { when: /hello/i, say: 'Nice to hear you.' },
    { when: /./, say: 'Good.' },
  ],
}

type Outage = {
  readonly url: string
  readonly begin: () => Promise<void> | void
  readonly end: () => Promise<void> | void
  /** Otherwise whoever asks it waits for an answer that does not come. */
  readonly failsAtOnce?: boolean
}

function lockedFile(): Outage {
  const folder = mkdtempSync(join(tmpdir(), 'parley-outage-'))
  const url = `file:${join(folder, 'parley.db')}`
  const other = createClient({ url })
  onTestFinished(() => {
    other.close()
    rmSync(folder, { recursive: true, force: true })
  })
  let lock: Transaction | undefined
  return {
    url,
    begin: async () => {
      lock = await other.transaction('write')
    },
    end: () => lock?.rollback(),
  }
}

function frozen(postgres: PostgresServer): Outage {
  return {
    failsAtOnce: false,
    url: postgres.url(),
    begin: () => {
      postgres.freeze()
    },
    end: () => {
      postgres.thaw()
    },
  }
}

function killed(postgres: PostgresServer): Outage {
  return { url: postgres.url(), begin: () => postgres.kill(), end: () => postgres.up() }
}

async function expectRefused({ url }: { readonly url: string }): Promise<void> {
  const refused = await fetch(`${url}/api/phone/call`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ phone_number: '+12345678907', action: 'talk' }),
  })
  expect(refused.status).toBe(503)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused.json()).toMatchObject({ error: { code: 'store_unavailable' } })
}

async function expectUndisturbed({ url, begin, end, failsAtOnce = true }: Outage): Promise<void> {
  // Real time, only faster: a database is a process of its own.
  const clock = scaledClock(4)
  const log = pino({ level: 'silent' })
  const environment = { ...PATIENT, DATABASE_URL: url }
  const world = await startDemoWorld({ scenarios: [chat], clock, log, environment })
  onTestFinished(() => world[Symbol.asyncDispose]())
  const { twilio } = world.simulator
  const callId = await placeCall(world.url, chat.call)
  const [call] = twilio.calls()
  if (!call) throw new Error('nobody was rung')
  await expect.poll(() => call.heardText(), { timeout: 20_000, interval: 10 }).toContain('Alex.')
  await begin()

  if (failsAtOnce) await expectRefused(world)
  await expect
    .poll(async () => (await fetch(`${world.url}/api/phone/ready`)).json(), { timeout: 20_000 })
    .toMatchObject({ status: 'fail', reasons: ['store_unavailable'] })
  // Whoever knows that does not ask the store about the number.
  await expectRefused(world)

  await call.ended
  expect(call.streamCount).toBe(2)
  expect(longestQuietMs(call, 0)).toBeLessThan(6000)
  await end()
  // Nobody else was rung, and nothing of the call is missing.
  expect(twilio.calls()).toHaveLength(1)
  const record = await closedRecord(world.url, callId, clock, 60_000)
  expect(problemsOf(world, record, call)).toEqual([])
  expect(record).toMatchObject({ end_reason: 'agent_hung_up' })
  await expect
    .poll(async () => (await fetch(`${world.url}/api/phone/ready`)).status, { timeout: 20_000 })
    .toBe(200)
}

/** A server of the test's own. */
async function server(): Promise<PostgresServer> {
  const postgres = await PostgresServer.start()
  onTestFinished(() => postgres.stop())
  return postgres
}

describe('nobody on the line notices that', () => {
  it('the database is locked', () => expectUndisturbed(lockedFile()), 60_000)

  it.skipIf(!hasPostgres)(
    'the database server does not answer',
    async () => expectUndisturbed(frozen(await server())),
    60_000,
  )

  it.skipIf(!hasPostgres)(
    'the database server has died',
    async () => expectUndisturbed(killed(await server())),
    60_000,
  )
})
