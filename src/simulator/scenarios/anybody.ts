import type { Scenario } from '../scenario.ts'

/**
 * Whoever picks up at a number that no other scenario has: agreeable, and in no hurry. Claude's stand-in makes up the
 * conversation from the call's own action and context.
 */
export const anybody: Scenario = {
  name: 'anybody',
  about:
    'any other number: somebody agreeable picks up, and Claude improvises from your action and context',
  direction: 'outbound',
  call: {
    phone_number: '+12345678999',
    action: 'Ask whether the delivery on Friday morning suits them',
    context: 'The delivery is two boxes. The driver calls ten minutes ahead.',
    callee_name: 'Sam',
    agent_name: 'Robin',
    organization: 'City Couriers',
  },
  person: {
    answer: 'yes',
    does: [
      { hear: 'end' },
      { pause: 250 },
      { say: 'Hello. Yes, that is fine with me.' },
      { hear: 'end' },
      { pause: 250 },
      { say: 'No, that is all. Thank you, bye!' },
    ],
  },
  claude: [],
}
