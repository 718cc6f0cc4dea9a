import type { ClaudeRule, PersonStep, Scenario } from '../simulator/scenario.ts'

/**
 * The calls that chaos breaks: short ones, whose people go on by themselves when nothing comes, and hang up when nothing
 * comes at all. Whatever goes wrong, each is over within a minute and a half.
 */

/** How long a person waits for the agent before they go on all the same. */
const PATIENCE_MS = 11_000

const hearsEnd: PersonStep = { hear: 'end', orMs: PATIENCE_MS }

/** Whoever is not hung up on after a goodbye says it once more, and hangs up. */
const leaves: readonly PersonStep[] = [hearsEnd, { say: 'Goodbye!' }, hearsEnd, { hangUp: true }]

const OPENING =
  'Hi John, this is Alex from Downtown Dental. Does Thursday at two still work for you?'

const rules: readonly ClaudeRule[] = [
  { when: /call was answered/i, say: OPENING },
  { when: /which suite/i, say: 'It is Suite two hundred, on the second floor.' },
  {
    when: /bye/i,
    say: 'Thank you, John. Goodbye!',
    tool: { name: 'end_call', input: { reason: 'done' } },
  },
  { when: /thursday/i, say: "Wonderful, you're all set. Is there anything else?" },
]

const outbound = (options: {
  name: string
  about: string
  does: readonly PersonStep[]
  claude?: readonly ClaudeRule[]
  call?: Readonly<Record<string, unknown>>
  more?: Partial<Scenario>
}): Scenario => ({
  name: options.name,
  about: options.about,
  direction: 'outbound',
  call: {
    phone_number: '+12345678900',
    action: 'Confirm the appointment on Thursday at two',
    context: 'Dr. Smith, Suite 200.',
    callee_name: 'John',
    agent_name: 'Alex',
    organization: 'Downtown Dental',
    ...options.call,
  },
  person: { answer: 'yes', ringMs: 800, does: [...options.does, ...leaves] },
  claude: [...(options.claude ?? []), ...rules],
  ...options.more,
})

const plan = outbound({
  name: 'plan',
  about: 'confirms an appointment and answers a question',
  does: [
    hearsEnd,
    { say: 'Yes, Thursday works for me.' },
    hearsEnd,
    { say: 'Which suite is it?' },
    hearsEnd,
    { say: 'Great, thank you. Bye!' },
  ],
})

const bargeIn = outbound({
  name: 'barge-in',
  about: 'the caller interrupts a long answer',
  does: [
    hearsEnd,
    { say: 'How do I get there?' },
    { hear: { text: 'library' }, orMs: PATIENCE_MS },
    { say: 'Okay, got it. Bye!' },
  ],
  claude: [
    {
      when: /how do i get there/i,
      say: 'We are in the green building, right across from the library. You can park behind the house, and the elevator is to your left.',
    },
  ],
})

const tool = outbound({
  name: 'tool',
  about: 'an endpoint is asked during the call',
  does: [
    hearsEnd,
    { say: 'Is there anything on Friday?' },
    { hear: { text: 'eleven' }, orMs: PATIENCE_MS },
    hearsEnd,
    { say: 'That works. Bye!' },
  ],
  claude: [
    { when: /tool find_appointment: .*eleven/i, say: 'Friday at eleven is free. Is that good?' },
    {
      when: /friday/i,
      say: 'Let me look.',
      tool: { name: 'find_appointment', input: { day: 'friday' } },
    },
  ],
  call: {
    tools: [
      {
        name: 'find_appointment',
        description: 'Finds a free appointment on a day of the week',
        input_schema: {
          type: 'object',
          properties: { day: { type: 'string' } },
          required: ['day'],
        },
        url: 'http://tools.test/appointments',
      },
    ],
  },
  more: { toolServer: { '/appointments': { body: { free: 'eleven' }, delayMs: 600 } } },
})

const helloFirst = outbound({
  name: 'hello-first',
  about: 'the callee speaks first',
  call: { first_speaker: 'auto' },
  does: [
    { pause: 500 },
    { say: 'Hello?' },
    hearsEnd,
    { say: 'Yes, Thursday works. Thank you, bye!' },
  ],
})

const keys = outbound({
  name: 'keys',
  about: 'the caller answers by pressing keys',
  does: [
    { hear: { text: 'hash' }, orMs: PATIENCE_MS },
    { press: '2#' },
    hearsEnd,
    { say: 'Yes. Bye!' },
  ],
  claude: [
    { when: /call was answered/i, say: 'Hi John. Press one or two, and then the hash key.' },
    { when: /pressed 2/i, say: 'Friday it is. Is that right?' },
  ],
})

const hold = outbound({
  name: 'hold',
  about: 'the caller asks for a moment, and comes back',
  does: [
    hearsEnd,
    { say: 'Hold on a second, please.' },
    hearsEnd,
    { pause: 5000 },
    { say: 'I am back. Thursday is fine.' },
    hearsEnd,
    { say: 'Thank you, bye!' },
  ],
})

const inbound: Scenario = {
  name: 'inbound',
  about: 'somebody rings the server',
  direction: 'inbound',
  call: {
    phone_number: '+12345678920',
    action: 'Answer questions about Downtown Dental and take messages',
  },
  person: {
    answer: 'yes',
    does: [
      hearsEnd,
      { say: 'Hi, when do you open tomorrow?' },
      hearsEnd,
      { say: 'Perfect, thanks. Bye!' },
      ...leaves,
    ],
  },
  claude: [
    { when: /call was answered/i, say: 'Downtown Dental, this is Alex. How can I help you?' },
    { when: /when do you open/i, say: 'We open at nine in the morning. Anything else?' },
    {
      when: /bye/i,
      say: 'You are welcome. Goodbye!',
      tool: { name: 'end_call', input: { reason: 'done' } },
    },
  ],
}

export const chaosScenarios: readonly Scenario[] = [
  plan,
  bargeIn,
  tool,
  helloFirst,
  keys,
  hold,
  inbound,
]
