import type { ClaudeFault } from '../claude-knobs.ts'
import type { Scenario } from '../scenario.ts'

/** A call whose one answer is hit by faults of the model, and what the person is to hear of that answer in the end. */
export type FaultyModel = Scenario & {
  readonly faults: readonly ClaudeFault[]
  readonly answer: string
}

const OPENING = 'Hi, this is Alex. What would you like to know?'
const GOODBYE = 'Thank you for asking. Goodbye!'
const ANSWER = 'We are open on Monday until five. On Friday we close at noon.'

/** How a fault of each kind begins: in the middle of the second sentence, when the first one is with the voice. */
const MIDDLE = 10

let made = 0

function faulty(
  topic: string,
  about: string,
  faultsFor: (when: RegExp) => readonly ClaudeFault[],
): FaultyModel {
  const when = new RegExp(`about ${topic}\\?`, 'i')
  return {
    name: `model-${topic}`,
    about,
    direction: 'outbound',
    call: {
      phone_number: `+1234567${String(8400 + made++)}`,
      action: `Answer what is asked about ${topic}`,
      callee_name: 'John',
    },
    person: {
      answer: 'yes',
      does: [
        { hear: { text: 'to know?' } },
        { pause: 400 },
        { say: `What about ${topic}?` },
        { hear: { text: 'noon.' }, orMs: 20_000 },
        { pause: 400 },
        { say: 'Thank you. Bye!' },
      ],
    },
    claude: [
      { when: /call was answered/i, say: OPENING },
      {
        when: /bye/i,
        say: GOODBYE,
        tool: { name: 'end_call', input: { reason: 'done' } },
      },
      { when, say: ANSWER },
    ],
    faults: faultsFor(when),
    answer: ANSWER,
  }
}

/** One fault each, of whichever model is asked first: the person hears all of the answer, once. */
export const modelFaults: readonly FaultyModel[] = [
  faulty('parking', 'the model is overloaded, twice', (when) => [
    { kind: 'status', status: 529, when, times: 2 },
  ]),
  faulty('prices', 'the model wants no more requests for a while', (when) => [
    { kind: 'status', status: 429, retryAfterS: 6, when },
  ]),
  faulty('tickets', 'the model does not begin to answer', (when) => [{ kind: 'stall', when }]),
  faulty('lockers', 'the model stops in the middle of a sentence', (when) => [
    { kind: 'stall', after: MIDDLE, when },
  ]),
  faulty('guests', 'an error comes in the middle of the reply', (when) => [
    { kind: 'error_event', after: MIDDLE, when },
  ]),
  faulty('lessons', 'the reply ends before its end', (when) => [
    { kind: 'early_end', after: MIDDLE, when },
  ]),
  faulty('towels', 'the connection is cut in the middle of the reply', (when) => [
    { kind: 'cut', after: MIDDLE, when },
  ]),
  faulty('showers', 'something that is no reply comes in the middle of it', (when) => [
    { kind: 'garbage', after: MIDDLE, when },
  ]),
]

/** No model answers this question, ever. */
export const mindless = faulty('pools', 'no model begins to answer', (when) => [
  { kind: 'stall', when, times: 99 },
])
