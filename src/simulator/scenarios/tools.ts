import type { ClaudeRule, PersonStep, Scenario } from '../scenario.ts'
import { dentist } from './dentist.ts'

/** Calls in which the agent has to do something, and not only talk. */

const lookUp = {
  name: 'find_appointment',
  description: 'Finds a free appointment on a day of the week',
  input_schema: {
    type: 'object',
    properties: { day: { type: 'string', enum: ['monday', 'tuesday', 'friday'] } },
    required: ['day'],
    additionalProperties: false,
  },
  url: 'http://tools.test/appointments',
}

const asks: readonly PersonStep[] = [
  { hear: 'end' },
  { say: 'Thursday is bad. Is there anything on Friday?' },
  { hear: { text: 'eleven' } },
  { hear: 'end' },
  { say: 'That works. Thank you, bye!' },
]

const rules: readonly ClaudeRule[] = [
  {
    when: /bye/i,
    say: 'Thank you, John. Goodbye!',
    tool: { name: 'end_call', input: { reason: 'done' } },
  },
  {
    when: /tool find_appointment: .*failed/i,
    say: "I'm sorry, I cannot see the calendar right now. I will call you back.",
  },
  { when: /tool find_appointment: .*eleven/i, say: 'Friday at eleven is free. Shall I book it?' },
  {
    when: /friday/i,
    say: 'Let me look.',
    tool: { name: 'find_appointment', input: { day: 'friday' } },
  },
  ...dentist.claude,
]

const withTool = (options: {
  name: string
  about: string
  number: string
  toolServer: NonNullable<Scenario['toolServer']>
  does?: readonly PersonStep[]
  claude?: readonly ClaudeRule[]
  tool?: Readonly<Record<string, unknown>>
}): Scenario => ({
  name: options.name,
  about: options.about,
  direction: 'outbound',
  call: { ...dentist.call, phone_number: options.number, tools: [{ ...lookUp, ...options.tool }] },
  toolServer: options.toolServer,
  person: { answer: 'yes', does: options.does ?? asks },
  claude: options.claude ?? rules,
})

export const toolLookup = withTool({
  name: 'tool',
  about: 'the agent asks an HTTP endpoint of the user during the call, and tells what it says',
  number: '+12345678940',
  toolServer: { '/appointments': { body: { free: 'eleven o’clock' } } },
})

/** Nobody listens to nothing for four seconds. */
export const toolSlow = withTool({
  name: 'tool-slow',
  about: 'an endpoint that takes four seconds: the wait is bridged by a word',
  number: '+12345678941',
  toolServer: { '/appointments': { body: { free: 'eleven o’clock' }, delayMs: 4000 } },
  claude: rules.map((rule) =>
    rule.say === 'Let me look.' && rule.tool ? { when: rule.when, tool: rule.tool } : rule,
  ),
})

export const toolFails = withTool({
  name: 'tool-fails',
  about: 'an endpoint that does not answer in time: the agent says so sensibly',
  number: '+12345678942',
  toolServer: { '/appointments': { hang: true } },
  tool: { timeout_ms: 1500 },
  does: [
    { hear: 'end' },
    { say: 'Thursday is bad. Is there anything on Friday?' },
    { hear: { text: 'call you back' } },
    { hear: 'end' },
    { say: 'All right, bye!' },
  ],
})

/** The caller speaks while the endpoint works; the answer still comes, and the endpoint is asked once. */
export const toolBargeIn = withTool({
  name: 'tool-barge-in',
  about: 'the caller speaks while a tool runs: it runs once, and its result is still told',
  number: '+12345678943',
  toolServer: { '/appointments': { body: { free: 'eleven o’clock' }, delayMs: 5000 } },
  does: [
    { hear: 'end' },
    { say: 'Thursday is bad. Is there anything on Friday?' },
    { hear: { text: 'look' } },
    { pause: 300 },
    { say: 'And is parking free there?' },
    { hear: { text: 'eleven' } },
    { hear: 'end' },
    { say: 'That works. Thank you, bye!' },
  ],
  claude: [{ when: /parking/i, say: 'Parking is free, behind the house.', times: 1 }, ...rules],
})

