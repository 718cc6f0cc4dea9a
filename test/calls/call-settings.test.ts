import { describe, expect, it } from 'vitest'
import { planOf } from '../../src/calls/call-settings.ts'
import { newRecord } from '../../src/calls/record.ts'
import { CallSpecBody, type CallSpec, specFromBody } from '../../src/calls/spec.ts'
import { settings, spec } from '../helpers/fake-calls.ts'

function plan(more: Partial<CallSpec> = {}, change: Partial<typeof settings> = {}) {
  const record = newRecord({
    callId: 'call_1',
    direction: 'outbound',
    status: 'queued',
    spec: { ...spec, ...more },
    createdAt: new Date(0),
  })
  return planOf(record, { ...settings, ...change })
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

describe('what the law wants said', () => {
  const on = { aiDisclosure: true, recordingAnnouncement: true }

  it('comes before everything else: that the call is recorded, that an AI speaks, and the words of the spec', () => {
    expect(plan({ record: {}, disclosure: 'For training.' }, on)).toMatchObject({
      disclosure: 'This call is recorded. This is an AI assistant calling. For training.',
      messageDisclosure: 'This is an AI assistant calling.',
    })
    expect(plan({}, on).disclosure).toBe('This is an AI assistant calling.')
  })

  it('is said in the language of the call', () => {
    expect(plan({ language: 'de-AT', record: {} }, on).disclosure).toBe(
      'Dieses Gespräch wird aufgezeichnet. Hier ruft ein KI-Assistent an.',
    )
    expect(plan({ language: 'fi' }, on).disclosure).toBe('This is an AI assistant calling.')
  })

  it('is said in the exact words of the server, or of the spec', () => {
    const own = { aiDisclosure: 'I am Robbie, a robot.', recordingAnnouncement: 'We record.' }
    expect(plan({ record: {} }, own).disclosure).toBe('We record. I am Robbie, a robot.')
    const announced = plan({ record: { announcement: 'You are recorded.' } }, own)
    expect(announced.disclosure).toBe('You are recorded. I am Robbie, a robot.')
  })

  it('tells somebody who calls us whom they speak with', () => {
    const record = newRecord({
      callId: 'call_1',
      direction: 'inbound',
      status: 'ringing',
      spec,
      createdAt: new Date(0),
    })
    expect(planOf(record, { ...settings, ...on }).disclosure).toBe(
      'You are speaking with an AI assistant.',
    )
  })
})
