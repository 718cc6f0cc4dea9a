import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { CallStatus } from '../../../src/calls/call-status.ts'
import type { CallRecord } from '../../../src/calls/record.ts'
import { CallRecovery } from '../../../src/calls/recovery/call-recovery.ts'
import type { BookedCall, CarrierBook } from '../../../src/calls/recovery/carrier-book.ts'
import { InterruptedCalls } from '../../../src/calls/recovery/interrupted-calls.ts'
import { PhoneCalls } from '../../../src/calls/phone-calls.ts'
import { type Clock, scaledClock } from '../../../src/clock.ts'
import { ProviderError } from '../../../src/errors.ts'
import { STILL_RUNNING, type Turn } from '../../../src/pipeline/transcript.ts'
import { FakeConversation, settings, setUpCalls } from '../../helpers/fake-calls.ts'
import { FakeLine, quiet } from '../../helpers/fake-ports.ts'
import { SteppingClock } from '../../helpers/stepping-clock.ts'
import { agentSays, callerSays, event, liveCall, without } from '../../store/kept-calls.ts'

/** What the carrier has on its books, as the test says. */
class FakeBook implements CarrierBook {
  readonly booked = new Map<string, BookedCall>()
  readonly did: string[] = []
  error: Error | undefined

  has(callSid: string, status: CallStatus, more: Partial<BookedCall> = {}): this {
    this.booked.set(callSid, { callSid, status, ...more })
    return this
  }

  look(callSid: string): Promise<BookedCall | undefined> {
    this.did.push(`look ${callSid}`)
    return this.error ? Promise.reject(this.error) : Promise.resolve(this.booked.get(callSid))
  }

  dialled(to: string): Promise<readonly BookedCall[]> {
    this.did.push(`dialled ${to}`)
    return Promise.resolve(Array.from(this.booked.values()))
  }

  reconnect(callSid: string, token: string): Promise<void> {
    this.did.push(`reconnect ${callSid} ${token === '' ? '' : 'token'}`)
    return this.error ? Promise.reject(this.error) : Promise.resolve()
  }
}

const ago = (ms: number) => new Date(Date.now() - ms)

/** A call that goes on, answered ten seconds ago. */
function open(change: Partial<CallRecord> = {}): CallRecord {
  return liveCall(0, { createdAt: ago(15_000), answeredAt: ago(10_000), callSid: 'CA7', ...change })
}

function ringing(change: Partial<CallRecord> = {}): CallRecord {
  return without(open({ status: 'queued', ...change }), 'answeredAt')
}

/** A process that starts, and what an earlier one has left in its store. */
async function restart(
  record: CallRecord,
  {
    turns = [],
    book = new FakeBook(),
    clock = scaledClock(1),
  }: { turns?: readonly Turn[]; book?: FakeBook; clock?: Clock } = {},
) {
  const world = setUpCalls()
  const { store, events, doNotCall, guard, audit } = world
  await store.save(record)
  await store.appendEvent(event(record.callId, 1, { type: 'call.created', record }))
  for (const [i, turn] of turns.entries()) {
    await store.appendEvent(event(record.callId, i + 2, { type: 'turn', turn }))
  }
  const told: string[] = []
  events.subscribe(({ type, seq }) => told.push(`${seq ?? '-'} ${type}`))
  const interrupted = await InterruptedCalls.load(store, { createdBefore: new Date() })
  const conversations: FakeConversation[] = []
  const { telephony } = world
  const calls = new PhoneCalls({
    ...{
      settings,
      telephony,
      store,
      events,
      doNotCall,
      guard,
      audit,
      clock,
      log: quiet,
      interrupted,
      book,
    },
    createSession: (plan, _log, control) => {
      const conversation = new FakeConversation(plan, control)
      // As a conversation does that another process has carried so far.
      conversation.expectsLine = plan.past !== undefined
      conversations.push(conversation)
      return conversation
    },
  })
  const recovery = new CallRecovery({
    ...{ interrupted, carrier: book, calls, store, events, clock, log: quiet },
  })
  onTestFinished(async () => {
    await recovery.close()
    await calls.endAll()
  })
  await recovery.restore()
  return { ...world, calls, conversations, told, book, recovery, interrupted }
}

