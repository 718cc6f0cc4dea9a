import { buildApp } from '../../../src/app.ts'
import { pricesFrom } from '../../../src/calls/prices.ts'
import type { CallSettings } from '../../../src/calls/call-settings.ts'
import { TwilioEdge } from '../../../src/providers/twilio/edge.ts'
import { TwilioTelephony } from '../../../src/providers/twilio/rest.ts'
import { MAX_SOCKET_MESSAGE_BYTES } from '../../../src/providers/twilio/stream-door.ts'
import type { Person } from '../../../src/simulator/scenario.ts'
import { startTwilio } from '../../../src/simulator/twilio.ts'
import { Violations } from '../../../src/simulator/violations.ts'
import { keepCalls } from '../../helpers/kept-calls.ts'
import { setUpCalls, spec } from '../../helpers/fake-calls.ts'
import { quiet } from '../../helpers/fake-ports.ts'
import { expect, it, onTestFinished } from '../../helpers/together.ts'
import { steadyClock } from '../../../src/simulator/steady-clock.ts'

/** Our side of Twilio against the simulated one: real requests, webhooks and sockets; only the conversation is a fake. */

const ACCOUNT = `AC${'1'.repeat(32)}`
const TOKEN = 'auth-token'
const HOST = 'calls.example.com'
const OWN = '+15005550006'
const TARGET = '+15557654321'

/** A call to this person that has its line, at ten times the speed of a real one. */
async function talking(person: Partial<Person> = {}, settings: Partial<CallSettings> = {}) {
  const clock = steadyClock(10)
  const violations = new Violations()
  let serverUrl = ''
  const twilio = await startTwilio({
    clock,
    violations,
    accountSid: ACCOUNT,
    authToken: TOKEN,
    publicHost: HOST,
    serverUrl: () => serverUrl,
    personAt: () => ({ answer: 'yes', ringMs: 50, does: [], ...person }),
  })
  const account = { accountSid: ACCOUNT, authToken: TOKEN, publicHost: HOST }
  const carrier = new TwilioTelephony({ ...account, phoneNumber: OWN, baseUrl: twilio.url }, clock)
  const world = setUpCalls({ clock, carrier, settings })
  const app = buildApp({
    calls: world.calls,
    history: keepCalls(world).history,
    prices: pricesFrom(undefined),
    webhooks: undefined,
    metrics: { contentType: 'text/plain', text: () => Promise.resolve('') },
    twilio: new TwilioEdge({ ...account, authTokens: [TOKEN], clock, log: quiet }),
    audit: world.audit,
    once: world.once,
    apiKeys: [],
    rateLimits: { perKey: 0, perAddress: 0 },
    maxSocketMessageBytes: MAX_SOCKET_MESSAGE_BYTES,
    log: quiet,
  })
  serverUrl = await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await world.calls.endAll()
    await twilio.close()
    await app.close()
  })
  const { callId } = await world.calls.place(spec)
  const conversation = world.conversations[0]!
  conversation.isPatient = true
  await expect.poll(() => conversation.line, { timeout: 10_000 }).toBeDefined()
  const record = () => world.calls.get(callId)
  const attached = () => conversation.did.filter((did) => did === 'attach').length
  const call = twilio.calls()[0]!
  return { ...world, carrier, call, violations, conversation, record, attached }
}

/** The person still hears us, and we hear them. */
async function hearEachOther({ conversation }: Awaited<ReturnType<typeof talking>>) {
  const before = conversation.heard.length
  conversation.line?.send(new Uint8Array(160))
  conversation.line?.mark('heard')
  await expect.poll(() => conversation.heard.slice(before)).toContain('mark heard')
  expect(conversation.heard.slice(before).some((heard) => heard.startsWith('audio'))).toBe(true)
}

it('keys reach the person, and the talk goes on over a new stream', async () => {
  const world = await talking()
  const { conversation, call, attached, violations, calls } = world
  const before = conversation.line
  await conversation.control.pressKeys('ww12#')
  await expect.poll(attached).toBe(2)
  expect(call.keysHeard).toBe('12#')
  expect(conversation.heard).toContain('closed stopped')
  expect(conversation.line).not.toBe(before)
  await hearEachOther(world)
  conversation.finish({ reason: 'agent_hung_up' })
  await calls.idle()
  await call.ended
  expect(violations.list).toEqual([])
})

it('a person who is handed over talks to the end, and is not cut off by us', async () => {
  const transfers = { [TARGET]: { status: 'completed', afterMs: 200, durationS: 4 } } as const
  const { conversation, call, calls, record, violations } = await talking({ transfers })
  await conversation.control.transfer(TARGET)
  await calls.idle()
  await call.ended
  expect(await record()).toMatchObject({ status: 'completed', endReason: 'transferred' })
  expect(call.transferredTo).toMatchObject([{ number: TARGET, status: 'completed', callerId: OWN }])
  expect(violations.list).toEqual([])
})

it.each(['busy', 'no-answer', 'failed'] as const)(
  'a person whose transfer comes to nothing (%s) is back with us',
  async (status) => {
    const transfers = { [TARGET]: { status, afterMs: 100 } }
    const world = await talking({ transfers }, { transferRingTimeoutS: 5 })
    const { conversation, attached, violations } = world
    await conversation.control.transfer(TARGET)
    await expect.poll(attached).toBe(2)
    expect(conversation.did).toContain(`transfer ${status.replace('-', '_')}`)
    await hearEachOther(world)
    expect(violations.list).toEqual([])
  },
)

it('a person who hangs up while they talk with somebody else ends the call', async () => {
  const transfers = { [TARGET]: { status: 'completed', afterMs: 100, durationS: 60 } } as const
  const does = [{ pause: 4000 }, { hangUp: true }] as const
  const { conversation, calls, record, call } = await talking({ transfers, does })
  await conversation.control.transfer(TARGET)
  await calls.idle()
  await call.ended
  // The simulated Twilio does not say any more what became of the transfer; see `TRANSFER_REPORT_MS`.
  expect(await record()).toMatchObject({ status: 'completed', endReason: 'caller_hung_up' })
  expect(call.transferredTo).toMatchObject([{ number: TARGET }])
})

it.each(['cutStream', 'freezeStream'] as const)('the talk goes on after %s', async (fault) => {
  const does = [{ pause: 500 }, { [fault]: true }] as Person['does']
  const world = await talking({ does })
  const { conversation, attached } = world
  await expect.poll(attached).toBe(2)
  expect(conversation.did).toContain('line lost')
  await hearEachOther(world)
})

it('machine detection tells what it has found while the talk goes on', async () => {
  const { conversation } = await talking(
    { amd: { answeredBy: 'machine_start', afterMs: 1000 } },
    { detectMachine: true },
  )
  await expect.poll(() => conversation.did).toContain('carrier heard machine_start')
})

it('nothing can be asked of a call that has ended', async () => {
  const { call, calls, carrier } = await talking({ does: [{ pause: 6000 }, { hangUp: true }] })
  await call.ended
  await calls.idle()
  const callOver = { code: 'call_over', vendorCode: '21220' }
  await expect(carrier.pressKeys(call.callSid, '1', 'token')).rejects.toMatchObject(callOver)
  await expect(
    carrier.transfer(call.callSid, { to: TARGET, ringTimeoutS: 5 }),
  ).rejects.toMatchObject(callOver)
  await carrier.hangUp(call.callSid)
})
