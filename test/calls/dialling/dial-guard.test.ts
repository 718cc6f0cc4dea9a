import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countryOf, type DialRules } from '../../../src/calls/dialling/dial-rules.ts'
import { recallDials } from '../../../src/calls/dialling/recall-dials.ts'
import { MemoryCallStore } from '../../../src/calls/memory-call-store.ts'
import { newRecord } from '../../../src/calls/record.ts'
import type { CallSpec } from '../../../src/calls/spec.ts'
import { WEEKDAYS } from '../../../src/calls/dialling/calling-hours.ts'
import { everybody, placeAndAnswer, setUpCalls, talk } from '../../helpers/fake-calls.ts'
import { quiet } from '../../helpers/fake-ports.ts'
import { SteppingClock } from '../../helpers/stepping-clock.ts'

const US: DialRules = {
  ...everybody.rules,
  countries: ['US'],
  deniedTypes: ['PREMIUM_RATE'],
  allowedPrefixes: [],
}
const NEW_YORK = '+12125551234'
const spec: CallSpec = { phoneNumber: NEW_YORK, action: 'Confirm the appointment' }

const limits = (change: Partial<typeof everybody.limits>) => ({ ...everybody.limits, ...change })

function setUp(guard: Parameters<typeof setUpCalls>[0] & {} = {}) {
  const clock = new SteppingClock()
  const blocked: string[] = []
  const world = setUpCalls({
    settings: { maxCalls: 100 },
    clock,
    blocked: (reason) => blocked.push(reason),
    ...guard,
  })
  return { ...world, clock, blocked }
}

describe('whom the agent may be sent to', () => {
  it('is checked before a session is made, and refused with the rule and what to do', async () => {
    const { calls, telephony, conversations, audit, blocked } = setUp({ guard: { rules: US } })
    for (const ask of [calls.place.bind(calls), calls.register.bind(calls)]) {
      await expect(
        ask({ ...spec, phoneNumber: '+18765551234' }, { owner: 'crm' }),
      ).rejects.toMatchObject({
        code: 'dial_not_allowed',
        message: expect.stringContaining('DIAL_COUNTRIES') as string,
        details: { rule: 'country', phone_number: '+18765551234', country: 'JM' },
      })
    }
    expect(telephony.dialled).toEqual([])
    expect(conversations).toEqual([])
    expect(blocked).toEqual(['country', 'country'])
    const { entries } = await audit.list({ limit: 5 })
    expect(entries).toMatchObject([
      {
        type: 'dial.blocked',
        key: 'crm',
        phoneNumber: '+18765551234',
        details: { rule: 'country' },
      },
      { type: 'dial.blocked' },
    ])
  })

  it('is checked of those whom it may hand the person over to', async () => {
    const { calls, telephony, doNotCall } = setUp({ guard: { rules: US } })
    const transferTo = [
      { phoneNumber: '+12125550000', name: 'the front desk' },
      { phoneNumber: '+19005551234', name: 'the hotline' },
    ]
    await expect(calls.place({ ...spec, transferTo })).rejects.toMatchObject({
      code: 'dial_not_allowed',
      details: { rule: 'number_type', field: 'transfer_to.1.phone_number' },
    })
    doNotCall.add('+12125550000', {})
    await expect(calls.place({ ...spec, transferTo })).rejects.toMatchObject({
      code: 'do_not_call',
      details: { field: 'transfer_to.0.phone_number' },
    })
    expect(telephony.dialled).toEqual([])
  })

  it('is checked again when it hands them over: they may have opted out since', async () => {
    const { conversation, doNotCall, telephony, calls } = await talk(setUp())
    doNotCall.add('+12125550000', {})
    await expect(conversation.control.transfer('+12125550000')).rejects.toMatchObject({
      code: 'do_not_call',
    })
    await expect(conversation.control.transfer('sip:x@y')).rejects.toMatchObject({
      code: 'dial_not_allowed',
    })
    expect(telephony.did.filter((each) => each.startsWith('transfer'))).toEqual([])
    await conversation.control.transfer('+12125550001')
    expect(telephony.did.at(-1)).toMatch(/^transfer/)
    conversation.finish({ reason: 'agent_hung_up' })
    await calls.endAll()
  })

  it('never is anybody of another country: nothing else reaches the carrier', async () => {
    const { calls, telephony, conversations } = setUp({ guard: { rules: US } })
    const digits = fc.string({
      unit: fc.constantFrom(...Array.from('0123456789')),
      minLength: 6,
      maxLength: 8,
    })
    const start = fc.constantFrom('+1212', '+1900', '+1876', '+44', '+881', '+979', '+', '')
    const number = fc.tuple(start, digits).map(([prefix, rest]) => (prefix + rest).slice(0, 16))
    await fc.assert(
      fc.asyncProperty(number, number, async (phoneNumber, target) => {
        const transferTo = [{ phoneNumber: target, name: 'somebody' }]
        await calls.place({ ...spec, phoneNumber, transferTo }).catch(() => undefined)
        await calls.place({ ...spec, phoneNumber }).catch(() => undefined)
        const conversation = conversations.at(-1)
        await conversation?.control.transfer(target).catch(() => undefined)
        for (const each of conversations) each.finish({ reason: 'agent_hung_up' })
        await calls.idle()
        for (const { to } of telephony.dialled) expect(countryOf(to)).toBe('US')
        for (const done of telephony.did) {
          const [, to] = /^transfer \S+ (\S+)/.exec(done) ?? []
          if (to !== undefined) expect(countryOf(to)).toBe('US')
        }
      }),
      { numRuns: 150 },
    )
    expect(telephony.dialled.length).toBeGreaterThan(0)
  })
})

