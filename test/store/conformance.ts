import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AuditEntry } from '../../src/calls/audit.ts'
import type { CallEvent } from '../../src/calls/call-events.ts'
import type { CallFilter, CallStore } from '../../src/calls/call-store.ts'
import type { CallRecord } from '../../src/calls/record.ts'
import type { Delivery } from '../../src/calls/webhooks/delivery.ts'
import {
  after,
  agentSays,
  call,
  callerSays,
  delivery,
  event,
  liveCall,
  NUMBER,
  outcome,
  START,
  turnEvent,
  without,
} from './kept-calls.ts'
import { anyCharacter, anyText } from '../helpers/any-text.ts'

const DAY_MS = 86_400_000
const OTHER_NUMBER = '+4930123456'

const idsOf = (calls: readonly { readonly callId: string }[]) => calls.map(({ callId }) => callId)
const seqsOf = (events: readonly CallEvent[]) => events.map(({ seq }) => seq)

/** What every store of calls does. `open` gives an empty one. */
export function describeStore(name: string, open: () => Promise<CallStore>): void {
  describe(name, () => {
    let store: CallStore
    beforeEach(async () => {
      store = await open()
    })
    afterEach(async () => {
      await store.close()
    })
    const using = () => store
    describe('records', () => {
      keepsRecords(using)
    })
    describe('lists', () => {
      lists(using)
    })
    describe('events', () => {
      keepsEvents(using)
    })
    describe('outcomes', () => {
      keepsOutcomes(using)
    })
    describe('deliveries', () => {
      keepsDeliveries(using)
    })
    describe('the do-not-call list', () => {
      keepsNumbers(using)
    })
    describe('the audit trail', () => {
      keepsAudit(using)
    })
    describe('idempotent requests', () => {
      takesRequestsOnce(using)
    })
    describe('what is to be forgotten', () => {
      forgets(using)
    })
  })
}

function keepsAudit(store: () => CallStore): void {
  const entry = (n: number, change: Partial<AuditEntry> = {}): AuditEntry => ({
    id: `audit_${n}`,
    at: after(n),
    type: 'dial.blocked',
    key: 'crm',
    phoneNumber: NUMBER,
    details: { rule: 'country', n },
    ...change,
  })
  const bare = (n: number): AuditEntry => ({ id: `audit_${n}`, at: after(n), type: 'opt_out' })

  it('tells what was noted, newest first, page by page and by kind', async () => {
    const entries = [entry(1), bare(2), entry(3, { callId: 'call_1', type: 'admin.action' })]
    for (const each of entries) await store().audit.add(each)
    expect(await store().audit.list({ limit: 5 })).toEqual({ entries: entries.toReversed() })
    const first = await store().audit.list({ limit: 2 })
    expect(first).toEqual({ entries: entries.slice(1).toReversed(), nextBefore: 'audit_2' })
    expect(await store().audit.list({ limit: 2, before: 'audit_2' })).toEqual({
      entries: [entries[0]],
    })
    const optOuts = await store().audit.list({ limit: 5, type: 'opt_out' })
    expect(optOuts.entries).toEqual([entries[1]])
  })

  it('forgets a number with all else about it, and everything in its time', async () => {
    await store().audit.add(entry(1))
    await store().audit.add(entry(2, { phoneNumber: OTHER_NUMBER }))
    await store().eraseNumber(NUMBER)
    const { entries } = await store().audit.list({ limit: 5 })
    expect(entries.map(({ phoneNumber }) => phoneNumber)).toEqual([OTHER_NUMBER, undefined])
    const days = { transcript: 0, metadata: 1 }
    await store().sweep({ now: after(DAY_MS + 1), days })
    expect(await store().audit.list({ limit: 5 })).toMatchObject({ entries: [{ id: 'audit_2' }] })
    await store().sweep({ now: after(DAY_MS + 2), days })
    expect(await store().audit.list({ limit: 5 })).toEqual({ entries: [] })
  })
}

