import type { CallJson } from '../../src/cli/call-record.ts'
import { longestDeadAirMs } from '../../src/simulator/dead-air.ts'
import type { SimulatedCall } from '../../src/simulator/simulated-call.ts'
import {
  frozen,
  lostAgain,
  lostForGood,
  lostInGoodbye,
  lostInSilence,
  lostWhileListening,
  lostWhileSpeaking,
  lostWhileThinking,
  roughLine,
  silentLine,
  stuck,
} from '../../src/simulator/scenarios/lines.ts'
import { callsAtOnce } from '../helpers/calls-at-once.ts'
import { scenarioWorld, textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

const wordsIn = (text: string) => text.split(' ')

/** The words that the person heard more often than they are on record, and beginnings of words. */
function saidTwice(record: CallJson, call: SimulatedCall): { words: number; pieces: number } {
  const said = wordsIn(textsOf(record, 'agent').join(' '))
  const left = [...said]
  const again = wordsIn(call.heardText()).filter((word) => {
    const at = left.indexOf(word)
    if (at !== -1) left.splice(at, 1)
    return at === -1
  })
  const words = again.filter((word) => said.includes(word)).length
  return { words, pieces: again.length - words }
}

/** The agent was never cut off: everything it had to say is on record as heard. */
function expectWhole(record: CallJson): void {
  expect(record.transcript.filter(({ interrupted }) => interrupted === true)).toEqual([])
}

/** Each cut may have hit one word, and the one before it is said again when it was hardly over. */
function expectRepeated(record: CallJson, call: SimulatedCall, cuts: number): void {
  const { words, pieces } = saidTwice(record, call)
  expect(words).toBeLessThanOrEqual(cuts)
  expect(pieces).toBeLessThanOrEqual(cuts)
}

describe('a stream that breaks', () => {
  const calls = callsAtOnce(
    [
      lostWhileSpeaking,
      frozen,
      lostWhileListening,
      lostInSilence,
      lostWhileThinking,
      lostAgain,
      lostInGoodbye,
      stuck,
      silentLine,
    ],
    {
      before: ({ deepgram }) => {
        Object.assign(deepgram.knobs, lostWhileListening.vendors?.deepgram)
      },
    },
  )

  it.each([
    ['while the agent speaks', lostWhileSpeaking],
    ['in silence, its socket half open', frozen],
  ] as const)(
    '%s: nothing is lost, and at most the word at the cut is said twice',
    (_name, scenario) => {
      const { record, call, problems } = calls.of(scenario)
      expect(problems).toEqual([])
      expect(call.streamCount).toBe(2)
      expectWhole(record)
      expect(textsOf(record, 'agent')[0]).toMatch(/^Hi John, this is Alex.*still work for you\?$/)
      expectRepeated(record, call, 1)
      expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
    },
  )

  it.each([
    ['plays nothing, though its socket is open', stuck],
    ['brings nothing, though its socket is open', silentLine],
  ] as const)('%s: it is given up in time, and nothing is lost', (_name, scenario) => {
    const { record, call, problems } = calls.of(scenario)
    expect(problems).toEqual([])
    expect(call.streamCount).toBe(2)
    expectWhole(record)
    expect(call.heardText()).toMatch(/all set for Thursday at two\..*like to know\?.*Goodbye!$/)
    expectRepeated(record, call, 1)
    expect(longestDeadAirMs(call, textsOf(record, 'agent'))).toBeLessThan(6700)
    expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
  })

  it('in the middle of what the caller says: all of it is heard, as one turn', () => {
    const { record, call, problems } = calls.of(lostWhileListening)
    expect(problems).toEqual([])
    expect(call.streamCount).toBe(2)
    expect(textsOf(record, 'caller')[0]).toBe('Yes, Thursday works for me.')
    expectWhole(record)
    expect(saidTwice(record, call)).toEqual({ words: 0, pieces: 0 })
  })

  it('when nobody speaks: nobody notices', () => {
    const { record, call, problems } = calls.of(lostInSilence)
    expect(problems).toEqual([])
    expect(call.streamCount).toBe(2)
    expectWhole(record)
    expect(saidTwice(record, call)).toEqual({ words: 0, pieces: 0 })
    expect(call.heardText()).not.toContain('still there')
    expect(record.end_reason).toBe('agent_hung_up')
  })

  it('right after the caller’s turn: it is answered once, from the first word', () => {
    const { record, call, problems } = calls.of(lostWhileThinking)
    expect(problems).toEqual([])
    expect(call.streamCount).toBe(2)
    expectWhole(record)
    expect(call.heardText().match(/It's Suite two hundred/g)).toHaveLength(1)
    expect(saidTwice(record, call)).toEqual({ words: 0, pieces: 0 })
  })

  it('again and again: not a word is lost', () => {
    const { record, call, problems } = calls.of(lostAgain)
    expect(problems).toEqual([])
    expect(call.streamCount).toBe(4)
    expectWhole(record)
    expectRepeated(record, call, 3)
    expect(record.end_reason).toBe('agent_hung_up')
  })

  it('in the goodbye: it is said to its end, and the call ends', () => {
    const { record, call, problems } = calls.of(lostInGoodbye)
    expect(problems).toEqual([])
    expect(call.streamCount).toBe(2)
    expectWhole(record)
    expect(call.heardText()).toMatch(/Goodbye!$/)
    expectRepeated(record, call, 1)
    expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
  })

  it('for good: the call is given up in time, with the reason on record', async () => {
    const world = await scenarioWorld([lostForGood], {
      environment: { REATTACH_TIMEOUT_MS: '3000' },
    })
    const { twilio } = world.simulator
    const running = world.run(lostForGood)
    await expect.poll(() => twilio.calls()[0]?.heardText(), { timeout: 20_000 }).toMatch(/^Hi/)
    twilio.knobs.streamConnectMs = 60_000
    const { record, call, problems } = await running
    expect(problems).toEqual([])
    expect(call.streamCount).toBe(1)
    expect(record).toMatchObject({
      status: 'failed',
      failure: { by: 'twilio', code: 'stream_lost' },
    })
    expect(record.transcript).toMatchObject([{ role: 'agent', interrupted: true }])
    const endedAt = call.statuses.at(-1)?.at ?? 0
    const silentMs = endedAt - (call.answeredAt ?? 0) - (call.heard.at(-1)?.endMs ?? 0)
    expect(silentMs).toBeGreaterThan(2500)
    // The timeout itself, and the time in which the call is hung up on a busy machine.
    expect(silentMs).toBeLessThan(5000)
  })
})

describe('bad reception', () => {
  it('does not keep a call from doing its work', async () => {
    const world = await scenarioWorld([roughLine])
    const { record, call } = await world.run(roughLine)
    expect(call.heardText()).toMatch(/^Hi John.*all set for Thursday at two\..*Goodbye!$/)
    expectWhole(record)
    expect(saidTwice(record, call)).toEqual({ words: 0, pieces: 0 })
    expect(textsOf(record, 'caller')).toHaveLength(2)
    expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
  })
})