describe('when somebody may be called', () => {
  const hours = { fromMinute: 8 * 60, toMinute: 21 * 60, days: WEEKDAYS }

  it('is when it is day where they are', async () => {
    // Half past seven in New York.
    const clock = new SteppingClock('2026-07-01T11:30:00Z')
    const { calls } = setUp({ clock, guard: { rules: US, hours } })
    const refusal = calls.place(spec)
    await expect(refusal).rejects.toMatchObject({
      code: 'dial_not_now',
      details: {
        rule: 'calling_hours',
        time_zones: ['America/New_York'],
        retry_at: '2026-07-01T12:00:00.000Z',
      },
    })
    clock.advance(30 * 60_000)
    await calls.place(spec)
    await calls.endAll()
  })

  it('is at any time for those who call us', async () => {
    const clock = new SteppingClock('2026-07-01T05:00:00Z')
    const { calls } = setUp({ clock, guard: { rules: { ...US, countries: [] }, hours } })
    const answer = calls.answered({ callSid: 'CA1', from: NEW_YORK, direction: 'inbound' })
    expect(answer).toHaveProperty('token')
    await calls.endAll()
  })

  it('is not while they are on the phone with us', async () => {
    const { calls, conversations } = setUp({ guard: { rules: US } })
    await calls.place(spec)
    await expect(calls.place(spec)).rejects.toMatchObject({
      code: 'dial_not_now',
      details: { rule: 'already_calling' },
    })
    conversations[0]!.finish({ reason: 'agent_hung_up' })
    await calls.idle()
    await calls.place(spec)
    await calls.endAll()
  })

  it('is not for two who ask in the same moment', async () => {
    const { calls, telephony } = setUp({ guard: { rules: US } })
    const asked = await Promise.allSettled(Array.from({ length: 5 }, () => calls.place(spec)))
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(telephony.dialled).toHaveLength(1)
    await calls.endAll()
  })

  it('is not too often within an hour, and within a day', async () => {
    const clock = new SteppingClock()
    const attempts = limits({ numberCallsPerHour: 2, numberCallsPerDay: 3 })
    const { calls, conversations } = setUp({ clock, guard: { rules: US, limits: attempts } })
    const ring = async () => {
      await calls.place(spec)
      conversations.at(-1)!.finish({ reason: 'agent_hung_up' })
      await calls.idle()
    }
    await ring()
    clock.advance(60_000)
    await ring()
    await expect(ring()).rejects.toMatchObject({
      code: 'dial_not_now',
      details: {
        rule: 'number_calls_per_hour',
        limit: 2,
        retry_at: '2030-05-01T13:00:00.000Z',
      },
    })
    clock.advance(3_600_000)
    await ring()
    clock.advance(3_600_000)
    await expect(ring()).rejects.toMatchObject({ details: { rule: 'number_calls_per_day' } })
    clock.advance(86_400_000)
    await ring()
  })

  it('is as often as one likes on a test phone', async () => {
    const attempts = limits({ numberCallsPerHour: 1, numberCallsPerDay: 1 })
    const { calls } = setUp({
      guard: { rules: { ...US, allowedPrefixes: [NEW_YORK] }, limits: attempts },
    })
    for (let i = 0; i < 3; i++) await calls.place(spec)
    await calls.endAll()
  })
})

