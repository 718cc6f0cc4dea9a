import type { CallJson } from '../../src/cli/call-record.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import {
  guessConfirmed,
  guessModelFails,
  guessTakenBack,
  guessVoiceFails,
  guessWithTool,
  guessWithToolTakenBack,
} from '../../src/simulator/scenarios/guesses.ts'
import { type CallsAtOnce, callsAtOnce } from '../helpers/calls-at-once.ts'
import { textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

/** What several scenarios want of the vendors that they share. */
function arrange({ deepgram, claude, elevenLabs }: CallsAtOnce['simulator']): void {
  Object.assign(deepgram.knobs, guessConfirmed.vendors?.deepgram)
  Object.assign(claude.knobs, guessModelFails.vendors?.claude)
  Object.assign(elevenLabs.knobs, guessVoiceFails.vendors?.elevenlabs)
}

const guessing = callsAtOnce(
  [
    guessConfirmed,
    guessTakenBack,
    guessWithTool,
    guessWithToolTakenBack,
    guessModelFails,
    guessVoiceFails,
  ],
  { environment: { SPECULATION: 'true' }, before: arrange },
)
const waiting = callsAtOnce([guessConfirmed, guessTakenBack], { before: arrange })

function requestsOf({ simulator }: CallsAtOnce, { call }: Scenario) {
  const all = simulator.claude.requests()
  return all.filter(({ system, maxTokens }) => system.includes(call.action) && maxTokens > 0)
}

/** From the certain end of the caller's turns to the first audio of the answers; the one in the middle. */
function typicalWait({ timings }: CallJson): number {
  const waits = timings.flatMap(({ kind, turn_end_ms: end, first_audio_ms: audio }) =>
    kind === 'answer' && end !== undefined && audio !== undefined ? [audio - end] : [],
  )
  expect(waits).toHaveLength(3)
  return waits.toSorted((a, b) => a - b)[1] ?? Number.NaN
}

describe('an answer that was prepared', () => {
  it('comes sooner, and costs no request more', () => {
    const { record, problems } = guessing.of(guessConfirmed)
    const { record: before, problems: problemsBefore } = waiting.of(guessConfirmed)
    expect([...problems, ...problemsBefore]).toEqual([])
    expect(textsOf(record, 'agent')).toEqual(textsOf(before, 'agent'))
    // Model and voice take half a second together; all of it has passed when the turn is certainly over.
    expect(typicalWait(record)).toBeLessThan(typicalWait(before) / 2)
    const requests = requestsOf(guessing, guessConfirmed)
    expect(requests).toHaveLength(requestsOf(waiting, guessConfirmed).length)
    expect(requests.filter(({ aborted }) => aborted)).toEqual([])
  })

  it('is never heard when the caller goes on, nor remembered', () => {
    const { record, call, problems } = guessing.of(guessTakenBack)
    expect(problems).toEqual([])
    // It was there, down to its sound.
    expect(guessing.simulator.elevenLabs.spoken().join(' ')).toContain('Splendid')
    expect(textsOf(record, 'caller')[0]).toBe('Thursday is fine. No, wait, Friday would be better.')
    for (const told of [
      call.heardText(),
      JSON.stringify(record.transcript),
      JSON.stringify(requestsOf(guessing, guessTakenBack).map(({ messages }) => messages)),
    ]) {
      expect(told).not.toContain('Splendid')
      expect(told).toContain('Friday')
    }
    expect(call.heardText()).toContain('Friday at eleven, then. Is that right?')
  })

  it('costs a request when the caller goes on; without guessing there is none', () => {
    const costs = (calls: CallsAtOnce) => requestsOf(calls, guessTakenBack).length
    expect(costs(guessing)).toBe(costs(waiting) + 1)
    expect(waiting.simulator.elevenLabs.spoken().join(' ')).not.toContain('Splendid')
  })
})

describe('a tool that a guess asks for', () => {
  it('runs once, and not before it is certain that the caller has finished', () => {
    const { call, problems } = guessing.of(guessWithTool)
    expect(problems).toEqual([])
    const runs = guessing.simulator.tools
      .requests()
      .filter(({ body }) => JSON.stringify(body).includes('friday'))
    expect(runs).toHaveLength(1)
    const saidMs = call.said[0]?.endMs ?? Number.NaN
    const ranMs = (runs[0]?.atMs ?? Number.NaN) - (call.answeredAt ?? Number.NaN)
    expect(ranMs - saidMs).toBeGreaterThan(guessConfirmed.vendors?.deepgram?.endOfTurnMs ?? 0)
    expect(call.heardText()).toContain('Let me book that. That is booked.')
  })

  it('does not run when the caller goes on and wants something else', () => {
    const { record, call, problems } = guessing.of(guessWithToolTakenBack)
    expect(problems).toEqual([])
    const days = guessing.simulator.tools.requests().map(({ body }) => body)
    expect(days).toHaveLength(2)
    expect(days).toEqual(expect.arrayContaining([{ day: 'friday' }, { day: 'tuesday' }]))
    expect(JSON.stringify(record.transcript)).not.toContain('"monday"')
    // It was wanted, and taken back.
    const wanted = requestsOf(guessing, guessWithToolTakenBack).map(
      ({ reply }) => reply.tool?.input,
    )
    expect(wanted).toContainEqual({ day: 'monday' })
    expect(call.heardText()).toContain('That is booked.')
  })
})

describe('a guess that fails', () => {
  it.each([
    ['at the model', guessModelFails, 'The second floor, to your left.'],
    ['at the voice', guessVoiceFails, 'Behind the house, for free.'],
  ] as const)('%s is made anew, and nobody hears of it', (_name, scenario, answer) => {
    const { record, call, problems } = guessing.of(scenario)
    expect(problems).toEqual([])
    expect(call.heardText()).toContain(answer)
    expect(call.heardText()).not.toContain('technical problem')
    expect(record).toMatchObject({
      status: 'completed',
      end_reason: 'agent_hung_up',
      failure: null,
    })
    // The opening, the guess, the answer, and the goodbye.
    expect(requestsOf(guessing, scenario)).toHaveLength(4)
  })
})