const wordsSoFar = [
  agentSays('Hello, this is Alex.', 100),
  callerSays('Who?', 2000),
  {
    role: 'tool',
    id: 't1',
    name: 'record_outcome',
    input: { result: 'asked who it is' },
    result: 'noted',
    startMs: 2600,
    endMs: 2600,
  },
  {
    role: 'tool',
    id: 't2',
    name: 'switch_language',
    input: { language: 'de' },
    result: 'done: speak this language from now on',
    startMs: 2700,
    endMs: 2700,
  },
] satisfies Turn[]

const handOver: Turn = {
  role: 'tool',
  id: 't3',
  name: 'transfer_call',
  input: { to: 'the office' },
  result: STILL_RUNNING,
  startMs: 3000,
  endMs: 3000,
}

describe('the carrier comes back before we ask', () => {
  it('and the agent goes on with all that was said, known and used up', async () => {
    const { calls, conversations, told, telephony } = await restart(open(), { turns: wordsSoFar })
    const answer = calls.answered({ callSid: 'CA7', from: '', direction: 'outbound' })
    if (!('token' in answer)) throw new Error('refused')
    const [conversation] = conversations
    expect(conversation?.plan.past).toMatchObject({
      turns: wordsSoFar,
      facts: { notes: [{ result: 'asked who it is' }], optedOut: false },
    })
    expect(conversation?.plan.past?.elapsedMs).toBeGreaterThanOrEqual(10_000)
    expect(conversation?.plan.brief.language).toBe('de')
    expect(conversation?.did).toEqual(['start', 'answered'])
    expect(told).toEqual(['6 call.resumed'])
    expect(telephony.dialled).toEqual([])
    // What was asked twice is answered twice, by the same conversation.
    expect(calls.answered({ callSid: 'CA7', from: '', direction: 'outbound' })).toHaveProperty(
      'token',
    )
    const line = new FakeLine()
    expect(calls.attachStream({ callSid: 'CA7', token: answer.token }, line)).toBeDefined()
    expect(conversations).toHaveLength(1)
  })

  it('to ask what comes after the stream that has died', async () => {
    const { calls } = await restart(open())
    expect(calls.streamEnded({ callSid: 'CA7', status: 'in_progress' })).toBeDefined()
    expect(calls.load.active).toBe(1)
  })

  it('and an inbound caller is not taken for a new one', async () => {
    const record = open({ direction: 'inbound' })
    const { calls, conversations } = await restart(record)
    calls.answered({ callSid: 'CA7', from: '+15550001111', direction: 'inbound' })
    expect(conversations.map(({ plan }) => plan.callId)).toEqual([record.callId])
  })

  it('with an id that had not been told before the process died', async () => {
    const record = without(ringing(), 'callSid')
    const { calls, conversations } = await restart(record)
    const { callId } = record
    expect(
      calls.answered({ callId, callSid: 'CA9', from: '', direction: 'outbound' }),
    ).toHaveProperty('token')
    expect(conversations[0]?.did).toEqual(['start', 'answered'])
    expect((await calls.get(callId)).callSid).toBe('CA9')
  })

  it('from the talk that the person was handed over to', async () => {
    const { calls, conversations } = await restart(open(), { turns: [...wordsSoFar, handOver] })
    const token = calls.transferEnded({ callSid: 'CA7', status: 'in_progress', outcome: 'busy' })
    expect(token).toBeDefined()
    expect(conversations[0]?.did).toEqual(['start', 'answered', 'transfer busy'])
  })

  it('and a call that the user ends meanwhile is hung up', async () => {
    const record = open()
    const { calls, telephony } = await restart(record)
    await calls.hangUp(record.callId)
    await calls.idle()
    expect(telephony.did).toEqual(['hang up CA7'])
  })
})

