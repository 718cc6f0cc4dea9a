import type { ClaudeRule, PersonStep, Scenario } from '../scenario.ts'
import { dentist } from './dentist.ts'

/**
 * Answers that are prepared while it is not certain yet that the caller has finished. They need `SPECULATION=true` to be
 * that; without it these are calls like others.
 */

/** An ear that takes its time to be sure, so that there is something to gain. */
const SLOW_TO_BE_SURE = { deepgram: { eagerMs: 120, endOfTurnMs: 2500, pauseMs: 4000 } }

const guessing = (options: {
  name: string
  about: string
  number: string
  does: readonly PersonStep[]
  call?: Readonly<Record<string, unknown>>
  claude?: readonly ClaudeRule[]
  toolServer?: Scenario['toolServer']
  vendors?: Scenario['vendors']
}): Scenario => ({
  name: options.name,
  about: options.about,
  direction: 'outbound',
  call: {
    ...dentist.call,
    phone_number: options.number,
    action: `Confirm the appointment on Thursday at two (${options.name})`,
    ...options.call,
  },
  ...(options.toolServer && { toolServer: options.toolServer }),
  person: { answer: 'yes', does: options.does },
  claude: [...(options.claude ?? []), ...dentist.claude],
  vendors: { ...SLOW_TO_BE_SURE, ...options.vendors },
  environment: { SPECULATION: 'true' },
})

export const guessConfirmed = guessing({
  name: 'guess-confirmed',
  about: 'answers are ready when the caller’s turn is over for certain: they come sooner',
  number: '+12345679101',
  does: dentist.person.does,
})

/** The answer to half a sentence is written, spoken, and never heard. */
export const guessTakenBack = guessing({
  name: 'guess-taken-back',
  about: 'the caller goes on after a pause: the answer to the first half is thrown away',
  number: '+12345679102',
  does: [
    { hear: 'end' },
    { say: 'Thursday is fine.' },
    // The answer to this is there by now, and it is not certain yet that they have finished.
    { pause: 1000 },
    { say: ' No, wait, Friday would be better.' },
    { hear: 'end' },
    { say: 'Great, thank you. Bye!' },
  ],
  claude: [
    { when: /^thursday is fine\.$/i, say: 'Splendid, Thursday stays as it is.' },
    { when: /friday would be better/i, say: 'Friday at eleven, then. Is that right?' },
  ],
})

const calendar = {
  name: 'book_appointment',
  description: 'Books an appointment on a day of the week',
  input_schema: {
    type: 'object',
    properties: { day: { type: 'string' } },
    required: ['day'],
    additionalProperties: false,
  },
  url: 'http://tools.test/bookings',
}

const books = (day: string): readonly ClaudeRule[] => [
  { when: /tool book_appointment: .*booked/i, say: 'That is booked.' },
  {
    when: new RegExp(`${day} would be better`, 'i'),
    say: 'Let me book that.',
    tool: { name: 'book_appointment', input: { day } },
  },
  { when: /book monday/i, tool: { name: 'book_appointment', input: { day: 'monday' } } },
]

/** What a tool does cannot be taken back: it waits until the caller has certainly finished. */
export const guessWithTool = guessing({
  name: 'guess-with-tool',
  about: 'a booking that the agent wants while the caller may still go on: made when they have not',
  number: '+12345679103',
  call: { tools: [calendar] },
  toolServer: { '/bookings': { body: { booked: true } } },
  does: [
    { hear: 'end' },
    { say: 'Friday would be better.' },
    { hear: { text: 'booked' } },
    { hear: 'end' },
    { say: 'Great, thank you. Bye!' },
  ],
  claude: books('friday'),
})

export const guessWithToolTakenBack = guessing({
  name: 'guess-with-tool-taken-back',
  about: 'the caller changes their mind in a pause: nothing is booked for the first half',
  number: '+12345679104',
  call: { tools: [calendar] },
  toolServer: { '/bookings': { body: { booked: true } } },
  does: [
    { hear: 'end' },
    { say: 'Book Monday for me.' },
    { pause: 1000 },
    { say: ' Oh no, Tuesday would be better.' },
    { hear: { text: 'booked' } },
    { hear: 'end' },
    { say: 'Great, thank you. Bye!' },
  ],
  claude: books('tuesday'),
})

/** Nobody has to know that a guess has failed. */
export const guessModelFails = guessing({
  name: 'guess-model-fails',
  about: 'the model fails at a guess: the answer is made anew when the turn is over',
  number: '+12345679105',
  does: [
    { hear: 'end' },
    { say: 'Which floor is it?' },
    { hear: 'end' },
    { say: 'Great, thank you. Bye!' },
  ],
  claude: [{ when: /which floor/i, say: 'The second floor, to your left.' }],
  vendors: { claude: { faults: [{ kind: 'cut', when: /which floor/i }] } },
})

export const guessVoiceFails = guessing({
  name: 'guess-voice-fails',
  about: 'the voice fails at a guess: the answer is spoken anew when the turn is over',
  number: '+12345679106',
  does: [
    { hear: 'end' },
    { say: 'Where can I park?' },
    { hear: 'end' },
    { say: 'Great, thank you. Bye!' },
  ],
  claude: [{ when: /where can i park/i, say: 'Behind the house, for free.' }],
  vendors: {
    elevenlabs: {
      faults: [{ kind: 'error', error: 'quota_exceeded', scoped: true, when: /behind/i }],
    },
  },
})
