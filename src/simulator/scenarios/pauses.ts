import type { ClaudeRule, PersonStep, Scenario } from '../scenario.ts'
import { dentist } from './dentist.ts'

/** Silence, noise, holds, and the end of the time. */

const scenario = (options: {
  name: string
  about: string
  number: string
  does: readonly PersonStep[]
  call?: Readonly<Record<string, unknown>>
  person?: Partial<Scenario['person']>
  claude?: readonly ClaudeRule[]
}): Scenario => ({
  name: options.name,
  about: options.about,
  direction: 'outbound',
  call: { ...dentist.call, phone_number: options.number, ...options.call },
  person: { answer: 'yes', does: options.does, ...options.person },
  claude: [...(options.claude ?? []), ...dentist.claude],
})

/** Twice the time after which a silent caller is asked whether they are there. */
export const hold = scenario({
  name: 'hold',
  about: 'the caller asks for a moment and is away for twenty seconds: nobody presses them',
  number: '+12345678950',
  does: [
    { hear: 'end' },
    { say: 'Hold on a second, please.' },
    { hear: 'end' },
    { pause: 20_000 },
    { say: 'I am back. Thursday is fine.' },
    { hear: 'end' },
    { say: 'Thank you, bye!' },
  ],
})

export const holdQueue = scenario({
  name: 'hold-queue',
  about:
    'a queue with music and announcements: the agent waits without a word until somebody comes',
  number: '+12345678951',
  does: [
    { pause: 500 },
    { say: 'All of our agents are busy. Please stay on the line.' },
    { repeat: 2, do: [{ music: 6000 }, { say: 'Your call is important to us. Please hold.' }] },
    { music: 3000 },
    { say: 'Downtown Pharmacy, this is Kim. How can I help you?' },
    { hear: 'end' },
    { say: 'Yes, that is right. Bye!' },
  ],
  claude: [
    { when: /this is kim/i, say: 'Hello Kim, this is Alex. Is the order of Mister Miller ready?' },
    { when: /stay on the line|please hold/i, tool: { name: 'keep_listening', input: {} } },
  ],
})

/** A sound without words is no interruption. */
export const noiseOverSpeech = scenario({
  name: 'noise-over-speech',
  about: 'a noise while the agent speaks: not a word is lost',
  number: '+12345678952',
  does: [
    { hear: { words: 5 } },
    { noise: 1500 },
    { hear: 'end' },
    { say: 'Thursday is fine. Bye!' },
  ],
})

/** Noise must not look like somebody who is there. */
export const noisySilence = scenario({
  name: 'noisy-silence',
  about: 'a caller who says nothing in a noisy room: the agent still gives up in the end',
  number: '+12345678953',
  does: [{ repeat: 12, do: [{ pause: 1500 }, { noise: 1500 }] }],
  person: { noise: { levelDbfs: -45 } },
})

export const timeWarning = scenario({
  name: 'time-warning',
  about: 'the longest duration comes near: the agent says so, and ends the call when it is reached',
  number: '+12345678954',
  call: { max_duration_s: 60 },
  does: [
    { hear: 'end' },
    { say: 'Hm, let me think about that.' },
    { hear: { text: 'half a minute' }, orMs: 40_000 },
    { hear: 'end' },
    { say: 'Okay, thank you. I think so.' },
  ],
  claude: [
    { when: /let me think/i, say: 'Of course.' },
    { when: /i think so/i, say: 'Good. Thursday it is, then.' },
  ],
})

export const autoSilent = scenario({
  name: 'silent-callee',
  about: 'a callee who picks up and says nothing hears the opening after a short wait',
  number: '+12345678955',
  does: [{ hear: 'end' }, { say: 'Thursday is fine. Bye!' }],
})

/** People dictate in pieces. */
export const dictation = scenario({
  name: 'dictation',
  about: 'the caller dictates a number in pieces: the agent waits for all of it',
  number: '+12345678956',
  does: [
    { hear: 'end' },
    { say: 'Yes. Do you need my new phone number?' },
    { hear: 'end' },
    { say: 'five five five' },
    { pause: 1300 },
    { say: 'zero one' },
    { pause: 1300 },
    { say: 'nine nine.' },
    { hear: 'end' },
    { say: 'Right. Bye!' },
  ],
  claude: [
    { when: /new phone number/i, say: 'Yes, please. What is your phone number?' },
    { when: /five.*nine/is, say: 'Thank you, I have it.' },
  ],
})
