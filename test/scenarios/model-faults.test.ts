import { longestDeadAirMs } from '../../src/simulator/dead-air.ts'
import { mindless, modelFaults } from '../../src/simulator/scenarios/model-faults.ts'
import { callsAtOnce } from '../helpers/calls-at-once.ts'
import { textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

/** What is allowed from the end of the caller's turn, and what it takes to tell that it has ended. */
const BOUND_MS = 2500 + 700

const calls = callsAtOnce([...modelFaults, mindless], {
  environment: {
    ANTHROPIC_FIRST_TOKEN_TIMEOUT_MS: '2000',
    ANTHROPIC_STALL_TIMEOUT_MS: '2000',
    DEAD_AIR_FILLER_MS: '2000',
    DEAD_AIR_SECOND_FILLER_MS: '5000',
    DEAD_AIR_GIVE_UP_MS: '8000',
  },
  before: ({ claude }) => {
    claude.knobs.faults = [...modelFaults, mindless].flatMap(({ faults }) => faults)
  },
})

describe('a model that breaks', () => {
  it.each(modelFaults)(
    '$about: the person hears the whole answer, once, and is never left in silence',
    (each) => {
      const { record, call, problems } = calls.of(each)
      const hit = calls.simulator.claude.requests().some(({ fault }) => {
        return fault !== undefined && each.faults.includes(fault)
      })
      expect(hit).toBe(true)
      expect(problems).toEqual([])
      const said = record.transcript.flatMap(({ role, text, filler }) =>
        role === 'agent' && filler !== true ? [text] : [],
      )
      expect(said.slice(1, -1).join(' ')).toBe(each.answer)
      expect(record).toMatchObject({ status: 'completed', failure: null })
      expect(longestDeadAirMs(call, textsOf(record, 'agent'))).toBeLessThan(BOUND_MS)
    },
  )

  it('for good: the person hears an apology, and the record says who failed', () => {
    const { record, call, problems } = calls.of(mindless)
    expect(problems).toEqual([])
    expect(call.heardText()).toMatch(/One moment, please\..*technical problem.*Goodbye\.$/)
    expect(record).toMatchObject({
      status: 'failed',
      failure: { by: 'anthropic', code: 'timeout' },
    })
    expect(longestDeadAirMs(call, textsOf(record, 'agent'))).toBeLessThan(BOUND_MS)
  })
})
