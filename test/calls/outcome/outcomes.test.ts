import { setImmediate } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type CallEvent, CallEvents, type PassingEvent } from '../../../src/calls/call-events.ts'
import { MemoryCallStore } from '../../../src/calls/call-store.ts'
import { Outcomes } from '../../../src/calls/outcome/outcomes.ts'
import type { CallOutcome } from '../../../src/calls/outcome/outcome.ts'
import { type CallRecord, newRecord } from '../../../src/calls/record.ts'
import { ProviderError } from '../../../src/errors.ts'
import type { Form } from '../../../src/pipeline/form.ts'
import { quiet } from '../../helpers/fake-ports.ts'
import { SteppingClock } from '../../helpers/stepping-clock.ts'
import { endedCall } from './ended-call.ts'

const overloaded = new ProviderError('overloaded', {
  provider: 'anthropic',
  code: 'unavailable',
  vendorCode: '529',
})
const noKey = new ProviderError('no key', { provider: 'anthropic', code: 'auth' })

/** Lets everything that is ready to run, run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await setImmediate()
}

/** A store that fails when it is told to. */
class Store extends MemoryCallStore {
  failures = 0

  override saveOutcome(callId: string, outcome: CallOutcome): Promise<void> {
    if (this.failures-- > 0) return Promise.reject(new Error('the disk is full'))
    return super.saveOutcome(callId, outcome)
  }
}

function setUp(options: { store?: Store; clock?: SteppingClock } = {}) {
  const clock = options.clock ?? new SteppingClock('2030-05-01T13:00:00.000Z')
  const store = options.store ?? new Store({ clock })
  const events = new CallEvents(clock, (error) => {
    throw error
  })
  const seen: (CallEvent | PassingEvent)[] = []
  events.subscribe((event) => seen.push(event))
  const asked: Form[] = []
  let answer = (): Promise<unknown> =>
    Promise.resolve({ summary: 'They come. All is well.', disposition: 'completed' })
  const outcomes = new Outcomes({
    events,
    records: {
      get: async (callId) => {
        const record = await store.get(callId)
        if (!record) throw new Error('no such call')
        return record
      },
    },
    jobs: store,
    filler: {
      fill: (form) => {
        asked.push(form)
        return answer()
      },
    },
    clock,
    log: quiet,
  })
  onTestFinished(async () => {
    await outcomes.close()
    expect(clock.pending).toBe(0)
  })
  const end = async (record: CallRecord) => {
    await store.save(record)
    publish(record)
  }
  const publish = (record: CallRecord) => {
    const { callId, status, endReason = 'agent_hung_up' } = record
    events.publish(callId, { type: 'call.created', record })
    events.publish(callId, { type: 'call.ended', status, endReason })
  }
  const told = () => seen.filter((event) => event.type === 'call.outcome')
  return {
    clock,
    store,
    outcomes,
    asked,
    end,
    publish,
    told,
    answers: (next: () => Promise<unknown>) => (answer = next),
  }
}

