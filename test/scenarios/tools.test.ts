import {
  doNotCall,
  notesOutcome,
  toolBargeIn,
  toolFails,
  toolLookup,
  toolSlow,
  transfer,
  transferTakenBack,
  transferUnanswered,
} from '../../src/simulator/scenarios/tools.ts'
import { scenarioWorld, textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

describe('an endpoint of the user', () => {
  it('is asked during the call, and the caller hears what it says', async () => {
    const world = await scenarioWorld([toolLookup])
    const { record, call, problems } = await world.run(toolLookup)
    expect(problems).toEqual([])
    expect(call.heardText()).toMatch(/Let me look\. Friday at eleven is free\. Shall I book it\?/)
    expect(world.simulator.tools.requests()).toMatchObject([{ body: { day: 'friday' } }])
    const roles = record.transcript.map(({ role }) => role)
    expect(roles.slice(2, 5)).toEqual(['agent', 'tool', 'agent'])
  })

  it('that takes its time does not leave the caller in silence', async () => {
    const world = await scenarioWorld([toolSlow])
    const { record, call, problems } = await world.run(toolSlow)
    expect(problems).toEqual([])
    expect(call.heardText()).toMatch(/One moment, please\. Friday at eleven is free\./)
    const { filler_ms: filler, first_text_ms: text } =
      record.timings.find((times) => times.filler_ms !== undefined) ?? {}
    expect(filler).toBeLessThan(text ?? 0)
  })

  it('that does not answer is told as what it is', async () => {
    const world = await scenarioWorld([toolFails])
    const { record, call, problems } = await world.run(toolFails)
    expect(problems).toEqual([])
    expect(call.heardText()).toContain('I cannot see the calendar right now')
    expect(record.status).toBe('completed')
  })

  it('is asked once, even if the caller speaks meanwhile, and its answer still comes', async () => {
    const world = await scenarioWorld([toolBargeIn])
    const { record, call, problems } = await world.run(toolBargeIn)
    expect(problems).toEqual([])
    expect(world.simulator.tools.requests()).toHaveLength(1)
    expect(call.heardText()).toMatch(/Parking is free.*Friday at eleven is free/)
    expect(record.transcript.filter(({ role }) => role === 'tool')).toHaveLength(2)
  })
})

describe('a transfer', () => {
  it('is announced, and the caller talks with whom they wanted', async () => {
    const world = await scenarioWorld([transfer])
    const { record, call, problems } = await world.run(transfer)
    expect(problems).toEqual([])
    expect(call.heardText()).toContain('I will put you through to the front desk.')
    expect(call.transferredTo).toMatchObject([{ number: '+12345670001', status: 'completed' }])
    expect(record).toMatchObject({ end_reason: 'transferred', transferred_to: 'front desk' })
  })

  it('that nobody answers brings the caller back to the agent', async () => {
    const world = await scenarioWorld([transferUnanswered])
    const { record, call, problems } = await world.run(transferUnanswered)
    expect(problems).toEqual([])
    expect(call.heardText()).toMatch(
      /front desk\. I'm sorry, nobody is at the front desk right now/,
    )
    expect(record).toMatchObject({ end_reason: 'agent_hung_up', transferred_to: null })
  })

  it('is not made when the caller objects to it', async () => {
    const world = await scenarioWorld([transferTakenBack])
    const { record, call, problems } = await world.run(transferTakenBack)
    expect(problems).toEqual([])
    expect(call.transferredTo).toEqual([])
    expect(call.heardText()).toContain('Suite two hundred')
    expect(record.end_reason).toBe('agent_hung_up')
  })
})

describe('what comes out of a call', () => {
  it('a person who does not want to be called again is not', async () => {
    const world = await scenarioWorld([doNotCall])
    const { record, call, problems } = await world.run(doNotCall)
    expect(problems).toEqual([])
    expect(call.heardText()).toMatch(/not call this number again\. Goodbye!$/)
    expect(record.opted_out).toBe(true)
    await expect(world.run(doNotCall)).rejects.toThrow(/do_not_call|not to be called/)
  })

  it('is noted without a word about it', async () => {
    const world = await scenarioWorld([notesOutcome])
    const { record, problems } = await world.run(notesOutcome)
    expect(problems).toEqual([])
    expect(record.notes).toEqual([{ result: 'confirmed', details: { day: 'Thursday' } }])
    expect(textsOf(record, 'agent').join(' ')).toContain("you're all set for Thursday")
  })
})