function takesRequestsOnce(store: () => CallStore): void {
  const request = { owner: 'crm', key: 'k', fingerprint: 'f', callId: 'call_1', at: after(0) }
  const { owner, key, ...known } = request
  const long = after(-DAY_MS)

  it('gives a key to one request, until it is released', async () => {
    const again = { ...request, fingerprint: 'g', callId: 'call_2' }
    expect(await store().requests.reserve(request, long)).toBeUndefined()
    expect(await store().requests.reserve(again, long)).toEqual(known)
    expect(await store().requests.reserve({ ...again, owner: '' }, long)).toBeUndefined()
    await store().requests.release(request)
    expect(await store().requests.reserve(again, long)).toBeUndefined()
  })

  it('gives it to one of many that come at once', async () => {
    const asked = Array.from({ length: 8 }, (_, i) =>
      store().requests.reserve({ ...request, callId: `call_${i}` }, long),
    )
    const answers = await Promise.all(asked)
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1)
  })

  it('remembers the answer for a day', async () => {
    await store().requests.reserve(request, long)
    const answer = { status: 201, body: '{"text":"Grüße \\u0000"}' }
    await store().requests.complete({ owner, key }, answer)
    expect(await store().requests.reserve(request, long)).toEqual({ ...known, answer })
    expect(await store().requests.reserve(request, after(0))).toBeUndefined()
  })

  it('forgets it with its call', async () => {
    await store().save(call(0, { callId: 'call_1' }))
    await store().requests.reserve(request, long)
    await store().erase('call_1')
    expect(await store().requests.reserve(request, long)).toBeUndefined()
  })
}

function keepsRecords(store: () => CallStore): void {
  it('gives back exactly what was kept', async () => {
    const record = call(0, {
      spec: {
        phoneNumber: NUMBER,
        action: 'Say "hi" to O’Brien; DROP TABLE calls --',
        context: '北京 🙂 \u0000 \ud800',
        metadata: { 'a\u0000b': '\u0000', order: '42' },
        outcomeSchema: { type: 'object', properties: { ok: { type: 'boolean' } } },
      },
      turns: [
        agentSays('Hello', 0.25),
        callerSays('(pressed 1 #)', 900),
        {
          role: 'tool',
          id: 'toolu_1',
          name: 'lookup',
          input: { deep: [1, null, { x: 'y' }] },
          result: '{"a":1}',
          startMs: 1000,
          endMs: 1500,
        },
      ],
      failure: { by: 'twilio', code: 'stream_lost', message: 'gone' },
      answeredBy: 'voicemail',
      messageLeft: 'Please call back.',
      transferredTo: 'the front desk',
      owner: 'crm',
      optedOut: true,
    })
    await store().save(record)
    expect(await store().get(record.callId)).toEqual(record)
    expect(await store().get('call_none')).toBeUndefined()
  })

  it('gives back whatever JSON a call can hold', async () => {
    const text = anyText()
    const json = fc.jsonValue({ stringUnit: anyCharacter }).map((value) => {
      // JSON has no minus zero.
      const again: unknown = JSON.parse(JSON.stringify(value))
      return again
    })
    await fc.assert(
      fc.asyncProperty(text, json, fc.dictionary(text, text), async (said, input, metadata) => {
        const ms = fc.sample(fc.nat(1_000_000), 1)[0]!
        const tool = { role: 'tool', id: 'a', name: said, input, result: said } as const
        const record = call(ms, {
          spec: { phoneNumber: said, action: said, metadata },
          turns: [{ ...tool, startMs: 1, endMs: 2 }],
          notes: [{ result: said, details: input }],
        })
        await store().save(record)
        expect(await store().get(record.callId)).toEqual(record)
        // What is written behind may be listed a moment later.
        const found = async () =>
          idsOf((await store().list({ limit: 5000, phoneNumber: said, metadata })).records)
        await expect.poll(found, { timeout: 10_000 }).toContain(record.callId)
      }),
      { numRuns: 40 },
    )
  })

  it('replaces the record of a call', async () => {
    const live = liveCall(0)
    const over = call(0, { callId: live.callId, status: 'no_answer' })
    await store().save(live)
    await store().save(over)
    expect(await store().get(live.callId)).toEqual(over)
    expect((await store().list({ limit: 10 })).records).toEqual([over])
    expect((await store().list({ limit: 10, status: 'in_progress' })).records).toEqual([])
  })

  it('knows what was said in a call whose process was killed', async () => {
    const record = liveCall(0, { status: 'queued' })
    const queued = without(record, 'answeredAt')
    const { callId } = record
    const lookup = { role: 'tool', id: 't', name: 'lookup', input: {}, startMs: 1200 } as const
    await store().save(queued)
    const told: CallEvent[] = [
      event(callId, 1, { type: 'call.created', record: queued }),
      event(callId, 2, { type: 'call.answered' }),
      event(callId, 3, { type: 'call.status', status: 'in_progress' }),
      event(callId, 4, { type: 'call.answered_by', answeredBy: 'person' }),
      event(callId, 5, { type: 'turn', turn: { ...lookup, result: 'still running', endMs: 1200 } }),
      event(callId, 6, { type: 'turn', turn: callerSays('Who is it?', 900) }),
      event(callId, 7, { type: 'turn', turn: { ...lookup, result: '42', endMs: 1400 } }),
      event(callId, 8, { type: 'timings', timings: { reply: 1, kind: 'opening' } }),
      event(callId, 9, { type: 'timings', timings: { reply: 1, kind: 'opening', heardMs: 7 } }),
    ]
    for (const each of told) await store().appendEvent(each)
    const known = {
      ...queued,
      status: 'in_progress',
      answeredAt: after(2000),
      answeredBy: 'person',
      turns: [callerSays('Who is it?', 900), { ...lookup, result: '42', endMs: 1400 }],
      timings: [{ reply: 1, kind: 'opening', heardMs: 7 }],
    }
    expect(await store().get(callId)).toEqual(known)
    expect(await store().unfinished({ createdBefore: after(1), limit: 5 })).toEqual([
      { record: known, lastEvent: { seq: 9, at: after(9000) } },
    ])
  })

  it('tells which calls are not over, oldest first', async () => {
    const [a, b, c] = [liveCall(1), liveCall(2), liveCall(3)]
    for (const each of [call(0), a, b, c]) await store().save(each)
    const early = await store().unfinished({ createdBefore: after(3), limit: 5 })
    expect(early).toEqual([{ record: a }, { record: b }])
    expect(await store().unfinished({ createdBefore: after(9), limit: 1 })).toEqual([{ record: a }])
  })

  it('answers when it is asked whether it is there', async () => {
    await expect(store().ping()).resolves.toBeUndefined()
  })
}

