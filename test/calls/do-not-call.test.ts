import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPhoneNumber, MemoryDoNotCallList } from '../../src/calls/do-not-call.ts'
import { scaledClock } from '../../src/clock.ts'
import { setUpCalls, spec, talk } from '../helpers/fake-calls.ts'

const NUMBER = spec.phoneNumber
const optedOut = { notes: [], optedOut: true } as const

/** A list that notes times which a test can tell apart. */
function setUp() {
  let seconds = 0
  return new MemoryDoNotCallList({ date: () => new Date(1000 * seconds++) })
}

describe('the list', () => {
  it('keeps a number as it was entered first', () => {
    const list = setUp()
    expect(list.has(NUMBER)).toBe(false)
    const entry = list.add(NUMBER, { callId: 'call_1' })
    expect(entry).toEqual({ phoneNumber: NUMBER, addedAt: new Date(0), callId: 'call_1' })
    expect(list.add(NUMBER, {})).toEqual(entry)
    expect(list.has(NUMBER)).toBe(true)
    expect(list.list({ limit: 10 })).toEqual({ entries: [entry] })
  })

  it('forgets a number only when it is told to', () => {
    const list = setUp()
    list.add(NUMBER, {})
    expect(list.remove(NUMBER)).toBe(true)
    expect(list.remove(NUMBER)).toBe(false)
    expect(list.has(NUMBER)).toBe(false)
  })

  it('shows every number once, page by page', () => {
    const number = fc.integer({ min: 1_000_000, max: 1_000_050 }).map((n) => `+${n}`)
    fc.assert(
      fc.property(fc.array(number), fc.integer({ min: 1, max: 7 }), (numbers, limit) => {
        const list = setUp()
        for (const each of numbers) list.add(each, {})
        const shown: string[] = []
        let page = list.list({ limit })
        for (;;) {
          shown.push(...page.entries.map(({ phoneNumber }) => phoneNumber))
          if (page.nextAfter === undefined) break
          expect(page.entries).toHaveLength(limit)
          page = list.list({ limit, after: page.nextAfter })
        }
        expect(shown).toEqual(Array.from(new Set(numbers)).sort())
      }),
    )
  })

  it.each(['anonymous', 'sip:a@example.com', 'client:x', '+266696687 ', '15551234567', ''])(
    'is not for %j, which nobody could call',
    (text) => {
      expect(isPhoneNumber(text)).toBe(false)
    },
  )
})

describe('a person who does not want to be called', () => {
  it('is neither called nor registered for a call', async () => {
    const { calls, doNotCall, telephony, conversations } = setUpCalls()
    doNotCall.add(NUMBER, {})
    const refusal = { code: 'do_not_call', details: { phone_number: NUMBER } }
    await expect(calls.place(spec)).rejects.toMatchObject(refusal)
    await expect(calls.register(spec)).rejects.toMatchObject(refusal)
    expect(telephony.dialled).toEqual([])
    expect(conversations).toEqual([])
    await expect(calls.place({ ...spec, phoneNumber: '+15550000000' })).resolves.toBeDefined()
    await calls.endAll()
  })

  it('is not called again after saying so in a call', async () => {
    const { calls, callId, conversation, doNotCall } = await talk()
    conversation.facts = optedOut
    expect(await calls.get(callId)).toMatchObject({ optedOut: true })
    conversation.finish({ reason: 'agent_hung_up' })
    await calls.idle()
    await expect(calls.place(spec)).rejects.toMatchObject({ code: 'do_not_call' })
    expect(doNotCall.list({ limit: 1 }).entries).toMatchObject([{ phoneNumber: NUMBER, callId }])
  })

  it('is on the list the moment they say so, whatever becomes of the process', async () => {
    const { events, callId, doNotCall, audit, calls, conversation } = await talk()
    events.publish(callId, { type: 'call.opted_out' })
    expect(doNotCall.list({ limit: 1 }).entries).toMatchObject([{ phoneNumber: NUMBER, callId }])
    expect((await audit.list({ limit: 1 })).entries).toMatchObject([
      { type: 'opt_out', phoneNumber: NUMBER, callId },
    ])
    conversation.finish({ reason: 'agent_hung_up' })
    await calls.idle()
  })

  it('may have called us, from a number or from none', async () => {
    const { calls, conversations, doNotCall } = setUpCalls()
    for (const from of ['+15558889999', 'anonymous']) {
      calls.answered({ callSid: `CA-${from}`, from, direction: 'inbound' })
      conversations.at(-1)!.facts = optedOut
    }
    await calls.endAll()
    expect(doNotCall.list({ limit: 5 }).entries).toMatchObject([{ phoneNumber: '+15558889999' }])
  })

  it('is not lost to a call that ends while the list is slow to write', async () => {
    const { calls, conversation, doNotCall, clock } = await talk(
      setUpCalls({ clock: scaledClock(100) }),
    )
    conversation.facts = optedOut
    const add = doNotCall.add.bind(doNotCall)
    const addSlowly = async (...entry: Parameters<typeof add>) => {
      await clock.sleep(2000)
      return add(...entry)
    }
    Object.assign(doNotCall, { add: addSlowly })
    await calls.endAll()
    expect(doNotCall.has(NUMBER)).toBe(true)
  })

  it('costs no other call when the list cannot be written', async () => {
    const { calls, conversation, doNotCall } = await talk()
    conversation.facts = optedOut
    doNotCall.add = () => {
      throw new Error('disk full')
    }
    await calls.endAll()
    expect(calls.load.active).toBe(0)
  })

  it('is not called by a list that cannot be read', async () => {
    const { calls, doNotCall, telephony } = setUpCalls()
    Object.assign(doNotCall, { has: () => Promise.reject(new Error('disk gone')) })
    await expect(calls.place(spec)).rejects.toThrow('disk gone')
    expect(telephony.dialled).toEqual([])
  })
})
