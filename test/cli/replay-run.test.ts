import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnsweredBy } from '../../src/pipeline/answering/answered-by.ts'
import type { TurnEvent } from '../../src/pipeline/turn-events.ts'
import { readFlight } from '../../src/cli/replay-file.ts'
import { replay } from '../../src/cli/replay-run.ts'
import { BROKEN_CALL, DENTIST_CALL, type Happening, recordOf } from '../helpers/flights.ts'
import { run } from '../helpers/turn.ts'

/** For each kind of event, any event of it: as JSON knows it, without fields that are undefined. */
const text = fc.constantFrom('', ' ', 'Yes.', 'My number is +1 555 123 4567.', 'Größe 42 – ok?')
const reply = fc.nat({ max: 6 })
const failure = fc.record({
  by: fc.constantFrom('anthropic' as const, 'parley' as const),
  code: fc.constantFrom('timeout', 'rejected:21211'),
  message: fc.constantFrom('refused "call me, please" for +15551234567', 'no answer'),
})
const anyOf: {
  [K in TurnEvent['type']]: fc.Arbitrary<Omit<Extract<TurnEvent, { type: K }>, 'type'>>
} = {
  started: fc.constant({}),
  resumed: fc.record({
    lastReply: reply,
    owed: fc.boolean(),
    handedOver: fc.boolean(),
  }),
  server_stopping: fc.constant({}),
  answered: fc.constant({}),
  line_attached: fc.record({
    firstSpeaker: fc.constantFrom('agent' as const, 'callee' as const, 'auto' as const),
  }),
  line_closed: fc.constant({}),
  line_lost: fc.constant({}),
  leave_failed: fc.constant({}),
  transfer_ended: fc.record({ completed: fc.boolean() }),
  answered_by: fc.record({
    by: fc.constantFrom<AnsweredBy>('person', 'voicemail', 'mailbox_full', 'ivr', 'screening'),
    message: fc.boolean(),
  }),
  caller_sound: fc.constant({}),
  beep: fc.constant({}),
  caller_words: fc.record({ aside: fc.boolean(), guarded: fc.boolean() }),
  caller_turn_guessed: fc.record({ text }),
  caller_resumed: fc.constant({}),
  caller_turn_ended: fc.record({
    text,
    means: fc.constantFrom(
      'nothing' as const,
      'aside' as const,
      'hold' as const,
      'farewell' as const,
      'words' as const,
    ),
    guarded: fc.boolean(),
    asGuessed: fc.boolean(),
    expectsBeep: fc.boolean(),
  }),
  reply_dry: fc.record({ reply }),
  dead_air: fc.record({ rung: fc.constantFrom('filler' as const, 'give_up' as const) }),
  reply_audio: fc.record({ reply }),
  reply_sent: fc.oneof(
    fc.record({ reply }),
    fc.record({
      reply,
      then: fc.constantFrom('hang_up' as const, 'keys' as const, 'transfer' as const),
    }),
  ),
  reply_heard: fc.record({ reply }),
  reply_failed: fc.record({ reply, failure }),
  tool_finished: fc.constant({}),
  hearing_failed: fc.record({ failure }),
  timer_fired: fc.record({
    timer: fc.constantFrom(
      'silence' as const,
      'hold' as const,
      'resume' as const,
      'first_words' as const,
    ),
  }),
  time_nearly_up: fc.constant({}),
  time_up: fc.constant({}),
  end_requested: fc.record({
    reason: fc.constantFrom('requested' as const, 'caller_hung_up' as const),
  }),
}
/** Kinds that end a call are drawn more rarely, or hardly any would be long. */
const ENDS = new Set([
  'line_closed',
  'time_up',
  'server_stopping',
  'end_requested',
  'hearing_failed',
])
const anyEvent = fc.oneof(
  ...Object.entries(anyOf).map(([type, fields]) => ({
    weight: ENDS.has(type) ? 1 : 6,
    arbitrary: fields.map((more) => ({ type, ...more }) as TurnEvent),
  })),
)
const anyCall: fc.Arbitrary<readonly Happening[]> = fc
  .array(anyEvent, { maxLength: 80 })
  .map((events) =>
    [{ type: 'started' } as const, { type: 'answered' } as const, ...events].map(
      (event, i): Happening => [i * 20, event],
    ),
  )

