import type { ClaudeRule, PersonStep, Scenario } from '../scenario.ts'
import { dentist } from './dentist.ts'

/** What the caller can cut off, and what they cannot; and what is no interruption at all. */

const OPENING =
  'Hi John, this is Alex from Downtown Dental about your appointment on Thursday at two. Does that still work for you?'

const WAY =
  'We are in the green building, right across from the library, on the second floor. You can park behind the house, and the elevator is to your left as you come in.'

const rules: readonly ClaudeRule[] = [
  { when: /call was answered/i, say: OPENING },
  { when: /who is this/i, say: 'This is Alex, the AI assistant of Downtown Dental.' },
  { when: /how do i get there/i, say: WAY },
  {
    when: /which floor/i,
    say: 'The second floor. There is an elevator, and there are stairs behind the door.',
  },
  { when: /is there an elevator/i, say: 'Yes, there is one, to your left.' },
  ...dentist.claude,
]

const guarded = (options: {
  name: string
  about: string
  number: string
  does: readonly PersonStep[]
  call?: Readonly<Record<string, unknown>>
  claude?: readonly ClaudeRule[]
}): Scenario => ({
  name: options.name,
  about: options.about,
  direction: 'outbound',
  call: {
    ...dentist.call,
    phone_number: options.number,
    action: `Confirm the appointment on Thursday at two, and explain the way (${options.name})`,
    ...options.call,
  },
  person: { answer: 'yes', does: options.does },
  claude: [...(options.claude ?? []), ...rules],
})

const DISCLOSURE = 'This call is made by an AI system, and it is recorded to improve our service.'

/** Said to its end, and then answered: the words over it are not lost. */
export const disclosure = guarded({
  name: 'disclosure',
  about: 'the caller talks over the disclosure: they hear all of it, and are answered afterwards',
  number: '+12345679201',
  call: { disclosure: DISCLOSURE },
  does: [
    { hear: { words: 3 } },
    { say: 'Who is this?' },
    { hear: { text: 'assistant of downtown dental' } },
    { hear: 'end' },
    { say: 'Thursday is fine. Bye!' },
  ],
})

export const longOverDisclosure = guarded({
  name: 'disclosure-talked-over',
  about: 'the caller talks on beyond the disclosure: the agent stops after it, and listens',
  number: '+12345679202',
  call: { disclosure: DISCLOSURE },
  does: [
    { hear: { words: 8 } },
    { say: 'Sorry, I did not order anything at all, and I have no time for this. Who is this?' },
    { hear: { text: 'assistant of downtown dental' } },
    { hear: 'end' },
    { say: 'Thursday is fine. Bye!' },
  ],
})

export const guardedOpening = guarded({
  name: 'opening-uninterruptible',
  about: 'the opening cannot be cut off: the caller who talks over it is answered after it',
  number: '+12345679203',
  call: { uninterruptible: ['opening'] },
  does: [
    { hear: { words: 3 } },
    { say: 'Who is this?' },
    { hear: { text: 'assistant of downtown dental' } },
    { hear: 'end' },
    { say: 'Thursday is fine. Bye!' },
  ],
})

export const guardedGoodbye = guarded({
  name: 'goodbye-uninterruptible',
  about: 'the goodbye cannot be cut off: the call ends with it',
  number: '+12345679204',
  call: { uninterruptible: ['goodbye'] },
  does: [
    { hear: 'end' },
    { say: 'Thursday is fine. Bye!' },
    { hear: { words: 2 } },
    { say: 'Oh, which suite?' },
  ],
})

export const interruptedAgain = guarded({
  name: 'interrupted-again',
  about: 'the caller cuts the agent off three times in a row, and is answered every time',
  number: '+12345679205',
  does: [
    { hear: { words: 4 } },
    { say: 'How do I get there?' },
    { hear: { words: 6 } },
    { say: 'Wait, which floor?' },
    { hear: { words: 4 } },
    { say: 'And is there an elevator?' },
    { hear: 'end' },
    { say: 'Thank you, bye!' },
  ],
})

/** “Yes” to a question is an answer, even if the agent goes on talking. */
export const yesToQuestion = guarded({
  name: 'yes-to-question',
  about: 'a “yes” right after a question cuts in: it is an answer, and no backchannel',
  number: '+12345679206',
  claude: [
    {
      when: /call was answered/i,
      say: 'Hi John, this is Alex from Downtown Dental. Does Thursday at two still work for you? If it does not, I can offer you Friday at ten, or Monday at nine, whatever suits you best.',
    },
    { when: /^yes\.$/i, say: 'Wonderful, Thursday at two it is.' },
  ],
  does: [
    { hear: { text: 'work for you?' } },
    { say: 'Yes.' },
    { hear: { text: 'it is.' } },
    { hear: 'end' },
    { say: 'Thank you, bye!' },
  ],
})

/** The same word in the middle of a statement only says “go on”. */
export const yesToStatement = guarded({
  name: 'yes-to-statement',
  about: 'a “yes” in the middle of an explanation: the agent goes on',
  number: '+12345679207',
  does: [
    { hear: 'end' },
    { say: 'How do I get there?' },
    { hear: { text: 'right across' } },
    { say: 'Yes.' },
    { hear: { text: 'come in.' } },
    { hear: 'end' },
    { say: 'Thank you, bye!' },
  ],
})

/** A word that only some people use to say “go on”: a matter of configuration. */
const jawohl = (name: string, number: string, about: string, then: readonly PersonStep[]) =>
  guarded({
    name,
    about,
    number,
    claude: [{ when: /^jawohl\.$/i, say: 'Excellent. Is there anything else?' }],
    does: [
      { hear: 'end' },
      { say: 'How do I get there?' },
      { hear: { text: 'right across' } },
      { say: 'Jawohl.' },
      ...then,
      { hear: 'end' },
      { say: 'Thank you, bye!' },
    ],
  })

export const extraBackchannel: Scenario = {
  ...jawohl(
    'backchannel-configured',
    '+12345679208',
    'a word that is configured as a backchannel: the agent goes on',
    [{ hear: { text: 'come in.' } }],
  ),
  environment: { BACKCHANNELS: 'jawohl' },
}

export const unknownBackchannel = jawohl(
  'backchannel-unknown',
  '+12345679209',
  'the same word without the configuration: it cuts in, and is answered',
  [{ hear: { text: 'anything else?' } }],
)
