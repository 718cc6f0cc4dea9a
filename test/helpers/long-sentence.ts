import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'

/** A caller who says a lot at once: there is time for something to break in the middle of it. */
export const longSentence: Scenario = {
  ...dentist,
  name: 'long-sentence',
  about: 'the callee says a long sentence, gets an answer, and says goodbye',
  call: {
    ...dentist.call,
    phone_number: '+12345678914',
    action: 'Find a time for an appointment',
  },
  person: {
    answer: 'yes',
    does: [
      { hear: 'end' },
      { say: 'I would like to come on Tuesday at half past nine, together with my sister Ann.' },
      { hear: 'end' },
      { say: 'Thank you, bye!' },
    ],
  },
  claude: [
    { when: /call was answered/i, say: 'Hi John, when would you like to come?' },
    { when: /tuesday.* ann/i, say: 'Tuesday at half past nine, for both of you.' },
    {
      when: /bye/i,
      say: 'Goodbye!',
      tool: { name: 'end_call', input: { reason: 'done' } },
    },
  ],
}