function lists(store: () => CallStore): void {
  async function keep(count: number): Promise<CallRecord[]> {
    const calls = Array.from({ length: count }, (_, i) => call(i * 10))
    for (const each of calls) await store().save(each)
    return calls
  }

  it('lists the calls of one owner', async () => {
    const ours = call(1, { owner: 'crm' })
    for (const each of [call(0), ours, call(2, { owner: 'shop' })]) await store().save(each)
    const owned = () => store().list({ limit: 5, owner: 'crm' })
    await expect.poll(async () => (await owned()).records).toEqual([ours])
    expect((await store().list({ limit: 5, owner: '' })).records).toEqual([])
  })

  it('has every call on one page, newest first', async () => {
    const calls = await keep(7)
    const seen: string[] = []
    let before: string | undefined
    do {
      const page = await store().list({ limit: 3, before })
      seen.push(...idsOf(page.records))
      before = page.nextBefore
    } while (before !== undefined)
    expect(seen).toEqual(idsOf(calls).reverse())
  })

  it('has no further page when the last one is just full', async () => {
    await keep(3)
    expect(await store().list({ limit: 3 })).not.toHaveProperty('nextBefore')
  })

  it('goes on behind a call that was erased meanwhile', async () => {
    const calls = await keep(5)
    const { nextBefore } = await store().list({ limit: 2 })
    await store().erase(nextBefore!)
    const next = await store().list({ limit: 2, before: nextBefore })
    expect(idsOf(next.records)).toEqual([calls[2]!.callId, calls[1]!.callId])
  })

  it('finds calls by every condition, and by all of them together', async () => {
    const metadata = (order: string) => ({ order, shop: 'x' })
    const a = call(0, { spec: { phoneNumber: NUMBER, action: 'a', metadata: metadata('1') } })
    const b = call(1000, {
      status: 'busy',
      spec: { phoneNumber: OTHER_NUMBER, action: 'b', metadata: metadata('1') },
    })
    const c = call(2000, { spec: { phoneNumber: NUMBER, action: 'c', metadata: metadata('2') } })
    const d = call(3000, { spec: { phoneNumber: NUMBER, action: 'd' } })
    for (const each of [a, b, c, d]) await store().save(each)
    const found = async (filter: CallFilter) => {
      const { records } = await store().list({ limit: 10, ...filter })
      return records.map(({ spec }) => spec.action).join('')
    }
    expect(await found({})).toBe('dcba')
    expect(await found({ status: 'busy' })).toBe('b')
    expect(await found({ phoneNumber: NUMBER })).toBe('dca')
    expect(await found({ from: after(1000) })).toBe('dcb')
    expect(await found({ to: after(1000) })).toBe('a')
    expect(await found({ from: after(1000), to: after(3000) })).toBe('cb')
    expect(await found({ metadata: { order: '1' } })).toBe('ba')
    expect(await found({ metadata: { order: '1', shop: 'x' } })).toBe('ba')
    expect(await found({ metadata: { order: '1', shop: 'y' } })).toBe('')
    expect(await found({ metadata: { order: '1' }, phoneNumber: NUMBER, to: after(9) })).toBe('a')
    expect(await found({ status: 'failed' })).toBe('')
  })

  it('pages through what fits', async () => {
    const calls = await keep(6)
    for (const each of calls.slice(0, 3)) await store().save({ ...each, status: 'busy' })
    const first = await store().list({ limit: 2, status: 'busy' })
    expect(idsOf(first.records)).toEqual([calls[2]!.callId, calls[1]!.callId])
    const second = await store().list({ limit: 2, status: 'busy', before: first.nextBefore })
    expect(second).toMatchObject({ records: [{ callId: calls[0]!.callId }] })
    expect(second).not.toHaveProperty('nextBefore')
  })
}

