import { dentist } from './dentist.ts'
import type { Scenario } from '../scenario.ts'

const unanswered = (
  name: string,
  answer: 'busy' | 'no-answer' | 'failed',
  number: string,
  about: string,
): Scenario => ({
  ...dentist,
  name,
  about,
  call: { ...dentist.call, phone_number: number },
  person: { answer, does: [] },
})

/** The phone is picked up, and nobody says a word. */
export const silent: Scenario = {
  ...dentist,
  name: 'silent',
  about: 'somebody picks up and says nothing: asked twice, then the agent hangs up',
  call: { ...dentist.call, phone_number: '+12345678913' },
  person: { answer: 'yes', does: [] },
}

export const busy = unanswered('busy', 'busy', '+12345678910', 'the line is busy')
export const noAnswer = unanswered('no-answer', 'no-answer', '+12345678911', 'nobody picks up')
export const unreachable = unanswered(
  'unreachable',
  'failed',
  '+12345678912',
  'the number cannot be reached',
)
