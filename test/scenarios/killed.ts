import { closedRecord, placeCall } from '../../src/cli/call-record.ts'
import { systemClock } from '../../src/clock.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { startReceiver } from '../helpers/webhook-receiver.ts'
import {
  longestQuietMs,
  processWorld,
  type ServerProcess,
  staticFallback,
  unexpected,
} from '../helpers/server-process.ts'
import { expect, it } from '../helpers/together.ts'

/** The person answers the agent's first question, asks one, and is answered by a process that has never heard of them. */
const interrupted: Scenario = {
  name: 'interrupted',
  about: 'the server is killed in the middle of the call',
  direction: 'outbound',
  call: {
    phone_number: '+12345678901',
    action: 'Confirm the appointment of the interrupted call',
    opening: 'Is Thursday fine?',
    first_speaker: 'agent',
    record: {},
  },
  person: {
    answer: 'yes',
    ringMs: 200,
    does: [
      { hear: 'end' },
      { say: 'Yes.' },
      { hear: { text: 'set.' } },
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
    { when: /which/i, say: 'Suite two.' },
    { when: /bye/i, say: 'Goodbye!', tool: { name: 'end_call', input: { reason: 'done' } } },
    {
      when: /yes/i,
      say: 'All set.',
      tool: { name: 'record_outcome', input: { result: 'confirmed' } },
    },
    { when: /noted/, say: '' },
  ],
}

it('a person whose server is killed in the middle of the call is talked with again, and dialled once', async () => {
  const { simulator, start } = await processWorld([interrupted])
  const receiver = await startReceiver(200)
  const environment = {
    TWILIO_FALLBACK_URL: await staticFallback('parley.example'),
    WEBHOOK_URL: receiver.url,
    WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 7).toString('base64')}`,
  }
  const first = await start(environment)
  const callId = await placeCall(first.url, interrupted.call)
  const [call] = simulator.twilio.calls()
  if (!call) throw new Error('nobody was rung')
  await expect.poll(() => call.heardText(), { timeout: 20_000 }).toContain('All set.')
  let longestStartMs = 0
  const killed = async ({ child, exited, port }: ServerProcess) => {
    // The turn is on record once the person has heard it, a moment later.
    await systemClock.sleep(300)
    const startedMs = systemClock.now()
    child.kill('SIGKILL')
    await exited
    const next = await start({ ...environment, PORT: String(port) })
    longestStartMs = Math.max(longestStartMs, systemClock.now() - startedMs)
    return next
  }
  const killedAtMs = Math.max(...call.heard.map(({ endMs }) => endMs))
  const between = await killed(first)
  await expect.poll(() => call.heardText(), { timeout: 20_000 }).toContain('two.')
  const second = await killed(between)
  await call.ended
  const record = await closedRecord(second.url, callId, systemClock)

  expect(simulator.twilio.calls()).toHaveLength(1)
  expect(record).toMatchObject({
    status: 'completed',
    end_reason: 'agent_hung_up',
    call_sid: call.callSid,
    notes: [{ result: 'confirmed' }],
  })
  const said = record.transcript.flatMap(({ role, text }) => (role === 'tool' ? [] : [text]))
  expect(said).toEqual([
    'Is Thursday fine?',
    'Yes.',
    'All set.',
    'Sorry, the line dropped for a second.',
    'Which?',
    'Suite two.',
    'Sorry, the line dropped for a second.',
    'Bye!',
    'Goodbye!',
  ])
  const heard = said.filter((_, i) => [0, 2, 3, 5, 6, 8].includes(i)).join(' ')
  expect(call.heardText()).toBe(heard)
  // How long a process takes to start is the machine's affair; the person is spoken to soon after that.
  expect(longestQuietMs(call, killedAtMs) - longestStartMs).toBeLessThan(4000)
  expect(new Set(record.timings.map(({ reply }) => reply)).size).toBe(record.timings.length)
  expect(unexpected(simulator)).toEqual([])

  await expect.poll(() => receiver.types().filter((type) => type === 'call.ended')).toHaveLength(1)
  const sound = await fetch(`${second.url}/api/phone/calls/${callId}/recording.wav`)
  const bytes = Buffer.from(await sound.arrayBuffer())
  // Both processes have recorded into one file, and its head counts all of it.
  expect(bytes.readUInt32LE(54)).toBe(bytes.length - 58)
  expect(bytes.length / 16).toBeGreaterThan((call.heard.at(-1)?.endMs ?? 0) - 2500)
  expect(second.output()).not.toMatch(/"level":(50|60)/)
  second.child.kill('SIGTERM')
  expect(await second.exited).toBe(0)
}, 60_000)
