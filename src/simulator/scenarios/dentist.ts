import type { Scenario } from '../scenario.ts'

/** The call of the user's plan: confirm an appointment, answer a question, say goodbye. */
export const dentist: Scenario = {
  name: 'dentist',
  about: 'confirms a dentist appointment, answers a question from the context, says goodbye',
  direction: 'outbound',
  call: {
    phone_number: '+12345678900',
    action: 'Confirm your dentist appointment Thursday at 2pm',
    context: 'Dr. Smith, Suite 200. Rescheduling available Mon-Fri.',
    callee_name: 'John',
    agent_name: 'Alex',
    organization: 'Downtown Dental',
  },
  person: {
    answer: 'yes',
    does: [
      { hear: 'end' },
      { pause: 300 },
      { say: 'Oh hi. Yes, Thursday works for me.' },
      { hear: 'end' },
      { pause: 200 },
      { say: 'Just one question. Which suite is it?' },
      { hear: 'end' },
      { pause: 300 },
      { say: 'Great, thank you. Bye!' },
    ],
  },
  claude: [
    {
      when: /call was answered/i,
      say: "Hi John, this is Alex, calling from Downtown Dental. I'm calling to confirm your appointment with Dr. Smith, this Thursday at two p.m. Does that still work for you?",
    },
    { when: /which suite/i, say: "It's Suite two hundred. We look forward to seeing you." },
    {
      when: /bye/i,
      say: 'Thank you, John. Have a great day. Goodbye!',
      tool: { name: 'end_call', input: { reason: 'done' } },
    },
    {
      when: /thursday/i,
      say: "Wonderful, you're all set for Thursday at two. Is there anything else you would like to know?",
    },
  ],
}