function keepsEvents(store: () => CallStore): void {
  it('gives back every kind of event as it was', async () => {
    const record = call(0)
    const { callId } = record
    await store().save(record)
    const told: CallEvent[] = [
      event(callId, 1, { type: 'call.created', record }),
      event(callId, 2, { type: 'call.status', status: 'ringing' }),
      event(callId, 3, { type: 'call.answered' }),
      event(callId, 4, { type: 'call.answered_by', answeredBy: 'ivr' }),
      turnEvent(callId, 5, 'Grüße 🙂 \u0000'),
      event(callId, 6, { type: 'timings', timings: { reply: 2, kind: 'answer', heardMs: 1.5 } }),
      event(callId, 7, {
        type: 'call.ended',
        status: 'failed',
        endReason: 'failed',
        failure: { by: 'parley', code: 'internal', message: 'x' },
      }),
      event(callId, 8, { type: 'call.outcome', outcome }),
    ]
    for (const each of told) await store().appendEvent(each)
    expect(await store().events(callId)).toEqual(told)
    expect(await store().events(callId, { after: 6 })).toEqual(told.slice(6))
    expect(await store().events(callId, { after: 2, limit: 3 })).toEqual(told.slice(2, 5))
    expect(await store().events(callId, { after: 8 })).toEqual([])
    expect(await store().events('call_none')).toEqual([])
  })

  it('keeps an event once, and none of a call that is not kept', async () => {
    const record = call(0)
    const { callId } = record
    await store().save(record)
    const first = turnEvent(callId, 1, 'the first')
    await store().appendEvent(first)
    await store().appendEvent({ ...first })
    await store().appendEvent(turnEvent(callId, 1, 'an impostor'))
    await store().appendEvent(turnEvent('call_none', 1))
    expect(await store().events(callId)).toEqual([first])
    expect(await store().allEvents({ limit: 10 })).toEqual([first])
  })

  it('tells the events of all calls in the order in which they happened', async () => {
    const [a, b] = [call(0), call(1)]
    await store().save(a)
    await store().save(b)
    const told = [
      turnEvent(a.callId, 1),
      turnEvent(b.callId, 1),
      turnEvent(b.callId, 2),
      turnEvent(a.callId, 2),
      turnEvent(b.callId, 3),
    ]
    for (const each of told.toReversed()) await store().appendEvent(each)
    expect(await store().allEvents({ limit: 10 })).toEqual(told)
    const first = await store().allEvents({ limit: 2 })
    const rest = await store().allEvents({ limit: 10, after: first.at(-1)!.order })
    expect([...first, ...rest]).toEqual(told)
  })
}