describe('the carrier is asked about a call', () => {
  it('and one that goes on is fetched, once', async () => {
    const book = new FakeBook().has('CA7', 'in_progress')
    const { recovery, conversations, calls } = await restart(open(), { turns: wordsSoFar, book })
    recovery.start()
    await vi.waitFor(() => {
      expect(book.did).toEqual(['look CA7', 'reconnect CA7 token'])
    })
    expect(conversations[0]?.did).toEqual(['start', 'answered'])
    expect(calls.load.active).toBe(1)
  })

  it('and one that was answered while nobody was there begins', async () => {
    const book = new FakeBook().has('CA7', 'in_progress')
    const { recovery, conversations } = await restart(ringing(), { book })
    recovery.start()
    await vi.waitFor(() => {
      expect(book.did).toEqual(['look CA7', 'reconnect CA7 token'])
    })
    expect(conversations[0]?.did).toEqual(['start', 'answered'])
  })

  it('and one that still rings is waited for', async () => {
    const book = new FakeBook().has('CA7', 'ringing')
    const { recovery, calls, conversations } = await restart(ringing(), { book })
    recovery.start()
    await vi.waitFor(() => {
      expect(calls.load.active).toBe(1)
    })
    expect(book.did).toEqual(['look CA7'])
    expect(conversations[0]?.did).toEqual(['start'])
  })

  it('and a person who talks with somebody else is left alone', async () => {
    const book = new FakeBook().has('CA7', 'in_progress')
    const { recovery, calls } = await restart(open(), { turns: [handOver], book })
    recovery.start()
    await vi.waitFor(() => {
      expect(calls.load.active).toBe(1)
    })
    expect(book.did).toEqual(['look CA7'])
  })

  it('and one that is over is closed with all that is known, and the person is not called again', async () => {
    const optOut: Turn = {
      role: 'tool',
      name: 'do_not_call_again',
      id: 't9',
      startMs: 2800,
      endMs: 2800,
      input: {},
      result: 'noted: this number will not be called again. Tell the person so, and say goodbye.',
    }
    const endedAt = ago(3000)
    const book = new FakeBook().has('CA7', 'completed', { endedAt })
    const record = open()
    const { recovery, store, told, doNotCall, calls } = await restart(record, {
      turns: [...wordsSoFar, optOut],
      book,
    })
    recovery.start()
    await vi.waitFor(async () => {
      expect(await store.get(record.callId)).toMatchObject({
        status: 'failed',
        endReason: 'failed',
        failure: { by: 'parley', code: 'interrupted' },
        endedAt,
        optedOut: true,
        notes: [{ result: 'asked who it is' }],
        turns: [...wordsSoFar, optOut],
      })
    })
    expect(told).toEqual(['7 call.ended'])
    await vi.waitFor(() => {
      expect(doNotCall.has(record.spec.phoneNumber)).toBe(true)
    })
    expect(calls.load.active).toBe(0)
  })

  it.each(['no_answer', 'busy', 'canceled'] as const)(
    'and one that ended as %s did so',
    async (status) => {
      const book = new FakeBook().has('CA7', status)
      const record = ringing()
      const { recovery, store } = await restart(record, { book })
      recovery.start()
      await vi.waitFor(async () => {
        expect(await store.get(record.callId)).toMatchObject({ status, endReason: 'not_answered' })
      })
      expect(await store.get(record.callId)).not.toHaveProperty('failure')
    },
  )

  it('again, when it could not be asked', async () => {
    const book = new FakeBook()
    book.error = new ProviderError('down', { provider: 'twilio', code: 'unavailable' })
    const { recovery, interrupted, calls } = await restart(open(), { book })
    recovery.start()
    await vi.waitFor(() => {
      expect(book.did).toEqual(['look CA7'])
    })
    expect(interrupted.all).toHaveLength(1)
    book.error = undefined
    book.has('CA7', 'in_progress')
    await vi.waitFor(
      () => {
        expect(calls.load.active).toBe(1)
      },
      { timeout: 5000 },
    )
  })
})

