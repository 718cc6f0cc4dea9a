import { describe, expect, it } from 'vitest'
import { rule } from '../../../src/calls/outcome/disposition.ts'
import { type CallRecord, newRecord } from '../../../src/calls/record.ts'
import { endedCall, turnsOf } from './ended-call.ts'

const failedBy = (by: 'parley' | 'twilio' | 'deepgram', code: string): Partial<CallRecord> => ({
  status: 'failed',
  endReason: 'failed',
  failure: { by, code, message: '' },
})
const unanswered = (status: CallRecord['status']): CallRecord => {
  const { callId, direction, spec, createdAt } = endedCall()
  const record = newRecord({ callId, direction, spec, createdAt, status })
  return { ...record, endReason: 'not_answered', endedAt: createdAt }
}
const said = (...lines: string[]) => ({ turns: turnsOf(...lines) })

describe('what the record says about how a call came out', () => {
  it.each<[string, CallRecord, string]>([
    ['who does not want to be called again', endedCall({ optedOut: true }), 'opted_out'],
    [
      'an opt-out, whatever broke afterwards',
      endedCall({ optedOut: true, ...failedBy('deepgram', 'timeout') }),
      'opted_out',
    ],
    ['a transfer', endedCall({ transferredTo: 'the front desk' }), 'transferred'],
    [
      'a message on a machine',
      endedCall({ answeredBy: 'voicemail', endReason: 'message_left', messageLeft: 'Hi, it is …' }),
      'voicemail_left',
    ],
    [
      'a message of which not a word was played',
      endedCall({ answeredBy: 'voicemail', endReason: 'message_left', messageLeft: ' ' }),
      'voicemail_no_message',
    ],
    [
      'a machine that takes none',
      endedCall({ answeredBy: 'mailbox_full', endReason: 'voicemail' }),
      'voicemail_no_message',
    ],
    [
      'a machine that hung up first',
      endedCall({ answeredBy: 'voicemail', endReason: 'caller_hung_up' }),
      'voicemail_no_message',
    ],
    ['an assistant that let nobody through', endedCall({ endReason: 'screened' }), 'screened'],
    [
      'an assistant that hung up',
      endedCall({ answeredBy: 'screening', endReason: 'caller_hung_up' }),
      'screened',
    ],
    [
      'a number out of service',
      endedCall({ answeredBy: 'carrier', endReason: 'unreachable' }),
      'failed carrier',
    ],
    ['a fax', endedCall({ answeredBy: 'fax', endReason: 'unreachable' }), 'failed callee'],
    ['a busy line', unanswered('busy'), 'busy'],
    ['nobody', unanswered('no_answer'), 'no_answer'],
    ['a call that was called off', unanswered('canceled'), 'no_answer'],
    ['a fault of ours', endedCall(failedBy('parley', 'internal')), 'failed us'],
    ['a fault of a vendor', endedCall(failedBy('deepgram', 'auth')), 'failed deepgram'],
    ['a fault of Twilio', endedCall(failedBy('twilio', 'stream_lost')), 'failed twilio'],
    [
      'a number that Twilio does not take',
      { ...unanswered('failed'), ...failedBy('twilio', 'rejected:21211') },
      'failed callee',
    ],
    [
      'a person who declined',
      { ...unanswered('failed'), ...failedBy('twilio', 'sip_603') },
      'failed callee',
    ],
    [
      'a network that is out of order',
      { ...unanswered('failed'), ...failedBy('twilio', 'sip_503') },
      'failed carrier',
    ],
    [
      'a call that failed without a code',
      { ...unanswered('failed'), ...failedBy('twilio', 'call_failed') },
      'failed carrier',
    ],
    ['a failure that nobody has explained', unanswered('failed'), 'failed us'],
    [
      'a menu without anybody behind it',
      endedCall({ answeredBy: 'ivr', endReason: 'silence', ...said('caller: Press one.') }),
      'ivr_no_agent',
    ],
    [
      'somebody who said nothing',
      endedCall({ endReason: 'silence', ...said('agent: Hello?') }),
      'failed callee',
    ],
    [
      'a call that we ended before a word was said',
      endedCall({ endReason: 'requested', ...said('agent: Hello?') }),
      'failed us',
    ],
    [
      'a person who hung up before we were asked what to do',
      { ...unanswered('completed'), endReason: 'caller_hung_up' },
      'failed callee',
    ],
    [
      'a wrong number',
      endedCall(said('caller: There is no John here.', 'end wrong_number')),
      'wrong_number',
    ],
    [
      'a refusal',
      endedCall(said('caller: I am not interested.', 'end refused')),
      'completed refused',
    ],
  ])('knows %s', (_, record, expected) => {
    const { finding, isOpen } = rule(record)
    const { disposition, failedBy: by, refused } = finding
    expect([disposition, by, refused && 'refused'].filter(Boolean).join(' ')).toBe(expected)
    expect(isOpen).toBe(false)
  })

  it.each<[string, CallRecord, string]>([
    ['a conversation', endedCall(), 'completed'],
    ['a goodbye without a reason', endedCall(said('caller: Yes.', 'end')), 'completed'],
    [
      'a conversation that the person ended',
      endedCall({ endReason: 'caller_hung_up', ...said('caller: Bye.') }),
      'completed',
    ],
    [
      'a conversation that came to a standstill',
      endedCall({ endReason: 'silence', ...said('caller: Hm.', 'end no_response') }),
      'completed',
    ],
    [
      'a menu in which the purpose was settled',
      endedCall({ answeredBy: 'ivr', ...said('caller: You are confirmed.', 'end done') }),
      'completed',
    ],
    [
      'a message that needed no answer',
      endedCall(said('agent: Your car is ready. Goodbye.', 'end done')),
      'completed',
    ],
    [
      'a person who had no time',
      endedCall(said('caller: Call me tomorrow.', 'end not_now')),
      'callback_requested',
    ],
    ['a reason that nobody knows', endedCall(said('caller: Yes.', 'end whatever')), 'completed'],
  ])('leaves it to the words what became of %s', (_, record, expected) => {
    expect(rule(record)).toEqual({ finding: { disposition: expected }, isOpen: true })
  })
})