function keepsOutcomes(store: () => CallStore): void {
  it('keeps the latest outcome of a call', async () => {
    const record = call(0)
    await store().save(record)
    expect(await store().outcome(record.callId)).toBeUndefined()
    await store().saveOutcome(record.callId, { ...outcome, summary: 'no' })
    await store().saveOutcome(record.callId, outcome)
    expect(await store().outcome(record.callId)).toEqual(outcome)
  })

  it('keeps none of a call that was erased', async () => {
    await store().saveOutcome('call_none', outcome)
    expect(await store().outcome('call_none')).toBeUndefined()
  })

  it('tells what is still to be found out, first that which ended first', async () => {
    const early = call(0)
    const late = call(10, { endedAt: after(70_000) })
    const later = call(20, { endedAt: after(80_000) })
    const done = call(30, { endedAt: after(75_000) })
    for (const each of [later, done, late, early, liveCall(40)]) await store().save(each)
    await store().saveOutcome(done.callId, outcome)
    await store().appendEvent(turnEvent(late.callId, 1))
    await store().appendEvent(turnEvent(late.callId, 4))
    const pending = await store().pendingOutcomes({ endedAfter: after(60_000), limit: 5 })
    expect(pending).toEqual([
      { record: late, lastSeq: 4 },
      { record: later, lastSeq: 0 },
    ])
    expect(await store().pendingOutcomes({ endedAfter: START, limit: 1 })).toEqual([
      { record: early, lastSeq: 0 },
    ])
  })
}

function keepsDeliveries(store: () => CallStore): void {
  let record: CallRecord
  beforeEach(async () => {
    record = call(0)
    await store().save(record)
  })
  const idsIn = (deliveries: readonly Delivery[]) => deliveries.map(({ id }) => id)
  const claim = (nowMs: number, limit = 10) =>
    store().claimDueDeliveries({ now: after(nowMs), leaseUntil: after(nowMs + 60_000), limit })

  it('gives them back as they were, in the order of adding', async () => {
    const all: Delivery[] = [
      delivery(record.callId, { createdAt: after(5) }),
      delivery(record.callId, {
        type: 'call.outcome',
        state: 'dead',
        attempts: 10,
        lastAttemptAt: after(9),
        lastStatus: 503,
        lastError: 'answered 503',
      }),
      delivery(record.callId),
    ]
    for (const each of all) await store().addDelivery(each)
    await store().addDelivery({ ...all[0]!, payload: 'another' })
    await store().addDelivery(delivery('call_none', { id: 'msg_of_none' }))
    expect(await store().deliveriesOf(record.callId)).toEqual(all)
    expect(await store().delivery(all[1]!.id)).toEqual(all[1])
    expect(await store().delivery('msg_of_none')).toBeUndefined()
  })

  it('hands out what is due, longest due first, and to one worker only', async () => {
    const due = (ms: number) => delivery(record.callId, { nextAttemptAt: after(ms) })
    const [late, early, second, third, future] = [due(50), due(10), due(20), due(20), due(900)]
    const dead = delivery(record.callId, { state: 'dead', nextAttemptAt: after(1) })
    for (const each of [late, early, second, third, future, dead]) await store().addDelivery(each)
    expect(await store().nextDeliveryDue()).toEqual(after(10))
    const first = await claim(100, 3)
    expect(idsIn(first)).toEqual(idsIn([early, second, third]))
    expect(first[0]).toEqual({ ...early, nextAttemptAt: after(60_100) })
    expect(idsIn(await claim(100))).toEqual([late.id])
    expect(await claim(100)).toEqual([])
    // Who has taken them never came back.
    expect(idsIn(await claim(60_100))).toEqual(idsIn([future, late, early, second, third]))
  })

  it('hands out each one once to many workers at the same time', async () => {
    const all = Array.from({ length: 12 }, () => delivery(record.callId))
    for (const each of all) await store().addDelivery(each)
    const claimed = await Promise.all(Array.from({ length: 6 }, () => claim(0, 4)))
    expect(idsIn(claimed.flat()).sort()).toEqual(idsIn(all).sort())
  })

  it('keeps how far a delivery has come', async () => {
    const added = without(delivery(record.callId), 'nextAttemptAt')
    await store().addDelivery({ ...added, nextAttemptAt: after(1) })
    const delivered: Delivery = {
      ...added,
      state: 'delivered',
      attempts: 2,
      lastAttemptAt: after(7),
      lastStatus: 204,
    }
    await store().updateDelivery(delivered)
    expect(await store().delivery(added.id)).toEqual(delivered)
    expect(await store().nextDeliveryDue()).toBeUndefined()
    const unknown = delivery(record.callId)
    await store().updateDelivery(unknown)
    expect(await store().delivery(unknown.id)).toBeUndefined()
  })
}