describe('how much a key may dial', () => {
  const to = (i: number): CallSpec => ({ ...spec, phoneNumber: `+121255500${10 + i}` })

  it('has a number of calls at the same time, of its own', async () => {
    const { calls, conversations } = setUp({
      guard: { rules: US, limits: limits({ concurrentCalls: 2 }) },
    })
    await calls.place(to(0), { owner: 'a' })
    await calls.place(to(1), { owner: 'a' })
    const refused = { code: 'dial_limit', details: { rule: 'concurrent_calls', limit: 2 } }
    await expect(calls.place(to(2), { owner: 'a' })).rejects.toMatchObject(refused)
    await calls.place(to(2), { owner: 'b' })
    conversations[0]!.finish({ reason: 'agent_hung_up' })
    await conversations[0]!.ended
    await expect.poll(() => calls.load.active).toBe(2)
    await calls.place(to(3), { owner: 'a' })
    await calls.endAll()
  })

  it('has a pace', async () => {
    const clock = new SteppingClock()
    const { calls } = setUp({
      clock,
      guard: { rules: US, limits: limits({ dialsPerSecond: 2, callsPerHour: 3 }) },
    })
    await calls.place(to(0))
    await calls.register(to(1))
    await expect(calls.place(to(2))).rejects.toMatchObject({
      details: { rule: 'dials_per_second', retry_at: '2030-05-01T12:00:01.000Z' },
    })
    clock.advance(1000)
    await calls.place(to(3))
    clock.advance(1000)
    await expect(calls.place(to(4))).rejects.toMatchObject({ details: { rule: 'calls_per_hour' } })
    clock.advance(3_600_000)
    await calls.place(to(5))
    await calls.endAll()
  })

  it('has minutes a day, those of calls that go on included', async () => {
    const clock = new SteppingClock()
    const { calls, conversation } = await placeAndAnswer(
      setUp({ clock, guard: { limits: limits({ minutesPerDay: 10 }) } }),
    )
    clock.advance(9 * 60_000)
    await calls.place(to(1))
    clock.advance(60_000)
    const refused = { code: 'dial_limit', details: { rule: 'minutes_per_day', limit: 10 } }
    await expect(calls.place(to(2))).rejects.toMatchObject(refused)
    conversation.finish({ reason: 'agent_hung_up' })
    await calls.endAll()
  })

  it('may ring so many countries in a day, and any number in those', async () => {
    const clock = new SteppingClock()
    const rules = { ...US, countries: ['US', 'GB', 'DE'] as const }
    const guard = { rules, limits: limits({ countriesPerDay: 2 }) }
    const { calls, telephony, blocked } = setUp({ clock, guard })
    const ring = (phoneNumber: string, owner = 'crm') =>
      calls.place({ ...spec, phoneNumber }, { owner })
    await ring('+12125550010')
    clock.advance(3_600_000)
    await ring('+442079460001')
    await ring('+442079460002')
    await expect(ring('+4930901820')).rejects.toMatchObject({
      code: 'dial_limit',
      details: { rule: 'countries_per_day', limit: 2, country: 'DE' },
    })
    await ring('+4930901820', 'shop')
    expect(telephony.dialled).toHaveLength(4)
    expect(blocked).toEqual(['countries_per_day'])
    // The first of them is a day ago.
    clock.advance(23 * 3_600_000)
    await ring('+4930901821')
    await calls.endAll()
  })

  it('is not given anew by a restart', async () => {
    const clock = new SteppingClock()
    const store = new MemoryCallStore({ clock })
    const at = new Date(clock.date().getTime() - 3_600_000)
    await store.save({
      ...newRecord({
        callId: 'call_old',
        owner: 'crm',
        direction: 'outbound',
        status: 'completed',
        spec,
        createdAt: at,
      }),
      answeredAt: at,
      endedAt: new Date(at.getTime() + 11 * 60_000),
    })
    const { guard, calls } = setUp({
      clock,
      guard: { rules: US, limits: limits({ minutesPerDay: 10, numberCallsPerDay: 1 }) },
    })
    guard.waitFor(recallDials({ store, limits: guard.limits, clock, log: quiet }))
    await expect(calls.place(to(1), { owner: 'crm' })).rejects.toMatchObject({
      details: { rule: 'minutes_per_day' },
    })
    await expect(calls.place(spec, { owner: 'other' })).rejects.toMatchObject({
      details: { rule: 'number_calls_per_day' },
    })
    clock.advance(86_400_000)
    await calls.place(spec, { owner: 'crm' })
    await calls.endAll()
  })

  it('is not used up by calls for which there is no room', async () => {
    const { calls, telephony, conversations } = setUp({
      settings: { maxCalls: 1 },
      guard: { rules: US, limits: limits({ numberCallsPerDay: 1 }) },
    })
    const asked = await Promise.allSettled([calls.place(to(0)), calls.place(to(1))])
    expect(asked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(telephony.dialled).toHaveLength(1)
    conversations[0]!.finish({ reason: 'agent_hung_up' })
    await calls.idle()
    // Whoever found no room has not rung that number today.
    const [, lost] = asked
    expect(lost.status).toBe('rejected')
    await calls.place(to(1))
    await calls.endAll()
  })
})
