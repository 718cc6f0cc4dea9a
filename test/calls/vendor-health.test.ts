import { describe, expect, it } from 'vitest'
import { CallEvents, type CallHappening } from '../../src/calls/call-events.ts'
import type { CallRecord } from '../../src/calls/record.ts'
import { VendorHealth } from '../../src/calls/vendor-health.ts'
import { type Clock, systemClock } from '../../src/clock.ts'
import type { TurnTimings } from '../../src/pipeline/timings.ts'

const endedAt = new Date('2026-01-01T12:00:00Z')
const clock: Clock = { ...systemClock, date: () => endedAt }

function record(parts: Partial<CallRecord>): CallRecord {
  return {
    callId: 'call_1',
    callSid: 'CA1',
    direction: 'outbound',
    status: 'completed',
    spec: { phoneNumber: '+15551234567', action: 'talk' },
    createdAt: endedAt,
    endedAt,
    turns: [],
    timings: [],
    notes: [],
    optedOut: false,
    ...parts,
  }
}

const failedBy = (by: 'twilio' | 'parley', code: string) =>
  record({ status: 'failed', failure: { by, code, message: '' } })

/** The vendors that have done their part when this has happened. */
function servedBy(...happenings: CallHappening[]): string[] {
  const health = new VendorHealth()
  const events = new CallEvents(clock, (error) => {
    throw error
  })
  events.subscribe((event) => {
    health.heed(event)
  })
  for (const happening of happenings) events.publish('call_1', happening)
  return wellOf(health)
}

function wellOf(health: VendorHealth): string[] {
  return Array.from(health.states).flatMap(([vendor, { lastOkAt }]) =>
    lastOkAt?.getTime() === endedAt.getTime() ? [vendor] : [],
  )
}

const timings = (times: Partial<TurnTimings>): CallHappening => ({
  type: 'timings',
  timings: { reply: 1, kind: 'answer', ...times },
})

describe('a vendor has done its part', () => {
  it('as the carrier, when somebody has answered', () => {
    expect(servedBy({ type: 'call.answered' })).toEqual(['twilio'])
  })

  it('as the carrier and the ears, when words were heard', () => {
    const health = new VendorHealth()
    health.heed({ type: 'caller.partial', text: 'Hi', callId: 'call_1', at: endedAt })
    expect(wellOf(health)).toEqual(['twilio', 'deepgram'])
  })

  it('as all who make an answer, when it was heard', () => {
    const heard = timings({ firstTextMs: 1, heardMs: 2 })
    expect(servedBy(heard)).toEqual(['twilio', 'anthropic', 'elevenlabs'])
  })

  it('as the mind, also when the caller spoke before it was heard', () => {
    expect(servedBy(timings({ firstTextMs: 1 }))).toEqual(['anthropic'])
  })

  it('but the mind has no part in stock words and given openings', () => {
    const voices = ['twilio', 'elevenlabs']
    expect(servedBy(timings({ kind: 'reprompt', firstTextMs: 1, heardMs: 2 }))).toEqual(voices)
    expect(servedBy(timings({ kind: 'opening', firstTextMs: 1, heardMs: 2 }))).toEqual(voices)
  })

  it('but not by the mere end of a call, whose turns may all be from before it failed', () => {
    const turn = { role: 'caller', text: '(pressed 1)', startMs: 0, endMs: 1 } as const
    expect(servedBy({ type: 'turn', turn })).toEqual([])
    const health = new VendorHealth()
    health.note(record({ turns: [turn] }))
    expect(wellOf(health)).toEqual(['twilio'])
  })
})

it('a call that nobody answered shows that the carrier is well, and nothing of the others', () => {
  const health = new VendorHealth()
  health.note(record({ status: 'no_answer' }))
  expect(health.states.get('twilio')).toEqual({ lastOkAt: endedAt })
  expect(health.states.get('deepgram')).toEqual({})
})

it.each(['auth:20003', 'rate_limited:20429', 'stream_error'])(
  'a call that failed by the carrier with %s shows it',
  (code) => {
    const health = new VendorHealth()
    health.note(failedBy('twilio', code))
    expect(health.states.get('twilio')).toEqual({ lastError: { code, at: endedAt } })
  },
)

it.each(['rejected:21211', 'sip_404', 'call_failed'])(
  'a number that cannot be called (%s) is not the fault of the carrier',
  (code) => {
    const health = new VendorHealth()
    health.note(failedBy('twilio', code))
    expect(health.states.get('twilio')).toEqual({})
  },
)

it('a failure that the call survived is known, and what went well before it stays known', () => {
  const health = new VendorHealth()
  health.heed({ type: 'caller.partial', text: 'Hi', callId: 'call_1', at: endedAt })
  const at = new Date(endedAt.getTime() + 1000)
  health.failed('deepgram', 'disconnected', at)
  expect(health.states.get('deepgram')).toEqual({
    lastOkAt: endedAt,
    lastError: { code: 'disconnected', at },
  })
})

it('a fault of our own, or a call that is not over, says nothing of anybody', () => {
  const health = new VendorHealth()
  health.note(failedBy('parley', 'internal'))
  const live = record({ status: 'in_progress' })
  Reflect.deleteProperty(live, 'endedAt')
  health.note(live)
  expect(Array.from(health.states.values())).toEqual([{}, {}, {}, {}])
})
