/** One call, as the description of the API shows it everywhere. Phone numbers are ones that belong to nobody. */
const callId = 'call_01kafx3w5tq8r2m4n6p7s9v1x3y5'

export const specExample = {
  phone_number: '+15551234567',
  action: 'Confirm your dentist appointment Thursday at 2pm',
  context: 'Dr. Smith, Suite 200. Rescheduling available Mon-Fri.',
  callee_name: 'John',
  agent_name: 'Alex',
  organization: 'Downtown Dental',
  outcome_schema: { type: 'object', properties: { confirmed: { type: 'boolean' } } },
  metadata: { appointment: '4711' },
}

export const summaryExample = {
  call_id: callId,
  call_sid: 'CA0123456789abcdef0123456789abcdef',
  direction: 'outbound' as const,
  status: 'completed' as const,
  phone_number: specExample.phone_number,
  created_at: '2026-11-21T09:30:00.000Z',
  answered_at: '2026-11-21T09:30:08.120Z',
  ended_at: '2026-11-21T09:30:27.480Z',
  duration_s: 19.36,
  end_reason: 'agent_hung_up' as const,
  failure: null,
  answered_by: 'person' as const,
  opted_out: false,
  transferred_to: null,
  metadata: specExample.metadata,
}

export const transcriptExample = [
  {
    role: 'agent' as const,
    text: 'Hi John, this is Alex from Downtown Dental. I am calling about your appointment on',
    interrupted: true,
    start_ms: 420,
    end_ms: 5100,
  },
  { role: 'caller' as const, text: 'Yes, Thursday works.', start_ms: 4800, end_ms: 6300 },
  {
    role: 'tool' as const,
    id: 'toolu_01',
    name: 'record_outcome',
    input: { result: 'confirmed for Thursday, two p.m.' },
    result: 'Noted.',
    start_ms: 7100,
    end_ms: 7104,
  },
  {
    role: 'agent' as const,
    text: 'Wonderful, see you on Thursday at two p.m. Goodbye!',
    interrupted: false,
    start_ms: 7420,
    end_ms: 11_050,
  },
]

const timingsExample = {
  reply: 2,
  kind: 'answer' as const,
  speech_end_ms: 6240,
  turn_end_ms: 6480,
  first_text_ms: 6890,
  first_phrase_ms: 6960,
  first_audio_ms: 7120,
  heard_ms: 7230,
}

export const outcomeExample = {
  disposition: 'completed' as const,
  failed_by: null,
  callback_at: null,
  refused: false,
  summary: 'John confirmed the appointment on Thursday at two. Nothing is left to do.',
  data: { confirmed: true },
  turns: { confirmed: 1 },
  unknown: [],
  problems: [],
}

export const callExample = {
  ...summaryExample,
  spec: specExample,
  notes: [{ result: 'confirmed for Thursday, two p.m.' }],
  message_left: null,
  timeline: [
    { status: 'queued' as const, at: summaryExample.created_at },
    { status: 'ringing' as const, at: '2026-11-21T09:30:01.700Z' },
    { status: 'in_progress' as const, at: summaryExample.answered_at },
    { status: summaryExample.status, at: summaryExample.ended_at },
  ],
  transcript: transcriptExample,
  timings: [timingsExample],
  latencies: [
    {
      reply: 2,
      kind: 'answer' as const,
      wait_ms: 990,
      filler_ms: null,
      stt_ms: 240,
      llm_ms: 410,
      phrase_ms: 70,
      tts_ms: 160,
      playout_ms: 110,
      stop_ms: null,
    },
  ],
  cost: {
    currency: 'USD',
    total: 0.014,
    lines: [
      {
        vendor: 'twilio' as const,
        item: 'voice',
        quantity: 1,
        unit: 'minute' as const,
        unit_price: 0.014,
        amount: 0.014,
        based_on: 'minutes begun between the answer and the end',
      },
    ],
  },
  outcome: outcomeExample,
  recording: { url: `/api/phone/calls/${callId}/recording.wav` },
}

export const eventExamples = [
  {
    type: 'turn' as const,
    call_id: callId,
    at: '2026-11-21T09:30:14.900Z',
    seq: 7,
    turn: transcriptExample[1],
  },
  {
    type: 'call.ended' as const,
    call_id: callId,
    at: summaryExample.ended_at,
    seq: 12,
    status: summaryExample.status,
    end_reason: summaryExample.end_reason,
    failure: null,
  },
]

/** The same events as they are sent. */
export const streamExample = eventExamples
  .map((event) => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join('')
