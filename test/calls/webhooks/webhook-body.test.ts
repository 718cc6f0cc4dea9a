import { describe, expect, it } from 'vitest'
import { webhookBody } from '../../../src/calls/webhooks/webhook-body.ts'
import { summaryOf } from '../../../src/routes/call-view.ts'
import { OutcomeView } from '../../../src/calls/outcome/outcome-view.ts'
import { endedCall, turnsOf } from '../outcome/ended-call.ts'

const at = new Date('2030-05-01T12:01:05.000Z')
const record = endedCall({}, { metadata: { order: '7' } })

type Body = { type: string; timestamp: string; data: Record<string, unknown> }
const bodyOf = (...[announcement]: Parameters<typeof webhookBody>) =>
  JSON.parse(webhookBody(announcement)) as Body

describe('what a webhook says', () => {
  it('is who calls whom, when a call begins', () => {
    expect(bodyOf({ type: 'call.started', record, at })).toEqual({
      type: 'call.started',
      timestamp: '2030-05-01T12:01:05.000Z',
      data: {
        call_id: 'call_1',
        call_sid: 'CA1',
        direction: 'outbound',
        phone_number: '+15551234567',
        status: 'completed',
        created_at: '2030-05-01T12:00:00.000Z',
        metadata: { order: '7' },
      },
    })
  })

  it('is everything about the call when it is over, in the names of the API', () => {
    const { data } = bodyOf({ type: 'call.ended', record, at })
    expect(data).toMatchObject(summaryOf(record))
    expect(data).toMatchObject({ notes: [], message_left: null })
    expect(data['transcript']).toEqual([
      expect.objectContaining({ role: 'agent', interrupted: false, start_ms: 0, end_ms: 900 }),
      expect.objectContaining({ role: 'caller', text: 'Yes, Thursday is fine.' }),
      expect.anything(),
      expect.objectContaining({ role: 'tool', name: 'end_call', input: { reason: 'done' } }),
    ])
  })

  it('leaves a transcript to be fetched that is too long for a webhook', () => {
    const lines = Array.from({ length: 600 }, (_, i) => `caller: That is line number ${i}.`)
    const long = webhookBody({
      type: 'call.ended',
      record: endedCall({ turns: turnsOf(...lines) }),
      at,
    })
    expect(Buffer.byteLength(long)).toBeLessThan(20 * 1024)
    expect((JSON.parse(long) as Body).data['transcript']).toBeNull()
  })

  it('is what came out, once that is known', () => {
    const outcome = {
      disposition: 'callback_requested',
      callbackAt: 'Monday',
      summary: 'He has no time. He asks for Monday.',
      data: { confirmed: false },
      turns: { confirmed: 1 },
      unknown: ['time'],
      problems: [],
    } as const
    const { data } = bodyOf({ type: 'call.outcome', record, at, outcome })
    expect(data).toMatchObject({ call_id: 'call_1', end_reason: 'agent_hung_up', duration_s: 60 })
    expect(data['outcome']).toEqual({
      disposition: 'callback_requested',
      failed_by: null,
      callback_at: 'Monday',
      refused: false,
      summary: 'He has no time. He asks for Monday.',
      data: { confirmed: false },
      turns: { confirmed: 1 },
      unknown: ['time'],
      problems: [],
    })
    // As in `GET /api/phone/calls/{call_id}`.
    expect(OutcomeView.strict().parse(data['outcome'])).toEqual(data['outcome'])
    expect(data).not.toHaveProperty('transcript')
  })

  it('says when it was answered', () => {
    const { data } = bodyOf({ type: 'call.answered', record, at })
    expect(data['answered_at']).toBe('2030-05-01T12:00:05.000Z')
  })
})