const DESK = '+12345670001'

const transferring = (options: {
  name: string
  about: string
  number: string
  does: readonly PersonStep[]
  transfers: NonNullable<Scenario['person']['transfers']>
  claude?: readonly ClaudeRule[]
}): Scenario => ({
  name: options.name,
  about: options.about,
  direction: 'outbound',
  call: {
    ...dentist.call,
    phone_number: options.number,
    transfer_to: [{ phone_number: DESK, name: 'front desk', when: 'The person asks for a human' }],
  },
  person: { answer: 'yes', does: options.does, transfers: options.transfers },
  claude: [
    ...(options.claude ?? []),
    {
      when: /tool transfer_call: failed/i,
      say: "I'm sorry, nobody is at the front desk right now. Can I take a message?",
    },
    {
      when: /human|real person/i,
      say: 'Of course. I will put you through to the front desk.',
      tool: { name: 'transfer_call', input: { to: 'front desk' } },
    },
    ...dentist.claude,
  ],
})

export const transfer = transferring({
  name: 'transfer',
  about: 'the caller wants a human: the agent says so, and puts them through',
  number: '+12345678944',
  does: [{ hear: 'end' }, { say: 'Can I talk to a real person?' }, { hear: 'end' }],
  transfers: { [DESK]: { status: 'completed', durationS: 6, says: 'Front desk, hello?' } },
})

export const transferUnanswered = transferring({
  name: 'transfer-unanswered',
  about: 'nobody answers at the front desk: the agent comes back and goes on',
  number: '+12345678945',
  does: [
    { hear: 'end' },
    { say: 'Can I talk to a real person?' },
    { hear: { text: 'take a message' } },
    { hear: 'end' },
    { say: 'No, that is all. Bye!' },
  ],
  transfers: { [DESK]: { status: 'no-answer', afterMs: 4000 } },
})

/** Who says “wait” before the transfer is not put through. */
export const transferTakenBack = transferring({
  name: 'transfer-taken-back',
  about:
    'the caller changes their mind while the agent says that it puts them through: it does not',
  number: '+12345678946',
  does: [
    { hear: 'end' },
    { say: 'Can I talk to a real person?' },
    { hear: { words: 5 } },
    { say: 'No wait, which suite is it?' },
    { hear: 'end' },
    { say: 'Thank you, bye!' },
  ],
  transfers: { [DESK]: { status: 'completed', durationS: 5 } },
})

export const doNotCall: Scenario = {
  ...dentist,
  name: 'do-not-call',
  about:
    'the caller does not want to be called again: the agent confirms it, and the number is never rung again',
  call: { ...dentist.call, phone_number: '+12345678947' },
  person: {
    answer: 'yes',
    does: [{ hear: 'end' }, { say: 'Please never call me again.' }, { hear: { text: 'goodbye' } }],
  },
  claude: [
    {
      when: /tool do_not_call_again/i,
      say: 'Goodbye!',
      tool: { name: 'end_call', input: { reason: 'refused' } },
    },
    {
      when: /never call/i,
      say: 'I understand. We will not call this number again.',
      tool: { name: 'do_not_call_again', input: {} },
    },
    ...dentist.claude,
  ],
}

export const notesOutcome: Scenario = {
  ...dentist,
  name: 'notes-outcome',
  about: 'the agent writes down what came out of the call, without a word about it',
  call: { ...dentist.call, phone_number: '+12345678948' },
  claude: [
    { when: /tool record_outcome: noted/i, say: "Wonderful, you're all set for Thursday at two." },
    {
      when: /thursday works/i,
      tool: {
        name: 'record_outcome',
        input: { result: 'confirmed', details: { day: 'Thursday' } },
      },
    },
    ...dentist.claude,
  ],
}
