import type { ClaudeRule, PersonStep, Scenario } from '../scenario.ts'
import { dentist } from './dentist.ts'

/** People who need time in the middle of what they say, and one who does not. */

const scenario = (options: {
  name: string
  about: string
  number: string
  action: string
  does: readonly PersonStep[]
  claude: readonly ClaudeRule[]
  vendors?: Scenario['vendors']
}): Scenario => ({
  name: options.name,
  about: options.about,
  direction: 'outbound',
  call: {
    ...dentist.call,
    phone_number: options.number,
    action: options.action,
    opening: 'Hi John, this is Alex. Does Thursday at two still work for you?',
  },
  person: { answer: 'yes', does: options.does },
  claude: [...options.claude, ...dentist.claude],
  ...(options.vendors && { vendors: options.vendors }),
})

/** Pauses up to two seconds, before pieces that mean nothing by themselves. */
export const dictatesTwice = scenario({
  name: 'dictates-twice',
  about:
    'the caller dictates an e-mail address and a phone number, each in pieces with long pauses',
  number: '+12345678970',
  action: 'Confirm the appointment on Thursday, and take down how to send a reminder',
  does: [
    { hear: 'end' },
    { say: 'Yes. Can you send me a reminder?' },
    { hear: { text: 'address?' } },
    { hear: 'end' },
    { say: 'John dot' },
    { pause: 1500 },
    { say: 'smith at' },
    { pause: 1800 },
    { say: 'example' },
    { pause: 2000 },
    { say: 'dot com.' },
    { hear: { text: 'reach you?' } },
    { hear: 'end' },
    { say: 'five five five' },
    { pause: 1200 },
    { say: 'zero one' },
    { pause: 2000 },
    { say: 'two three' },
    { pause: 1600 },
    { say: 'nine nine.' },
    { hear: { text: 'I have both.' } },
    { hear: 'end' },
    { say: 'Yes, please.' },
    { hear: { text: 'tomorrow.' } },
    { hear: 'end' },
    { say: 'Right. Bye!' },
  ],
  claude: [
    { when: /yes, please/i, say: 'You will get it tomorrow.' },
    { when: /reminder/i, say: 'Gladly. What is your e-mail address?' },
    { when: /smith/i, say: 'Thank you. And what is the best number to reach you?' },
    { when: /five/i, say: 'Thank you, I have both. Shall I send it by e-mail?' },
  ],
})

/** The same yes to the same question, from somebody who never needed any time. */
export const quickAnswer = scenario({
  name: 'quick-answer',
  about: 'the caller answers an ordinary question in two words, and is answered at once',
  number: '+12345678971',
  action: 'Confirm the appointment on Thursday, and offer a reminder',
  does: [
    { hear: 'end' },
    { say: 'Yes. Can you send me a reminder?' },
    { hear: { text: 'e-mail?' } },
    { hear: 'end' },
    { say: 'Yes, please.' },
    { hear: { text: 'tomorrow.' } },
    { hear: 'end' },
    { say: 'Right. Bye!' },
  ],
  claude: [
    { when: /yes, please/i, say: 'You will get it tomorrow.' },
    { when: /reminder/i, say: 'Gladly. Shall I send it by e-mail?' },
  ],
})

/**
 * A breath between any two pieces, longer than the ear allows by itself: it takes 800 ms for the end of a turn, Nova less.
 * The agent thinks for long enough that nobody hears it before the next piece.
 */
export const slowSpeaker = scenario({
  name: 'slow-speaker',
  about: 'a caller who pauses between any few words: after the first time they are waited for',
  number: '+12345678972',
  action: 'Confirm the appointment on Thursday, or find another time',
  does: [
    { hear: 'end' },
    { say: 'Thursday may be' },
    { pause: 1100 },
    { say: 'some hours early' },
    { pause: 1100 },
    { say: 'for us both' },
    { pause: 1100 },
    { say: 'this week.' },
    { hear: { text: 'suit you?' } },
    { hear: 'end' },
    { say: 'Maybe some hours' },
    { pause: 850 },
    { say: 'later that day' },
    { pause: 850 },
    { say: 'around five.' },
    { hear: { text: 'anything else?' } },
    { hear: 'end' },
    { say: 'Only one more' },
    { pause: 850 },
    { say: 'question today' },
    { pause: 850 },
    { say: 'about parking.' },
    { hear: { text: 'the house.' } },
    { hear: 'end' },
    { say: 'Thank you. Bye!' },
  ],
  claude: [
    { when: /parking/i, say: 'You can park for free, right behind the house.' },
    { when: /around five/i, say: 'Five it is, then. Is there anything else?' },
    { when: /thursday|early|week/i, say: 'I see. Which time would suit you?' },
  ],
  vendors: { deepgram: { pauseMs: 800 }, claude: { firstTokenMs: 700 } },
})
