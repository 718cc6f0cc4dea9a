import { closedRecord, placeCall } from '../../src/cli/call-record.ts'
import { systemClock } from '../../src/clock.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import {
  longestQuietMs,
  processWorld,
  staticFallback,
  unexpected,
} from '../helpers/server-process.ts'
import { expect, it, onTestFinished } from '../helpers/together.ts'
import { hasPostgres, PostgresServer } from '../store/postgres-server.ts'

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
      { hear: 'end' },
      { say: 'Yes.' },
      { hear: { text: 'dropped for a second.' } },
      { hear: 'end', quietMs: 500 },
      { say: 'Which?' },
      { hear: { text: 'two.' } },
      { hear: { text: 'dropped for a second.' } },
      { hear: 'end', quietMs: 500 },
      { say: 'Bye!' },
    ],
  },
  claude: [
    { when: /bye/i, say: 'Goodbye!', tool: { name: 'end_call', input: { reason: 'done' } } },
    { when: /which/i, say: 'Suite two.' },
    { when: /yes/i, say: 'All set.' },
  ],
}

const TAKES_UP = /process (is gone and )?has left calls open/

it.skipIf(!hasPostgres)(
  'a person whose server is killed is talked with again by another one on the same database, which had not touched the call before',
  async () => {
    const postgres = await PostgresServer.start()
    onTestFinished(() => postgres.stop())
    const { simulator, start } = await processWorld([killedTwice])
    const environment = {
      DATABASE_URL: postgres.url(),
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
