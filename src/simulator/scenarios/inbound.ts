import type { Scenario } from '../scenario.ts'

/** Somebody rings us. What the agent says comes from the server's configuration. */
export const inbound: Scenario = {
  name: 'inbound',
  about: 'somebody rings our number and asks for the opening hours',
  direction: 'inbound',
  call: {
    phone_number: '+12345678920',
    action: 'Answer questions about Downtown Dental and take messages',
  },
  person: {
    answer: 'yes',
    does: [
      { hear: 'end' },
      { pause: 200 },
      { say: 'Hi, when do you open tomorrow?' },
      { hear: 'end' },
      { pause: 200 },
      { say: 'Perfect, thanks. Bye!' },
    ],
  },
  claude: [
    {
      when: /call was answered/i,
      say: 'Downtown Dental, this is Alex, an AI assistant. How can I help you?',
    },
    {
      when: /when do you open/i,
      say: 'We open at nine in the morning. Anything else I can do for you?',
    },
    {
      when: /bye/i,
      say: 'You are welcome. Goodbye!',
      tool: { name: 'end_call', input: { reason: 'done' } },
    },
  ],
}
