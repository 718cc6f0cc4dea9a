import { dentist } from './dentist.ts'
import type { ClaudeRule, PersonStep, Scenario } from '../scenario.ts'

const LONG =
  'We are in the green building, right across from the library, on the second floor. You can park behind the house, and the elevator is to your left as you come in.'

const rules: readonly ClaudeRule[] = [
  {
    when: /call was answered/i,
    say: 'Hi John, this is Alex, calling from Downtown Dental about your appointment on Thursday. Is this a good moment?',
  },
  {
    when: /who is this/i,
    say: 'This is Alex, the AI assistant of Downtown Dental. I am calling about your appointment on Thursday.',
  },
  { when: /how do i get there/i, say: LONG },
  { when: /which library/i, say: 'The city library, on Main Street.' },
  {
    when: /(got it|bye)/i,
    say: 'Perfect. See you Thursday, John. Goodbye!',
    tool: { name: 'end_call', input: { reason: 'done' } },
  },
]

const interruption = (options: {
  name: string
  about: string
  number: string
  does: readonly PersonStep[]
  vendors?: Scenario['vendors']
}): Scenario => ({
  name: options.name,
  about: options.about,
  direction: 'outbound',
  call: {
    ...dentist.call,
    phone_number: options.number,
    action: 'Confirm the appointment on Thursday and explain the way to the practice',
  },
  person: { answer: 'yes', does: options.does },
  claude: rules,
  ...(options.vendors && { vendors: options.vendors }),
})

/** The agent is cut off at its first words. */
export const interruptEarly = interruption({
  name: 'interrupt-early',
  about: 'the caller cuts the agent off at its third word',
  number: '+12345678902',
  does: [
    { hear: { words: 3 } },
    { say: 'Sorry, who is this?' },
    { hear: 'end' },
    { say: 'Okay, got it. Bye!' },
  ],
})

/** The agent is cut off near the end of a long answer. */
export const interruptLate = interruption({
  name: 'interrupt-late',
  about: 'the caller cuts a long answer off near its end',
  number: '+12345678903',
  does: [
    { hear: 'end' },
    { say: 'How do I get there?' },
    { hear: { text: 'elevator is' } },
    { say: 'Okay, got it. Bye!' },
  ],
})

/** The model and the voice are long done when the caller interrupts: the carrier still holds seconds of audio. */
export const interruptAfterGeneration = interruption({
  name: 'interrupt-after-generation',
  about: 'the caller interrupts when everything is generated and still being played',
  number: '+12345678904',
  does: [
    { hear: 'end' },
    { say: 'How do I get there?' },
    { hear: { text: 'library' } },
    { say: 'Wait, which library?' },
    { hear: 'end' },
    { say: 'Never mind, got it. Bye!' },
  ],
  vendors: {
    claude: { firstTokenMs: 100, tokenMs: 1 },
    elevenlabs: { firstAudioMs: 50, realTimeFactor: 200 },
  },
})

/** A listener's “uh-huh” is not an interruption: the agent stops for it and goes on. */
export const backchannel = interruption({
  name: 'backchannel',
  about: 'an “uh-huh” over a long answer: the agent stops, and goes on from the same word',
  number: '+12345678908',
  does: [
    { hear: 'end' },
    { say: 'How do I get there?' },
    { hear: { text: 'right across' } },
    { say: 'Uh-huh.' },
    { hear: 'end' },
    { say: 'Okay, got it. Bye!' },
  ],
})

/** Keys are a turn, too, and interrupt like words. */
export const presses: Scenario = {
  ...dentist,
  name: 'presses-keys',
  about: 'the caller answers by pressing keys',
  call: {
    ...dentist.call,
    phone_number: '+12345678909',
    action: 'Ask which appointment suits: one for Thursday, two for Friday',
  },
  person: {
    answer: 'yes',
    does: [{ hear: { text: 'or two' } }, { press: '2#' }, { hear: 'end' }, { say: 'Yes, bye!' }],
  },
  claude: [
    {
      when: /call was answered/i,
      say: 'Hi John. Please press one for Thursday, or two for Friday, and then the hash key.',
    },
    { when: /pressed 2/i, say: 'Friday it is. Is that right?' },
    {
      when: /bye/i,
      say: 'Thank you. Goodbye!',
      tool: { name: 'end_call', input: { reason: 'done' } },
    },
  ],
}

/** The caller hangs up in the middle of what the agent says. */
export const hangUpMidSentence = interruption({
  name: 'hang-up-mid-sentence',
  about: 'the caller hangs up while the agent speaks',
  number: '+12345678905',
  does: [{ hear: { words: 6 } }, { hangUp: true }],
})

/** The caller has one more question when the agent is already saying goodbye. */
export const oneMoreThing: Scenario = {
  ...dentist,
  name: 'one-more-thing',
  about: 'the caller asks one more question over the goodbye, and is answered',
  call: { ...dentist.call, phone_number: '+12345678906' },
  person: {
    answer: 'yes',
    does: [
      { hear: 'end' },
      { say: 'Thursday is fine. Bye!' },
      { hear: { words: 3 } },
      { say: 'Oh, which suite is it?' },
      { hear: { text: 'seeing you.' } },
      { hear: 'end' },
      { say: 'Thank you, bye!' },
    ],
  },
}

/** A pause in the middle of a sentence is not the end of a turn. */
export const halfSentence: Scenario = {
  ...dentist,
  name: 'half-sentence',
  about: 'the caller pauses in the middle of a sentence, and is not answered too early',
  call: { ...dentist.call, phone_number: '+12345678907' },
  person: {
    answer: 'yes',
    does: [
      { hear: 'end' },
      { say: 'Well, Thursday' },
      { pause: 600 },
      { say: ' works for me, I think.' },
      { hear: 'end' },
      { say: 'Thanks, bye!' },
    ],
  },
}
