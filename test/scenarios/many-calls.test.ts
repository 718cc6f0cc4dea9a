import { problemsOf } from '../../src/cli/demo-call.ts'
import { closedRecord, placeCall } from '../../src/cli/call-record.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { scenarioWorld } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

const CODES =
  'amber birch cedar daisy ember fable grove heron ivory jolly karma lemon maple noble ocean pearl quilt river stone tulip'.split(
    ' ',
  )

/** A callee with a word of their own, which nobody else may ever hear. */
const callee = (code: string, index: number): Scenario => ({
  ...dentist,
  name: `callee-${code}`,
  call: {
    phone_number: `+1234560${String(1000 + index)}`,
    action: `Ask for the code of the ${code} house`,
  },
  person: {
    answer: 'yes',
    ringMs: 200 + 37 * index,
    does: [
      { hear: 'end' },
      { say: `The code is ${code}.` },
      { hear: 'end' },
      { say: `Yes, ${code}. Bye.` },
    ],
  },
  claude: [
    {
      when: /call was answered/i,
      say: `Hello, I am calling for the ${code} house. What is the code?`,
    },
    { when: /bye/i, say: `Goodbye, ${code} house.`, tool: { name: 'end_call', input: {} } },
    { when: /code is (\w+)/i, say: 'I heard $1. Is it $1?' },
  ],
})

describe('several calls in one process', () => {
  it('makes a second call as well as the first', async () => {
    const world = await scenarioWorld([dentist])
    for (let i = 0; i < 2; i++) {
      const { record, problems } = await world.run(dentist)
      expect(problems).toEqual([])
      expect(record.end_reason).toBe('agent_hung_up')
    }
  })

  it('carries twenty at once, and no word crosses from one to another', async () => {
    const callees = CODES.map(callee)
    const world = await scenarioWorld(callees)
    const ids = await Promise.all(callees.map(({ call }) => placeCall(world.url, call)))
    await Promise.all(
      ids.map(async (id, index) => {
        const record = await closedRecord(world.url, id, world.clock, 60_000)
        const call = world.simulator.twilio
          .calls()
          .find(({ to }) => to === callees[index]?.call.phone_number)
        expect(call).toBeDefined()
        if (!call) return
        expect(problemsOf(world, record, call)).toEqual([])
        const code = CODES[index]!
        expect(call.heardText()).toBe(
          `Hello, I am calling for the ${code} house. What is the code? I heard ${code}. Is it ${code}? Goodbye, ${code} house.`,
        )
      }),
    )
  }, 60_000)
})