describe('the outcome of a call', () => {
  it('is found out once the call is over, kept, and told as its last event', async () => {
    const { end, told, store, outcomes } = setUp()
    await end(endedCall())
    await outcomes.idle()
    expect(told()).toMatchObject([
      {
        callId: 'call_1',
        seq: 3,
        outcome: { disposition: 'completed', summary: 'They come. All is well.' },
      },
    ])
    expect(await store.outcome('call_1')).toEqual(told()[0]?.outcome)
  })

  it('goes by the end as it was told, even if the record does not have it yet', async () => {
    const { told, store, outcomes, publish } = setUp()
    const { callId, direction, spec, createdAt } = endedCall()
    const record = newRecord({ callId, direction, spec, createdAt, status: 'registered' })
    await store.save(record)
    publish({ ...record, status: 'canceled', endReason: 'expired' })
    await outcomes.idle()
    expect(told()).toMatchObject([{ outcome: { disposition: 'no_answer' } }])
    expect(await store.outcome('call_1')).toMatchObject({ disposition: 'no_answer' })
  })

  it('is asked for again while the model is busy, and later each time', async () => {
    const { end, told, asked, answers, clock, outcomes } = setUp()
    answers(() => Promise.reject(overloaded))
    await end(endedCall())
    await outcomes.idle()
    expect(asked).toHaveLength(1)
    clock.advance(1500)
    expect(asked).toHaveLength(1)
    clock.advance(1000)
    await outcomes.idle()
    expect(asked).toHaveLength(2)
    clock.advance(7000)
    await outcomes.idle()
    expect(asked).toHaveLength(2)
    answers(() => Promise.resolve({ summary: 'At last. Well.', disposition: 'wrong_number' }))
    clock.advance(5000)
    await outcomes.idle()
    expect(told()).toMatchObject([{ outcome: { disposition: 'wrong_number', problems: [] } }])
  })

  it.each([
    ['busy for an hour', overloaded, 7, ['anthropic failed (unavailable:529)']],
    ['not ours to ask', noKey, 1, ['anthropic failed (auth)']],
  ])('does without a model that is %s', async (_, error, times, problems) => {
    const { end, told, asked, answers, clock, outcomes } = setUp()
    answers(() => Promise.reject(error))
    await end(endedCall())
    for (let i = 0; i < 10; i++) {
      await outcomes.idle()
      clock.advance(2_400_000)
    }
    await outcomes.idle()
    expect(asked).toHaveLength(times)
    expect(told()).toMatchObject([{ outcome: { disposition: 'completed', problems } }])
    expect(told()[0]?.outcome.summary).toBeUndefined()
  })

  it('keeps no more than four requests going, and forgets none', async () => {
    const { end, told, asked, answers, outcomes } = setUp()
    const gates: PromiseWithResolvers<unknown>[] = []
    answers(() => {
      gates.push(Promise.withResolvers())
      return gates.at(-1)!.promise
    })
    for (let i = 0; i < 10; i++) await end(endedCall({ callId: `call_${i}` }))
    for (let done = 0; done < 10; done++) {
      await settle()
      expect(asked.length).toBe(Math.min(10, done + 4))
      gates[done]?.resolve({ summary: 'Yes. So.', disposition: 'completed' })
    }
    await outcomes.idle()
    expect(told().map(({ callId }) => callId)).toEqual(
      Array.from({ length: 10 }, (_, i) => `call_${i}`),
    )
  })

  it('is left to the next process by one that ends, and told there with the next number', async () => {
    const before = setUp()
    const question = Promise.withResolvers<unknown>()
    before.answers(() => question.promise)
    await before.end(endedCall())
    await settle()
    const closing = before.outcomes.close()
    question.reject(new Error('aborted'))
    await closing
    expect(before.told()).toEqual([])

    const { store, clock } = before
    const after = setUp({ store, clock })
    await store.appendEvent({
      type: 'call.answered',
      callId: 'call_1',
      seq: 7,
      order: 1,
      at: clock.date(),
    })
    after.outcomes.start()
    await after.outcomes.idle()
    expect(after.told()).toMatchObject([{ callId: 'call_1', seq: 8 }])
    after.outcomes.start()
    await after.outcomes.idle()
    expect(after.told()).toHaveLength(1)
  })

  it('is not looked for among calls of long ago', async () => {
    const { store, outcomes, told } = setUp()
    const endedAt = new Date('2030-04-29T12:00:00.000Z')
    await store.save(endedCall({ callId: 'call_old', endedAt }))
    await store.save(endedCall({ callId: 'call_new' }))
    outcomes.start()
    await outcomes.idle()
    expect(told().map(({ callId }) => callId)).toEqual(['call_new'])
  })

  it('survives a store that is out of order for a while, and is told even if it is never kept', async () => {
    const { store, end, told, outcomes, clock } = setUp()
    store.failures = 2
    await end(endedCall())
    for (const pauseMs of [1000, 5000]) {
      await settle()
      expect(told()).toEqual([])
      clock.advance(pauseMs)
    }
    await outcomes.idle()
    expect(told()).toHaveLength(1)
    expect(await store.outcome('call_1')).toBeDefined()

    store.failures = Infinity
    await end(endedCall({ callId: 'call_2' }))
    for (let i = 0; i < 6; i++) {
      await settle()
      clock.advance(120_000)
    }
    await outcomes.idle()
    expect(told().map(({ callId }) => callId)).toEqual(['call_1', 'call_2'])
  })

  it('is found for all of more calls than wait in memory', async () => {
    const { end, told, outcomes, answers, asked } = setUp()
    const gate = Promise.withResolvers<unknown>()
    answers(() => gate.promise)
    const count = 1200
    for (let i = 0; i < count; i++) await end(endedCall({ callId: `call_${i}` }))
    await settle()
    expect(asked).toHaveLength(4)
    gate.resolve({ summary: 'Yes. So.', disposition: 'completed' })
    await outcomes.idle()
    expect(new Set(told().map(({ callId }) => callId)).size).toBe(count)
    expect(told()).toHaveLength(count)
  })

  it('is found later when the record of a call was out of reach', async () => {
    const { store, end, told, outcomes } = setUp()
    const get = store.get.bind(store)
    store.get = () => Promise.reject(new Error('the database is away'))
    await end(endedCall())
    await outcomes.idle()
    expect(told()).toEqual([])
    store.get = get
    await end(endedCall({ callId: 'call_2' }))
    await outcomes.idle()
    expect(told().map(({ callId }) => callId)).toEqual(['call_2', 'call_1'])
  })
})