describe('a number of which nobody knows whether it was dialled', () => {
  it('was, says the carrier: it is not dialled again', async () => {
    const record = without(ringing(), 'callSid')
    const book = new FakeBook()
      .has('CA_ours', 'in_progress', { createdAt: ago(13_000) })
      .has('CA_other', 'in_progress', { createdAt: ago(14_000) })
      .has('CA_old', 'completed', { createdAt: ago(3_600_000) })
    const world = await restart(record, { book })
    // Another call with the same number, whose id is known.
    const other = liveCall(1, { callSid: 'CA_other', createdAt: ago(20_000), status: 'completed' })
    await world.store.save(other)
    world.recovery.start()
    await vi.waitFor(() => {
      expect(book.did).toContain('reconnect CA_ours token')
    })
    expect((await world.calls.get(record.callId)).callSid).toBe('CA_ours')
    expect(world.telephony.dialled).toEqual([])
  })

  it('could be one of two calls: nobody who talks with somebody else is taken out of their call', async () => {
    const record = without(ringing(), 'callSid')
    const book = new FakeBook()
      .has('CA1', 'in_progress', { createdAt: ago(13_000) })
      .has('CA2', 'in_progress', { createdAt: ago(14_000) })
    const { recovery, interrupted } = await restart(record, { book })
    recovery.start()
    await vi.waitFor(() => {
      expect(book.did).toHaveLength(1)
    })
    expect(interrupted.has(record.callId)).toBe(true)
  })

  it('was not, and rings after all: the phone is taken back', async () => {
    const record = without(ringing({ createdAt: ago(61_000) }), 'callSid')
    const { recovery, interrupted, calls, telephony } = await restart(record)
    recovery.start()
    await vi.waitFor(() => {
      expect(interrupted.all).toEqual([])
    })
    await vi.waitFor(() => {
      calls.statusChanged({ callId: record.callId, callSid: 'CA8', status: 'ringing' })
      expect(telephony.did).toEqual(['hang up CA8'])
    })
  })

  it('may have been a moment ago: that is waited for', async () => {
    const record = without(ringing(), 'callSid')
    const { recovery, interrupted, book } = await restart(record)
    recovery.start()
    await vi.waitFor(() => {
      expect(book.did).toHaveLength(1)
    })
    expect(interrupted.has(record.callId)).toBe(true)
  })

  it('was not: the record says so', async () => {
    const record = without(ringing({ createdAt: ago(61_000) }), 'callSid')
    const { recovery, store, telephony } = await restart(record)
    recovery.start()
    await vi.waitFor(async () => {
      expect(await store.get(record.callId)).toMatchObject({
        status: 'failed',
        failure: {
          code: 'interrupted',
          message: expect.stringContaining('not dialled again') as string,
        },
      })
    })
    expect(telephony.dialled).toEqual([])
  })
})

describe('a call that was registered', () => {
  it('is waited for as before', async () => {
    const record = without(open({ status: 'registered' }), 'answeredAt', 'callSid')
    const { calls, conversations } = await restart(record)
    const { callId } = record
    expect(
      calls.answered({ callId, callSid: 'CA5', from: '', direction: 'outbound' }),
    ).toHaveProperty('token')
    expect(conversations[0]?.plan.past).toBeUndefined()
  })

  it('is called off when its time ran out meanwhile', async () => {
    const record = open({ status: 'registered', createdAt: ago(3_700_000) })
    const { store } = await restart(record)
    expect(await store.get(record.callId)).toMatchObject({
      status: 'canceled',
      endReason: 'expired',
    })
  })
})

it('a call that a service carries by itself is nothing that our carrier is asked about', async () => {
  const record = open()
  const book = new FakeBook().has('CA7', 'in_progress')
  const inCloud = { ...record, spec: { ...record.spec, backend: 'atoms' as const } }
  const { recovery, store, calls } = await restart(inCloud, { book })
  recovery.start()
  // This process has no account there.
  expect(await store.get(record.callId)).toMatchObject({
    status: 'failed',
    failure: { code: 'interrupted' },
  })
  expect(book.did).toEqual([])
  expect(calls.load.active).toBe(0)
})

it('calls of another process that is gone are dealt with as well, while one of our own is still looked for', async () => {
  const own = open()
  const book = new FakeBook().has('CA8', 'in_progress')
  const look = book.look.bind(book)
  book.look = async (callSid) => {
    const booked = await look(callSid)
    if (callSid !== own.callSid) return booked
    throw new ProviderError('away', { provider: 'twilio', code: 'unavailable' })
  }
  const clock = new SteppingClock()
  const { recovery, conversations } = await restart(own, { book, clock })
  const looks = () => book.did.filter((what) => what === 'look CA7').length
  const settled = () => new Promise(setImmediate)
  recovery.start()
  await settled()
  const record = open({ callId: 'call_theirs', callSid: 'CA8' })
  const registered = open({ callId: 'call_due', status: 'registered', createdAt: ago(9_999_000) })
  await recovery.takeUp([{ record }, { record: registered }])
  await expect.poll(() => book.did).toContain('reconnect CA8 token')
  expect(conversations.map(({ plan }) => plan.callId)).toContain('call_theirs')
  expect(looks()).toBe(2)
  // There is one round at a time, as before.
  clock.advance(1000)
  await settled()
  expect(looks()).toBe(3)
})