function keepsNumbers(store: () => CallStore): void {
  it('keeps who does not want to be called, as it was entered first', async () => {
    const list = store().doNotCall
    expect(await list.has(NUMBER)).toBe(false)
    const entry = await list.add(NUMBER, { callId: 'call_1' })
    expect(entry).toMatchObject({ phoneNumber: NUMBER, callId: 'call_1' })
    expect(await list.add(NUMBER, {})).toEqual(entry)
    expect(await list.has(NUMBER)).toBe(true)
    expect(await list.add(OTHER_NUMBER, {})).not.toHaveProperty('callId')
    expect(await list.remove(NUMBER)).toBe(true)
    expect(await list.remove(NUMBER)).toBe(false)
    expect(await list.has(NUMBER)).toBe(false)
    expect(await list.has(OTHER_NUMBER)).toBe(true)
  })

  it('lists the numbers page by page', async () => {
    const list = store().doNotCall
    const numbers = ['+19', '+1', '+49', '+2', '+150'].map((start) => start.padEnd(10, '0'))
    for (const number of numbers) await list.add(number, {})
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await list.list({ limit: 2, ...(after !== undefined && { after }) })
      seen.push(...page.entries.map(({ phoneNumber }) => phoneNumber))
      after = page.nextAfter
    } while (after !== undefined)
    // Each once; where numbers are sealed, nobody can sort them.
    expect(seen.sort()).toEqual(numbers.sort())
  })
}

