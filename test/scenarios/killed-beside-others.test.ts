import { closedRecord, placeCall } from '../../src/cli/call-record.ts'
import { systemClock } from '../../src/clock.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { processWorld, staticFallback, unexpected } from '../helpers/server-process.ts'
import { expect, it, onTestFinished } from '../helpers/together.ts'
import { hasPostgres, PostgresServer } from '../store/postgres-server.ts'

const killedOnce: Scenario = {
  name: 'killed-once',
  about: 'the server is killed in the middle of the call, and its database is on a server',
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
      { hear: 'end' },
      { say: 'Yes.' },
      { hear: { text: 'dropped for a second.' } },
      { hear: 'end', quietMs: 500 },
      { say: 'Bye!' },
    ],
  },
  claude: [
    { when: /bye/i, say: 'Goodbye!', tool: { name: 'end_call', input: { reason: 'done' } } },
    { when: /yes/i, say: 'All set.' },
  ],
}

it.skipIf(!hasPostgres)(
  'a person whose server is killed is talked with again on a shared database, and by nobody while it lives',
  async () => {
    const postgres = await PostgresServer.start()
    onTestFinished(() => postgres.stop())
    const { simulator, start } = await processWorld([killedOnce])
    const environment = {
      DATABASE_URL: postgres.url(),
      TWILIO_FALLBACK_URL: await staticFallback('parley.example'),
    }
    const first = await start(environment)
    const callId = await placeCall(first.url, killedOnce.call)
    const [call] = simulator.twilio.calls()
    if (!call) throw new Error('nobody was rung')
    await expect.poll(() => call.heardText(), { timeout: 20_000 }).toContain('Thursday')
    // Another one comes, and finds that the first is alive.
    const other = await start(environment)
    expect(other.output()).not.toContain('an earlier process has left calls open')
    other.child.kill('SIGKILL')
    await other.exited
    simulator.serverAt(first.url)
    await expect.poll(() => call.heardText(), { timeout: 20_000 }).toContain('All set.')
    await systemClock.sleep(300)
    first.child.kill('SIGKILL')
    await first.exited
    const second = await start({ ...environment, PORT: String(first.port) })
    await call.ended
    const record = await closedRecord(second.url, callId, systemClock)
    expect(simulator.twilio.calls()).toHaveLength(1)
    expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
    expect(call.heardText()).toMatch(/All set\. Sorry, the line dropped for a second\. Goodbye!$/)
    expect(unexpected(simulator)).toEqual([])
    second.child.kill('SIGTERM')
    expect(await second.exited).toBe(0)
  },
  60_000,
)
