import { describe, expect, it } from 'vitest'
import { planOf } from '../../src/calls/call-settings.ts'
import { newRecord } from '../../src/calls/record.ts'
import { CallSpecBody, type CallSpec, specFromBody } from '../../src/calls/spec.ts'
import { settings, spec } from '../helpers/fake-calls.ts'

function plan(more: Partial<CallSpec> = {}) {
  const record = newRecord({
    callId: 'call_1',
    direction: 'outbound',
    status: 'queued',
    spec: { ...spec, ...more },
    createdAt: new Date(0),
  })
  return planOf(record, settings)
}

describe('the plan of a conversation', () => {
  it('leaves nothing private on a machine, hands nobody over and asks nobody, unless the spec says so', () => {
    expect(plan()).toMatchObject({
      disclosure: undefined,
      uninterruptible: [],
      voicemail: { action: 'hang_up' },
      transferTo: [],
      tools: [],
      pronunciation: {},
    })
  })

  it('holds everything that the spec says', () => {
    const body = {
      phone_number: '+15551234567',
      action: 'Confirm the appointment',
      disclosure: 'This call may be recorded.',
      uninterruptible: ['goodbye'],
      voicemail: { action: 'leave_message', message: 'Please call us back.' },
      transfer_to: [{ phone_number: '+15557654321', name: 'the front desk', when: 'On request' }],
      tools: [
        {
          name: 'look_up',
          description: 'Looks an order up',
          input_schema: { type: 'object' },
          url: 'https://crm.example.com/orders',
        },
      ],
      pronunciation: { Nguyen: 'Win' },
    }
    expect(plan(specFromBody(CallSpecBody.parse(body)))).toMatchObject({
      disclosure: 'This call may be recorded.',
      uninterruptible: ['goodbye'],
      voicemail: { action: 'leave_message', message: 'Please call us back.' },
      transferTo: [{ phoneNumber: '+15557654321', name: 'the front desk', when: 'On request' }],
      tools: [{ name: 'look_up', method: 'POST', timeoutMs: 10_000 }],
      pronunciation: { Nguyen: 'Win' },
    })
  })

  it('knows the names that will be said, each once', () => {
    expect(plan().keyterms).toEqual(['Alex'])
    expect(
      plan({ calleeName: 'John Nguyen', organization: 'Alex', agentName: 'Alex' }).keyterms,
    ).toEqual(['John Nguyen', 'Alex'])
  })
})
