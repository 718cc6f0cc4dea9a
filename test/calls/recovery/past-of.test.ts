import { expect, it } from 'vitest'
import { languageOf, pastOf } from '../../../src/calls/recovery/past-of.ts'
import { STILL_RUNNING, type Turn } from '../../../src/pipeline/transcript.ts'
import { after, agentSays, liveCall, without } from '../../store/kept-calls.ts'

let id = 0
const tool = (name: string, input: unknown, result: string): Turn => ({
  ...{ role: 'tool', id: `t${++id}`, name, input, result, startMs: 0, endMs: 0 },
})

it('what a call has come to is read from what was done in it', () => {
  const turns = [
    tool('record_outcome', { result: 'confirmed', details: { at: 2 } }, 'noted'),
    tool('record_outcome', { result: 'not yet' }, STILL_RUNNING),
    tool('record_outcome', { text: 'of another shape' }, 'noted'),
    tool('do_not_call_again', {}, 'failed: nobody was there'),
    tool('switch_language', { language: 'fr' }, 'done: speak this language from now on'),
    tool('switch_language', { language: 'de' }, 'failed: not a language'),
  ]
  const { facts } = pastOf(liveCall(0, { turns, answeredBy: 'person' }), after(60_000))
  expect(facts).toEqual({
    answeredBy: 'person',
    notes: [{ result: 'confirmed', details: { at: 2 } }],
    optedOut: false,
  })
  expect(languageOf({ turns })).toBe('fr')
  expect(languageOf({ turns: [] })).toBeUndefined()
  const optedOut = [tool('do_not_call_again', {}, 'noted: this number will not be called again.')]
  expect(pastOf(liveCall(0, { turns: optedOut }), after(0)).facts.optedOut).toBe(true)
})

it.each([-600_000, 0, 600_000])(
  'a clock that has jumped by %i ms makes no call younger than its words',
  (jumpMs) => {
    const record = liveCall(0, { answeredAt: after(5000), turns: [agentSays('Hello.', 20_000)] })
    const { elapsedMs } = pastOf(record, after(30_000 + jumpMs))
    expect(elapsedMs).toBe(Math.max(20_500, 25_000 + jumpMs))
    expect(pastOf(without(liveCall(0), 'answeredAt'), after(jumpMs)).elapsedMs).toBe(0)
  },
)
