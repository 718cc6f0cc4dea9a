import {
  fax,
  mailboxFull,
  menu,
  notInService,
  screenedOut,
  screening,
  voicemail,
  voicemailByAmd,
  voicemailByModel,
  voicemailHungUpOn,
  voicemailLateBeep,
  voicemailPickedUp,
  voicemailWithoutBeep,
} from '../../src/simulator/scenarios/machines.ts'
import { scenarioWorld, textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

describe('voicemail', () => {
  it('hears the whole message after the beep, and nothing before', async () => {
    const world = await scenarioWorld([voicemail])
    const { record, call, problems } = await world.run(voicemail)
    expect(problems).toEqual([])
    expect(call.leftMessage).toMatch(/^Hello John, this is Alex .* Goodbye\.$/)
    expect(call.heardText()).toBe(call.leftMessage)
    expect(record).toMatchObject({ status: 'completed', end_reason: 'message_left' })
    expect(record).toMatchObject({ answered_by: 'voicemail', message_left: call.leftMessage })
  })

  it('without a beep hears what the model writes for it', async () => {
    const world = await scenarioWorld([voicemailWithoutBeep])
    const { record, call, problems } = await world.run(voicemailWithoutBeep)
    expect(problems).toEqual([])
    expect(call.heardText()).toMatch(/^Hello John, .* call us back when you can\. Goodbye\.$/)
    expect(record.end_reason).toBe('message_left')
  })

  it('that beeps late has the message from its first word', async () => {
    const world = await scenarioWorld([voicemailLateBeep])
    const { record, call } = await world.run(voicemailLateBeep)
    // A syllable may slip through before the beep is recognised.
    expect(call.leftMessage).toMatch(/Hello John, this is Alex .* Goodbye\.$/)
    expect(record.message_left).toMatch(/^Hello John, this is Alex .* Goodbye\.$/)
    expect(record.end_reason).toBe('message_left')
  })

  it('that only Twilio can tell is left a message after its beep', async () => {
    const world = await scenarioWorld([voicemailByAmd], { environment: { TWILIO_AMD: 'true' } })
    const { record, call, problems } = await world.run(voicemailByAmd)
    expect(problems).toEqual([])
    expect(call.leftMessage).toMatch(/^Hello John, this is Alex .* Goodbye\.$/)
    expect(record).toMatchObject({ answered_by: 'voicemail', end_reason: 'message_left' })
  })

  it('that no rule can place is recognised by Claude', async () => {
    const world = await scenarioWorld([voicemailByModel])
    const { record, call, problems } = await world.run(voicemailByModel)
    expect(problems).toEqual([])
    expect(call.leftMessage).toMatch(/Hello John, this is Alex .* Goodbye\.$/)
    expect(record).toMatchObject({ answered_by: 'voicemail', end_reason: 'message_left' })
  })

  it.each([voicemailHungUpOn, mailboxFull])(
    'is not talked to when no message is to be left: $name',
    async (scenario) => {
      const world = await scenarioWorld([scenario])
      const { record, call, problems } = await world.run(scenario)
      expect(problems).toEqual([])
      expect(call.heardText()).toBe('')
      expect(record).toMatchObject({ status: 'completed', end_reason: 'voicemail' })
    },
  )

  it('gives way to a person who picks up', async () => {
    const world = await scenarioWorld([voicemailPickedUp])
    const { record, call, problems } = await world.run(voicemailPickedUp)
    expect(problems).toEqual([])
    expect(call.heardText()).toMatch(/confirm Thursday at two\..*Goodbye!$/)
    expect(record).toMatchObject({ end_reason: 'agent_hung_up', answered_by: 'person' })
  })
})

describe('nobody to talk with', () => {
  it.each([
    ['carrier', notInService],
    ['fax', fax],
  ] as const)('ends the call without a word: %s', async (who, scenario) => {
    const world = await scenarioWorld([scenario])
    const { record, call, problems } = await world.run(scenario)
    expect(problems).toEqual([])
    expect(call.heardText()).toBe('')
    expect(record).toMatchObject({ end_reason: 'unreachable', answered_by: who })
  })
})

describe('a voice menu', () => {
  it('is pressed through to the right extension, and the conversation goes on there', async () => {
    const world = await scenarioWorld([menu])
    const { record, call, problems } = await world.run(menu)
    expect(problems).toEqual([])
    expect(call.keysHeard).toBe('124071#')
    expect(call.streamCount).toBe(4)
    expect(call.heardText()).toBe(
      'Hello Maria, this is Alex. Is invoice twelve paid? Thank you, Maria. Goodbye!',
    )
    expect(record.end_reason).toBe('agent_hung_up')
  })
})

describe('an assistant that screens calls', () => {
  it('is told who calls and why; the person who comes is talked with', async () => {
    const world = await scenarioWorld([screening])
    const { record, call, problems } = await world.run(screening)
    expect(problems).toEqual([])
    expect(textsOf(record, 'agent')[0]).toMatch(/^This is Alex from Downtown Dental, calling John/)
    expect(call.heardText()).not.toContain('still there')
    expect(call.heardText()).toMatch(/Does Thursday at two still work for you\?.*Goodbye!$/)
  })

  it('behind which nobody comes is left without a word', async () => {
    const world = await scenarioWorld([screenedOut], { environment: { HOLD_TIMEOUT_S: '20' } })
    const { record, call, problems } = await world.run(screenedOut)
    expect(problems).toEqual([])
    expect(call.heardText()).toBe(
      'This is Alex from Downtown Dental, calling John about an appointment.',
    )
    expect(record).toMatchObject({ end_reason: 'screened', answered_by: 'screening' })
  })
})
