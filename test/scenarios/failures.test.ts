import { deaf, modelDown, voiceDown } from '../../src/simulator/scenarios/broken-vendors.ts'
import { inbound } from '../../src/simulator/scenarios/inbound.ts'
import { busy, noAnswer, unreachable } from '../../src/simulator/scenarios/unanswered.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { scenarioWorld } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

describe('a call that nobody takes', () => {
  it.each([
    [busy, 'busy'],
    [noAnswer, 'no_answer'],
    [unreachable, 'failed'],
  ] as const)('$name ends on record as that', async (scenario, status) => {
    const world = await scenarioWorld([scenario])
    const { record, call, problems } = await world.run(scenario)
    expect(problems).toEqual([])
    expect(record.status).toBe(status)
    expect(call.heardText()).toBe('')
    expect(world.simulator.deepgram.total()).toBe(0)
  })
})

describe('a vendor that is down when the call begins', () => {
  it.each([
    [modelDown, 'anthropic'],
    [voiceDown, 'elevenlabs'],
  ] as const)('$name: the call is taken back before anybody is bothered', async (scenario, by) => {
    const world = await scenarioWorld([scenario])
    const { record, call } = await world.run(scenario)
    expect(record).toMatchObject({ status: 'failed', failure: { by } })
    expect(call.answeredAt).toBeUndefined()
  })

  it.each([
    ['the model', modelDown, 'anthropic'],
    ['the voice', voiceDown, 'elevenlabs'],
  ] as const)(
    '%s: somebody who rings us hears an apology, if need be by Twilio’s own voice',
    async (_name, { vendors }, by) => {
      const scenario: Scenario = { ...inbound, ...(vendors && { vendors }) }
      const world = await scenarioWorld([scenario])
      const { record, call } = await world.run(scenario)
      expect(call.heardText()).toMatch(/^I'm sorry, I'm having a technical problem.*Goodbye\.$/)
      expect(record).toMatchObject({ status: 'failed', failure: { by } })
    },
  )

  it('deaf: whoever picked up hears an apology, then the call ends', async () => {
    const world = await scenarioWorld([deaf])
    const { record, call } = await world.run(deaf)
    expect(record).toMatchObject({ status: 'failed', failure: { by: 'deepgram' } })
    expect(call.heardText()).toMatch(/technical problem and have to end the call. Goodbye.$/)
  })
})
