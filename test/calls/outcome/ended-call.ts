import { type CallRecord, newRecord } from '../../../src/calls/record.ts'
import type { CallSpec } from '../../../src/calls/spec.ts'
import type { Turn } from '../../../src/pipeline/transcript.ts'

const createdAt = new Date('2030-05-01T12:00:00.000Z')

/** Turns of a conversation: `caller: …` and `agent: …`; `end REASON` is the agent's goodbye. */
export function turnsOf(...lines: readonly string[]): Turn[] {
  return lines.map((line, i): Turn => {
    const [, role, text = ''] = /^(caller|agent|end):? ?(.*)$/.exec(line) ?? []
    const times = { startMs: i * 1000, endMs: i * 1000 + 900 }
    if (role === 'caller') return { role, text, ...times }
    if (role === 'agent') return { role, text, interrupted: false, ...times }
    const input = text === '' ? {} : { reason: text }
    return { role: 'tool', id: `t${i}`, name: 'end_call', input, result: 'done', ...times }
  })
}

/** A call that was answered by a person, and is over. */
export function endedCall(
  change: Partial<CallRecord> = {},
  spec: Partial<CallSpec> = {},
): CallRecord {
  return {
    ...newRecord({
      callId: 'call_1',
      direction: 'outbound',
      status: 'completed',
      spec: {
        phoneNumber: '+15551234567',
        action: 'Confirm the appointment on Thursday at 2pm',
        ...spec,
      },
      createdAt,
    }),
    callSid: 'CA1',
    answeredAt: new Date(createdAt.getTime() + 5000),
    endedAt: new Date(createdAt.getTime() + 65_000),
    endReason: 'agent_hung_up',
    answeredBy: 'person',
    turns: turnsOf(
      'agent: Is Thursday at two all right?',
      'caller: Yes, Thursday is fine.',
      'agent: Thank you. Goodbye.',
      'end done',
    ),
    ...change,
  }
}