describe('a replay', () => {
  it.each([
    ['redacted', false],
    ['unredacted', true],
  ])('of any call is what the call was: %s', (_, pii) => {
    fc.assert(
      fc.property(anyCall, (call) => {
        const result = replay(readFlight(recordOf(call, { pii })))
        expect(result).toEqual({ kind: 'identical', steps: call.length, missing: 0 })
      }),
      { numRuns: 1000 },
    )
  })

  it('shows the first effect that is not what it was', () => {
    const lines = recordOf(DENTIST_CALL).split('\n')
    const at = lines.findIndex((line) => line.includes('"resume_reply"'))
    const tampered = lines.with(
      at,
      lines[at]!.replace('{"type":"resume_reply","reply":2}', '{"type":"cancel_reply","reply":2}'),
    )
    const later = lines.findLastIndex((line) => line.includes('"phase":"ended"'))
    const flight = readFlight(
      tampered.with(later, tampered[later]!.replace('"ended"', '"listening"')).join('\n'),
    )
    const result = replay(flight)
    expect(result).toMatchObject({
      kind: 'different',
      before: 'paused',
      at: { line: at + 1, event: { type: 'caller_turn_ended' } },
    })
    expect(result.kind === 'different' && result.difference).toEqual([
      '  note_caller {"text":"Uh-huh."}',
      '  stop_timer {"timer":"resume"}',
      '- cancel_reply {"reply":2}',
      '+ resume_reply {"reply":2}',
      '  phase speaking',
    ])
  })

  it('shows a phase that is not what it was', () => {
    const text = recordOf(BROKEN_CALL).replace('"phase":"listening"', '"phase":"speaking"')
    const result = replay(readFlight(text))
    expect(result.kind === 'different' && result.difference).toEqual([
      '  start_timer {"timer":"silence"}',
      '- phase speaking',
      '+ phase listening',
    ])
  })

  it('says so when it does not know a kind of event', () => {
    const text = recordOf(BROKEN_CALL).replace('"timer_fired"', '"caller_sneezed"')
    expect(replay(readFlight(text))).toMatchObject({
      kind: 'stuck',
      problem: expect.stringMatching(/^"caller_sneezed" is not known here; the record was made by/),
    })
  })

  it('says so when steps are missing or out of order', () => {
    const lines = recordOf(BROKEN_CALL).split('\n')
    const result = replay(readFlight(lines.toSpliced(3, 1).join('\n')))
    expect(result).toEqual({ kind: 'stuck', line: 4, problem: 'expected step 3, found step 4' })
  })

  it('says so when an event lacks what the machine needs', () => {
    const text = recordOf(DENTIST_CALL).replace('"text":"Hello?",', '')
    expect(replay(readFlight(text))).toMatchObject({
      kind: 'stuck',
      line: 8,
      problem: expect.stringContaining('the machine failed: '),
    })
  })

  it('goes on behind a gap from where the call stood there', () => {
    const [header, first, ...rest] = recordOf(BROKEN_CALL).trimEnd().split('\n')
    const events = BROKEN_CALL.flatMap(([, what]) => ('type' in what ? [what] : []))
    const { state } = run(events.slice(0, 10))
    const gap = (fields: object) =>
      JSON.stringify({ type: 'gap', at_ms: 1, lines: 9, steps: 9, state, ...fields })
    const behind = rest.slice(9)
    const whole = [header, first, gap({}), ...behind].join('\n')
    expect(replay(readFlight(whole))).toEqual({ kind: 'identical', steps: 6, missing: 9 })
    const elsewhere = [header, first, gap({ state: { phase: 'dancing' } }), ...behind].join('\n')
    expect(replay(readFlight(elsewhere))).toMatchObject({ kind: 'stuck', line: 3 })
  })
})