function forgets(store: () => CallStore): void {
  async function keepWhole(record: CallRecord): Promise<CallRecord> {
    const { callId } = record
    await store().save(record)
    await store().appendEvent(event(callId, 1, { type: 'call.created', record }))
    await store().appendEvent(turnEvent(callId, 2))
    await store().appendEvent(event(callId, 3, { type: 'call.outcome', outcome }))
    await store().saveOutcome(callId, outcome)
    await store().addDelivery(delivery(callId, { state: 'delivered' }))
    return record
  }

  async function leftOf(callId: string) {
    return {
      record: await store().get(callId),
      events: seqsOf(await store().events(callId)),
      outcome: await store().outcome(callId),
      deliveries: (await store().deliveriesOf(callId)).length,
    }
  }
  const nothing = { record: undefined, events: [], outcome: undefined, deliveries: 0 }

  it('leaves nothing of a call that is erased, and everything of the others', async () => {
    const metadata = { order: '1' }
    const spec = { phoneNumber: NUMBER, action: 'a', metadata }
    const gone = await keepWhole(call(0, { spec }))
    const stays = await keepWhole(call(1, { spec }))
    expect(await store().erase(gone.callId)).toBe(true)
    expect(await store().erase(gone.callId)).toBe(false)
    expect(await leftOf(gone.callId)).toEqual(nothing)
    expect(await leftOf(stays.callId)).toEqual({
      record: stays,
      events: [1, 2, 3],
      outcome,
      deliveries: 1,
    })
    expect(idsOf((await store().list({ limit: 9, metadata })).records)).toEqual([stays.callId])
    expect(idsOf(await store().allEvents({ limit: 9 }))).not.toContain(gone.callId)
    // What was on its way when the call was erased does not come back.
    await store().appendEvent(turnEvent(gone.callId, 4))
    await store().saveOutcome(gone.callId, outcome)
    await store().addDelivery(delivery(gone.callId))
    expect(await leftOf(gone.callId)).toEqual(nothing)
  })

  it('erases every call with a number that is over, and keeps the number from being called', async () => {
    const calls = []
    for (let i = 0; i < 45; i++) calls.push(await keepWhole(call(i)))
    const live = await keepWhole(liveCall(50))
    const other = await keepWhole(call(51, { spec: { phoneNumber: OTHER_NUMBER, action: 'x' } }))
    await store().doNotCall.add(NUMBER, { callId: calls[0]!.callId })
    const erased = await store().eraseNumber(NUMBER)
    expect([...erased].sort()).toEqual(idsOf(calls).sort())
    for (const { callId } of calls.slice(0, 3)) expect(await leftOf(callId)).toEqual(nothing)
    expect(idsOf((await store().list({ limit: 99 })).records)).toEqual(idsOf([other, live]))
    expect(await store().doNotCall.has(NUMBER)).toBe(true)
    expect(await store().eraseNumber(NUMBER)).toEqual([])
  })

  it('exports all that is known of a number', async () => {
    const first = await keepWhole(call(0))
    const second = await keepWhole(liveCall(1))
    await keepWhole(call(2, { spec: { phoneNumber: OTHER_NUMBER, action: 'x' } }))
    const entry = await store().doNotCall.add(NUMBER, {})
    const known = await store().exportNumber(NUMBER)
    expect(known).toMatchObject({ phoneNumber: NUMBER, doNotCall: entry })
    expect(idsOf(known.calls.map(({ record }) => record))).toEqual(idsOf([first, second]))
    expect(known.calls[0]).toEqual({
      record: first,
      events: await store().events(first.callId),
      outcome,
      deliveries: await store().deliveriesOf(first.callId),
    })
    expect(known.calls[1]!.record.turns).toEqual([callerSays('turn 2', 2000)])
    expect(await store().exportNumber('+1999999999')).toEqual({
      phoneNumber: '+1999999999',
      calls: [],
    })
  })

  it('forgets transcripts first and calls later, and what goes on never', async () => {
    const at = (daysAgo: number) => -daysAgo * DAY_MS
    const over = (daysAgo: number) =>
      keepWhole(call(at(daysAgo), { endedAt: after(at(daysAgo)), messageLeft: 'Call back.' }))
    const [old, middle, fresh] = [await over(400), await over(100), await over(10)]
    const live = await keepWhole(liveCall(at(500)))
    const days = { transcript: 90, metadata: 365 }
    const unsent = delivery(middle.callId)
    await store().addDelivery(unsent)
    expect(await store().sweep({ now: START, days })).toEqual({
      transcripts: [middle.callId],
      erased: [old.callId],
    })
    expect(await leftOf(old.callId)).toEqual(nothing)
    const rest = without(middle, 'messageLeft')
    expect(await leftOf(middle.callId)).toEqual({
      record: { ...rest, turns: [], notes: [] },
      events: [1],
      outcome: undefined,
      deliveries: 1,
    })
    expect(await store().pendingOutcomes({ endedAfter: after(at(200)), limit: 9 })).toEqual([])
    expect(await leftOf(fresh.callId)).toMatchObject({ record: fresh, events: [1, 2, 3] })
    expect((await leftOf(live.callId)).record).toMatchObject({ callId: live.callId })
    // A second time there is nothing left to do.
    expect(await store().sweep({ now: START, days })).toEqual({ transcripts: [], erased: [] })
  })

  it('keeps everything for ever when days are 0', async () => {
    const old = await keepWhole(call(-5000 * DAY_MS, { endedAt: after(-5000 * DAY_MS) }))
    const days = { transcript: 0, metadata: 0 }
    expect(await store().sweep({ now: START, days })).toEqual({ transcripts: [], erased: [] })
    expect(await leftOf(old.callId)).toMatchObject({ record: old, events: [1, 2, 3] })
  })

  it('forgets many calls at once', async () => {
    for (let i = 0; i < 45; i++) await store().save(call(i))
    const now = after(400 * DAY_MS)
    const { transcripts } = await store().sweep({ now, days: { transcript: 9, metadata: 0 } })
    expect(transcripts).toHaveLength(45)
    const { erased } = await store().sweep({ now, days: { transcript: 9, metadata: 99 } })
    expect(erased).toHaveLength(45)
    expect((await store().list({ limit: 9 })).records).toEqual([])
  })
}
