import type { Scenario } from '../scenario.ts'

/** A workflow: the line is busy, so the person is rung again, and says how they want to be called the next time. */
export const mastraFollowUp: Scenario = {
  name: 'mastra-follow-up',
  about:
    'a workflow rings again after a busy line, and remembers how the person wants to be called',
  direction: 'outbound',
  call: {
    phone_number: '+12345678998',
    action: 'Confirm the delivery of the new desk on Friday',
    context: 'The van comes between eight and ten.',
    callee_name: 'Maria',
    agent_name: 'Alex',
    organization: 'Downtown Furniture',
  },
  workflow: {
    id: 'call-and-follow-up',
    input: { attempts: 3, retry_after_s: 5 },
  },
  environment: { MASTRA_ENABLED: 'true', MASTRA_DATABASE_URL: 'file::memory:' },
  earlier: [{ answer: 'busy', does: [] }],
  person: {
    answer: 'yes',
    does: [
      { hear: 'end' },
      { pause: 300 },
      { say: 'Friday is fine. But please call me in the mornings only.' },
      { hear: 'end' },
      { pause: 300 },
      { say: 'No, that is all. Bye.' },
    ],
  },
  claude: [],
}
