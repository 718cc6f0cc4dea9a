import { pino } from 'pino'
import { FlightWriter, type RecordedCall } from '../../src/calls/flight-writer.ts'
import { type Clock, systemClock } from '../../src/clock.ts'
import type { FlightNote } from '../../src/pipeline/flight-record.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'
import { initialTurn, step } from '../../src/pipeline/turn.ts'
import type { TurnEvent } from '../../src/pipeline/turn-events.ts'
import { ended, fired, words } from './turn.ts'

export const CALL: RecordedCall = {
  callId: 'call_01example',
  direction: 'outbound',
  language: 'en',
}

/** What happens so many milliseconds after the record began. */
export type Happening = readonly [atMs: number, what: TurnEvent | { readonly note: FlightNote }]

/** The text of the flight record of a call in which these things happen to the turn machine. */
export function recordOf(
  happenings: readonly Happening[],
  { pii = true, ended = true }: { pii?: boolean; ended?: boolean } = {},
): string {
  const begun = 5000
  let now = begun
  const clock: Clock = {
    ...systemClock,
    now: () => now,
    date: () => new Date('2030-05-01T12:00:00.000Z'),
  }
  const lines: string[] = []
  const write = (line: string) => lines.push(line) > 0
  const log = pino({ level: 'silent' })
  const record = new FlightWriter(
    { lines: { write }, clock, log, pii, onEnd: () => undefined },
    CALL,
  )
  let state = initialTurn
  for (const [atMs, what] of happenings) {
    // A turn comes on record when it is over, whenever it was spoken.
    now = Math.max(now, begun + atMs)
    if ('note' in what) {
      record.note(what.note)
      continue
    }
    const next = step(state, what)
    state = next.state
    record.step({ atMs: now, event: what, ...next })
  }
  if (ended) record.end()
  return lines.map((line) => `${line}\n`).join('')
}

/** Times of turns count from here. */
const ATTACHED = 2000

const turn = (value: Turn): Happening => [
  ATTACHED + value.endMs,
  { note: { type: 'turn', turn: value } },
]
const at = (ms: number, what: Happening[1]): Happening => [ATTACHED + ms, what]

/**
 * A call in which most of what can happen does: the callee says hello first, asks something that a tool knows, murmurs an
 * “uh-huh” over the answer, cuts in near its end, and says goodbye.
 */
export const DENTIST_CALL: readonly Happening[] = [
  [
    0,
    {
      note: {
        type: 'spec',
        spec: {
          phone_number: '+15551234567',
          action: 'Confirm the appointment on Thursday at 2pm',
          context: 'Dr. Smith, Suite 200.',
          callee_name: 'John',
          first_speaker: 'auto',
          metadata: { crm: 'John-4711' },
          tools: [
            {
              name: 'find_suite',
              description: 'Where a doctor is',
              input_schema: { type: 'object', properties: { doctor: { type: 'string' } } },
              url: 'https://crm.example/suites?key=hush',
              secret_headers: { authorization: 'CRM_TOKEN' },
            },
          ],
        },
      },
    },
  ],
  [10, { type: 'started' }],
  at(-120, { type: 'answered' }),
  at(-10, { note: { type: 'stream', what: 'opened', id: `MZ${'0a'.repeat(16)}` } }),
  at(0, { type: 'line_attached', firstSpeaker: 'auto' }),
  at(800, words),
  at(1150, ended('Hello?')),
  turn({ role: 'caller', text: 'Hello?', startMs: 800, endMs: 980 }),
  at(1160, { type: 'reply_audio', reply: 1 }),
  at(1170, { type: 'reply_sent', reply: 1 }),
  turn({
    role: 'agent',
    text: 'Hi John, this is Alex. Does Thursday at two still work for you?',
    interrupted: false,
    startMs: 1180,
    endMs: 4380,
  }),
  at(4390, { type: 'reply_heard', reply: 1 }),
  at(5200, words),
  at(6900, ended('Yes. Which suite is it?')),
  turn({ role: 'caller', text: 'Yes. Which suite is it?', startMs: 5200, endMs: 6500 }),
  turn({
    role: 'tool',
    id: 'toolu_1',
    name: 'find_suite',
    input: { doctor: 'Smith' },
    result: '{"suite":200}',
    startMs: 7500,
    endMs: 7600,
  }),
  at(8200, { type: 'reply_audio', reply: 2 }),
  at(8300, { type: 'reply_sent', reply: 2 }),
  at(9300, { type: 'caller_words', aside: true, guarded: false }),
  at(9600, ended('Uh-huh.', 'aside')),
  turn({ role: 'caller', text: 'Uh-huh.', startMs: 9300, endMs: 9450 }),
  turn({
    role: 'agent',
    text: 'It is suite two hundred, on the second floor, right next to the',
    interrupted: true,
    startMs: 8220,
    endMs: 12100,
  }),
  at(12100, words),
  at(12900, ended('Great, got it. Bye!', 'farewell')),
  turn({ role: 'caller', text: 'Great, got it. Bye!', startMs: 12100, endMs: 12700 }),
  at(13500, { type: 'reply_audio', reply: 3 }),
  at(13600, { type: 'reply_sent', reply: 3, then: 'hang_up' }),
  turn({
    role: 'agent',
    text: 'See you on Thursday. Goodbye!',
    interrupted: false,
    startMs: 13520,
    endMs: 15020,
  }),
  turn({
    role: 'tool',
    id: 'toolu_2',
    name: 'end_call',
    input: { reason: 'done' },
    result: 'done',
    startMs: 15020,
    endMs: 15020,
  }),
  at(15030, { type: 'reply_heard', reply: 3 }),
]

/** Two stretches of silence, a vendor that fails, and a caller who hangs up over the apology. */
export const BROKEN_CALL: readonly Happening[] = [
  [5, { type: 'started' }],
  [1500, { type: 'answered' }],
  [1600, { type: 'line_attached', firstSpeaker: 'agent' }],
  [1700, { type: 'reply_audio', reply: 1 }],
  [1800, { type: 'reply_sent', reply: 1 }],
  [4000, { type: 'reply_heard', reply: 1 }],
  [12000, fired('silence')],
  [12300, { type: 'reply_audio', reply: 2 }],
  [12400, { type: 'reply_sent', reply: 2 }],
  [13400, { type: 'reply_heard', reply: 2 }],
  [15000, words],
  [16000, ended('Sorry, I was away. Call me at +1 (555) 123-4567.')],
  [
    17000,
    {
      type: 'reply_failed',
      reply: 3,
      failure: {
        by: 'anthropic',
        code: 'rejected:400',
        message: 'refused "Call me at home, please" for +15551234567 with sk-ant-secret123',
      },
    },
  ],
  [17400, { type: 'reply_audio', reply: 4 }],
  [18000, { type: 'line_closed' }],
]
