import { dentist } from './dentist.ts'
import type { Scenario } from '../scenario.ts'

/** The callee speaks first, as people do; the ready opening answers the hello. */
export const helloFirst: Scenario = {
  ...dentist,
  name: 'hello-first',
  about: 'the callee says hello first; the opening, ready by then, answers it',
  call: { ...dentist.call, phone_number: '+12345678901', first_speaker: 'auto' },
  person: {
    answer: 'yes',
    does: [
      { pause: 700 },
      { say: 'Hello?' },
      { hear: 'end' },
      { pause: 200 },
      { say: 'Yes, Thursday works. Thank you, bye!' },
    ],
  },
}
