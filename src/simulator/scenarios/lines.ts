import type { PersonStep, Scenario } from '../scenario.ts'
import { dentist } from './dentist.ts'

/** Connections between Twilio and the server that break in the middle of a call, and telephones with bad reception. */

const line = (options: {
  name: string
  about: string
  number: string
  does: readonly PersonStep[]
  person?: Partial<Scenario['person']>
  vendors?: Scenario['vendors']
}): Scenario => ({
  name: options.name,
  about: options.about,
  direction: 'outbound',
  call: { ...dentist.call, phone_number: options.number },
  person: { answer: 'yes', does: options.does, ...options.person },
  claude: dentist.claude,
  ...(options.vendors && { vendors: options.vendors }),
})

/** Whoever notices that the line is dead waits before speaking again. */
const NOTICES: PersonStep = { pause: 1500 }

const agrees: readonly PersonStep[] = [
  { hear: { text: 'work for you?' } },
  { hear: 'end' },
  { say: 'Thursday is fine. Bye!' },
]

/** What was sent and not played is lost with the connection; the rest is said on the next one. */
export const lostWhileSpeaking = line({
  name: 'line-lost-speaking',
  about: 'the stream breaks while the agent speaks: it goes on from the same word on the next one',
  number: '+12345679001',
  does: [{ hear: { words: 9 } }, { cutStream: true }, ...agrees],
})

export const lostWhileListening = line({
  name: 'line-lost-listening',
  about: 'the stream breaks in the middle of what the caller says: they are still heard to the end',
  number: '+12345679002',
  does: [
    { hear: 'end' },
    { say: 'Yes, Thursday' },
    { pause: 120 },
    { cutStream: true },
    { pause: 1200 },
    { say: ' works for me.' },
    { hear: { text: 'to know?' } },
    { hear: 'end' },
    { say: 'Great, bye!' },
  ],
  // As patient as with somebody who dictates: whoever speaks into a dead line needs time to notice.
  vendors: { deepgram: { pauseMs: 3000 } },
})

export const lostInSilence = line({
  name: 'line-lost-silence',
  about: 'the stream breaks when nobody speaks: nobody notices',
  number: '+12345679003',
  does: [
    { hear: 'end' },
    { pause: 500 },
    { cutStream: true },
    NOTICES,
    { say: 'Thursday is fine.' },
    { hear: 'end' },
    { say: 'Great, bye!' },
  ],
})

/** The model is being asked when the line goes: its answer waits for the next one. */
export const lostWhileThinking = line({
  name: 'line-lost-thinking',
  about:
    'the stream breaks between what the caller says and the answer: it is answered all the same',
  number: '+12345679004',
  does: [
    { hear: 'end' },
    { say: 'Just one question. Which suite is it?' },
    { pause: 400 },
    { cutStream: true },
    { hear: { text: 'seeing you.' } },
    { hear: 'end' },
    { say: 'Great, bye!' },
  ],
})

export const lostAgain = line({
  name: 'line-lost-again',
  about: 'the stream breaks three times, twice of it in one sentence: not a word is lost',
  number: '+12345679005',
  does: [
    { hear: { words: 6 } },
    { cutStream: true },
    { hear: { words: 14 } },
    { cutStream: true },
    { hear: { text: 'work for you?' } },
    { hear: 'end' },
    { say: 'Which suite is it?' },
    { hear: { words: 4 } },
    { cutStream: true },
    { hear: { text: 'seeing you.' } },
    { hear: 'end' },
    { say: 'Great, bye!' },
  ],
})

export const lostInGoodbye = line({
  name: 'line-lost-goodbye',
  about: 'the stream breaks in the goodbye: it is said to its end, and the call ends',
  number: '+12345679006',
  does: [
    { hear: 'end' },
    { say: 'Thursday is fine. Bye!' },
    { hear: { words: 3 } },
    { cutStream: true },
  ],
})

/** The script breaks the line; that no new one comes is for whoever carries it out. */
export const lostForGood = line({
  name: 'line-lost-for-good',
  about: 'the stream breaks, and Twilio opens no other one',
  number: '+12345679007',
  does: [{ hear: { words: 9 } }, { cutStream: true }],
})

/** For the server the old stream looks alive: only the question for the next one tells that it is dead. */
export const frozen = line({
  name: 'line-frozen',
  about: 'the stream falls silent without closing: the agent goes on, on the next one',
  number: '+12345679008',
  does: [{ hear: { words: 9 } }, { freezeStream: true }, ...agrees],
})

/** The socket is open and the caller is heard: only that no mark comes back tells that nothing is played. */
export const stuck = line({
  name: 'line-stuck',
  about: 'nothing that the agent says arrives any more: it says it again on another line',
  number: '+12345679010',
  does: [
    { hear: 'end' },
    { stallStream: 'out' },
    { say: 'Thursday is fine.' },
    { hear: { text: 'to know?' } },
    { hear: 'end' },
    { say: 'No. Bye!' },
  ],
})

/** No frame, no answer to a ping, and no word of it from the carrier. */
export const silentLine = line({
  name: 'line-silent',
  about: 'nothing passes either way, and nobody says so: the line is replaced',
  number: '+12345679011',
  does: [
    { hear: 'end' },
    { stallStream: 'both' },
    { pause: 6500 },
    { say: 'Thursday is fine.' },
    { hear: { text: 'to know?' } },
    { hear: 'end' },
    { say: 'No. Bye!' },
  ],
})

/** Words that are damaged on the way are said twice. */
export const roughLine = line({
  name: 'line-rough',
  about:
    'bad reception: late frames, lost frames, no frames in silence; the call still does its work',
  number: '+12345679009',
  person: { line: { jitterMs: 80, lossPercent: 2, silenceSuppression: true } },
  does: [
    { hear: 'end' },
    { say: 'Thursday, yes. Thursday is good. Thursday.' },
    { hear: 'end' },
    { say: 'Good. Bye, bye. Bye bye.' },
  ],
})
