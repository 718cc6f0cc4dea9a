import { describe, expect, it } from 'vitest'
import { buildPrompt } from '../../src/pipeline/prompt.ts'
import { think } from '../../src/simulator/claude-brain.ts'
import { answerFrom } from '../../src/simulator/claude-knowledge.ts'
import { dentist } from '../helpers/claude.ts'

function promptFor(changes: Partial<typeof dentist> = {}): string {
  const { rules, call } = buildPrompt({ ...dentist, ...changes })
  return `${rules}\n${call}`
}

const opening = 'Hi John, this is Alex from Downtown Dental.'

function hear(told: string, said: string[] = [opening], system = promptFor()) {
  return think(system, { told, said, tools: ['end_call'] })
}

describe('the opening', () => {
  const open = (changes: Partial<typeof dentist>) =>
    hear('(The call was answered.)', [], promptFor(changes)).text

  it('greets, says who calls for whom, and why', () => {
    expect(open({})).toBe(
      "Hi John, this is Alex from Downtown Dental. I'm calling to confirm your dentist appointment Thursday at 2pm. Is that all right?",
    )
  })

  it('makes do with what it is given', () => {
    const unknown = { calleeName: undefined, agentName: undefined, organization: undefined }
    expect(open({ ...unknown, action: 'Your bike <3 is ready.' })).toBe(
      "Hi, this is an assistant. I'm calling about this: Your bike <3 is ready. Is now a good moment?",
    )
  })

  it('answers an inbound call', () => {
    expect(open({ direction: 'inbound' })).toBe(
      'Hello, you have reached Downtown Dental, this is Alex. How can I help you?',
    )
    expect(open({ direction: 'inbound', organization: undefined, agentName: undefined })).toBe(
      'Hello. How can I help you?',
    )
  })

  it('comes also when the callee says hello first', () => {
    expect(hear('Hello?', []).text).toMatch(/^Hi John/)
  })

  it('knows nothing without a prompt, and still speaks', () => {
    expect(think('', { told: '', said: [], tools: [] }).text).toBe(
      'Hi, this is an assistant. How can I help you?',
    )
  })
})

describe('the conversation', () => {
  it.each([
    ['Hello?', /^Hello! I'm calling to confirm/],
    ['Who is this?', /^Sure, this is Alex from Downtown Dental\./],
    ['Are you a robot?', /^Yes, I'm an AI assistant calling for Downtown Dental/],
    ['Can I reschedule?', /^Rescheduling available Mon-Fri\./],
    ['Which suite is it', /Suite 200/],
    ['Okay, and who is the doctor?', /^Dr\. Smith, Suite 200\./],
    ['When is it?', /Thursday at 2pm/],
    ['Where is it?', /Suite 200/],
    ['How much does it cost?', /I don't know that/],
    ['Do you like jazz?', /I don't know that/],
    ['My dog is ill.', /I'll pass that on\. Is there anything else\?$/],
    ['(silence)', /^Are you still there\?$/],
  ])('to %j it says %s', (told, reply) => {
    const thought = hear(told)
    expect(thought.text).toMatch(reply)
    expect(thought.tool).toBeUndefined()
  })

  it.each([
    ['Yes, that works.', /^Great, thank you, John\. Goodbye\.$/, 'done'],
    ['(cuts in)\nsure', /Goodbye\.$/, 'done'],
    ['No.', /pass that on.*Goodbye\.$/, 'done'],
    ['Thanks, bye!', /Goodbye\.$/, 'done'],
    ['No thanks.', /Goodbye\.$/, 'refused'],
    ["I'm driving, call me back", /another time.*Goodbye\.$/, 'not_now'],
    ['You have the wrong number', /sorry.*Goodbye\.$/, 'wrong_number'],
  ])('after %j it says goodbye and hangs up', (told, reply, reason) => {
    const thought = hear(told)
    expect(thought.text).toMatch(reply)
    expect(thought.tool).toEqual({ name: 'end_call', input: { reason } })
  })

  it('hangs up when nobody answers twice', () => {
    const thought = hear('(silence)', [opening, 'Are you still there?'])
    expect(thought.tool?.input).toEqual({ reason: 'no_response' })
  })

  it('hangs up when it has passed on something before', () => {
    const before = hear('My dog is ill.').text
    expect(hear('And the cat, too.', [opening, before]).tool?.name).toBe('end_call')
  })

  it('only says goodbye where it cannot hang up', () => {
    const thought = think(promptFor(), { told: 'Bye', said: [opening], tools: [] })
    expect(thought).toEqual({ text: 'Thank you for your time. Goodbye.' })
  })
})

describe('answerFrom', () => {
  const text = 'Ask for Dr. Smith at the desk. Parking costs $5\nThe lift is broken'

  it.each([
    ['Is there parking?', 'Parking costs $5.'],
    ['Does the lift work?', 'The lift is broken.'],
    ['How much is it?', 'Parking costs $5.'],
    ['Who will see me?', 'Ask for Dr. Smith at the desk.'],
    ['Is it raining?', undefined],
    ['Where is it?', undefined],
  ])('%s', (question, answer) => {
    expect(answerFrom(text, question)).toBe(answer)
  })
})
