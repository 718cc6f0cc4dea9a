import type { Scenario } from '../scenario.ts'
import { dentist } from './dentist.ts'

/** Everything that moves sound about in one call: an announcement, an interruption, and keys that take the line away. */
export const recorded: Scenario = {
  name: 'recorded',
  about: 'the call is recorded and says so; the caller interrupts, and the agent presses a key',
  direction: 'outbound',
  call: {
    ...dentist.call,
    phone_number: '+12345679601',
    action: 'Confirm the appointment on Thursday, and explain the way to the practice',
    record: { announcement: 'This call is recorded.' },
  },
  person: {
    answer: 'yes',
    does: [
      { hear: { words: 2 } },
      { say: 'Hello? Who is this?' },
      { hear: { text: 'good moment' } },
      { hear: 'end' },
      { say: 'How do I get there?' },
      { hear: { text: 'behind the house' } },
      { say: 'Wait, which library?' },
      { hear: { text: 'main street' } },
      { hear: 'end' },
      { say: 'To go on, press one.' },
      { hearKeys: { digits: 1 } },
      // The line is back by then: what is said without one, nobody hears.
      { pause: 2500 },
      { say: 'So, is it Suite two hundred?' },
      { hear: { text: 'it is' } },
      { hear: 'end' },
      { say: 'Thank you. Bye!' },
    ],
  },
  claude: [
    { when: /press one/i, tool: { name: 'press_keys', input: { keys: '1' } } },
    {
      when: /bye/i,
      say: 'Thank you, John. Goodbye!',
      tool: { name: 'end_call', input: { reason: 'done' } },
    },
    { when: /suite/i, say: 'Yes, it is.' },
    { when: /which library/i, say: 'The city library, on Main Street.' },
    {
      when: /get there/i,
      say: 'We are in the green building, right across from the library. You can park behind the house, and the elevator is to your left as you come in.',
    },
    { when: /call was answered/i, say: 'Hi John. I am calling about your appointment.' },
    {
      when: /who is this/i,
      say: 'This is Alex, calling from Downtown Dental about Thursday. Is this a good moment?',
    },
  ],
}
