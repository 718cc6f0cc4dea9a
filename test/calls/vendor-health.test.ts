import { expect, it } from 'vitest'
import type { CallRecord } from '../../src/calls/record.ts'
import { VendorHealth } from '../../src/calls/vendor-health.ts'

const endedAt = new Date('2026-01-01T12:00:00Z')

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

it('a fault of our own, or a call that is not over, says nothing of anybody', () => {
  const health = new VendorHealth()
  health.note(failedBy('parley', 'internal'))
  const live = record({ status: 'in_progress' })
  Reflect.deleteProperty(live, 'endedAt')
  health.note(live)
  expect(Array.from(health.states.values())).toEqual([{}, {}, {}, {}])
})
