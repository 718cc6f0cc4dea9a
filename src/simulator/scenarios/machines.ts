import type { Menu, PersonStep, Scenario } from '../scenario.ts'
import { dentist } from './dentist.ts'

/** What answers when it is not the person who was wanted. */

const MESSAGE =
  'Hello John, this is Alex from Downtown Dental about your appointment on Thursday at two. Please call us back. Goodbye.'

const machine = (options: {
  name: string
  about: string
  number: string
  does: readonly PersonStep[]
  call?: Readonly<Record<string, unknown>>
  person?: Partial<Scenario['person']>
  claude?: Scenario['claude']
  environment?: Scenario['environment']
}): Scenario => ({
  name: options.name,
  about: options.about,
  direction: 'outbound',
  call: { ...dentist.call, phone_number: options.number, ...options.call },
  // What is said before the audio is connected, a tenth of a second after the answer, nobody hears.
  person: { answer: 'yes', does: [{ pause: 500 }, ...options.does], ...options.person },
  claude: options.claude ?? dentist.claude,
  ...(options.environment && { environment: options.environment }),
})

const GREETING =
  "Hi, you've reached John Miller. I can't come to the phone right now. Please leave a message after the tone."

const leavesMessage = { voicemail: { action: 'leave_message', message: MESSAGE } }

/** The message begins after the beep, not over the greeting. */
export const voicemail = machine({
  name: 'voicemail',
  about: 'voicemail answers: the agent waits for the beep and leaves its message',
  number: '+12345678919',
  call: leavesMessage,
  does: [{ say: GREETING }, { pause: 1200 }, { beep: 400 }],
})

/** Some machines never beep. */
export const voicemailWithoutBeep = machine({
  name: 'voicemail-without-beep',
  about: 'voicemail without a beep: the message follows when the greeting is over',
  number: '+12345678921',
  call: { voicemail: { action: 'leave_message' } },
  does: [{ say: "You've reached the voicemail of John Miller. Please leave your message." }],
  claude: [
    {
      when: /machine is recording/i,
      say: 'Hello John, this is Alex from Downtown Dental. Please call us back when you can. Goodbye.',
    },
    ...dentist.claude,
  ],
})

/** A pause in the greeting looks like its end; then the beep comes into the message. */
export const voicemailLateBeep = machine({
  name: 'voicemail-late-beep',
  about: 'the beep comes into the message: the agent says it again from its first word',
  number: '+12345678922',
  call: leavesMessage,
  does: [
    { say: "You've reached the voicemail of John Miller. Please leave your message." },
    { hear: { words: 4 } },
    { beep: 400 },
  ],
})

export const voicemailHungUpOn = machine({
  name: 'voicemail-hang-up',
  about: 'voicemail answers, and the spec asks for no message: the agent hangs up without a word',
  number: '+12345678923',
  does: [{ say: GREETING }, { pause: 1200 }, { beep: 400 }],
})

export const mailboxFull = machine({
  name: 'mailbox-full',
  about: 'a mailbox that is full: the agent hangs up without a word',
  number: '+12345678924',
  call: leavesMessage,
  does: [
    { say: 'The mailbox is full and cannot accept any messages at this time. Goodbye.' },
    { pause: 8000 },
  ],
})

/** Words that could be anybody's: Twilio's machine detection tells more (`TWILIO_AMD`). */
export const voicemailByAmd = machine({
  name: 'voicemail-amd',
  about: 'a greeting that says nothing of a machine: Twilio’s detection knows (TWILIO_AMD=true)',
  number: '+12345678917',
  call: leavesMessage,
  does: [{ say: 'This is Bob. Text me.' }, { pause: 2500 }, { beep: 500 }],
  person: { amd: { answeredBy: 'machine_start', afterMs: 2400 } },
  environment: { TWILIO_AMD: 'true' },
})

/** Words that no rule can place: Claude is asked, while the call goes on. */
export const voicemailByModel = machine({
  name: 'voicemail-model',
  about: 'a greeting that no rule can place: Claude is asked who it is, and nobody waits for that',
  number: '+12345678918',
  call: leavesMessage,
  does: [
    { say: 'The Millers. We are out in the sun. You know the message, you know the drill.' },
    { pause: 2500 },
    { beep: 500 },
  ],
})

/** The verdict is taken back when a person speaks. */
export const voicemailPickedUp = machine({
  name: 'voicemail-picked-up',
  about: 'somebody picks up while the message is being left: they are talked with',
  number: '+12345678925',
  call: leavesMessage,
  does: [
    { say: GREETING },
    { beep: 400 },
    { hear: { words: 5 } },
    { say: "Hello? Hello, I'm here. This is John." },
    { hear: 'end' },
    { say: 'Great, thank you. Bye!' },
  ],
  claude: [
    {
      when: /i'm here/i,
      say: 'Hi John, this is Alex from Downtown Dental. I wanted to confirm Thursday at two.',
    },
    ...dentist.claude,
  ],
})

export const notInService = machine({
  name: 'not-in-service',
  about: 'an announcement of the network: nobody is there, and the agent does not talk to it',
  number: '+12345678926',
  does: [
    { sit: true },
    {
      say: 'The number you have dialed is not in service. Please check the number and dial again.',
    },
    { pause: 8000 },
  ],
})

export const fax = machine({
  name: 'fax',
  about: 'a fax machine answers: the agent hangs up',
  number: '+12345678927',
  does: [{ fax: 4000 }, { pause: 8000 }],
})

const EXTENSION: readonly PersonStep[] = [
  { pause: 500 },
  { say: 'Billing, this is Maria.' },
  { hear: 'end' },
  { say: 'Yes, that is paid. Bye!' },
]

const OFFICE_MENU: Menu = {
  say: 'Thank you for calling Acme. For English, press one. Para español, oprima el dos.',
  options: {
    '1': {
      say: 'For sales, press one. For accounts, press two. To hear this again, press nine.',
      options: {
        '1': [{ say: 'Sales is closed today. Goodbye.' }, { hangUp: true }],
        '2': {
          say: 'Please enter the extension of the person you are calling, followed by the pound key.',
          options: { '4071': EXTENSION },
        },
      },
    },
    '2': [{ say: 'Gracias por llamar.' }, { hangUp: true }],
  },
}

/** Three levels, by keys that Twilio plays while the stream is away. */
export const menu = machine({
  name: 'menu',
  about: 'a voice menu of three levels: the agent presses its way to the right extension',
  number: '+12345678928',
  call: {
    action: 'Ask Maria in accounts, extension 4071, whether invoice twelve is paid',
    context: 'Acme. Maria, accounts, extension 4071.',
    callee_name: 'Maria',
  },
  does: [],
  person: { menu: OFFICE_MENU },
  claude: [
    {
      when: /bye/i,
      say: 'Thank you, Maria. Goodbye!',
      tool: { name: 'end_call', input: { reason: 'done' } },
    },
    { when: /this is maria/i, say: 'Hello Maria, this is Alex. Is invoice twelve paid?' },
    { when: /extension/i, tool: { name: 'press_keys', input: { keys: '4071#' } } },
    { when: /accounts, press two/i, tool: { name: 'press_keys', input: { keys: '2' } } },
    { when: /english, press one/i, tool: { name: 'press_keys', input: { keys: '1' } } },
  ],
})

const SCREENING =
  "Hi, if you record your name and reason for calling, I'll see if this person is available."

const screenedRules: Scenario['claude'] = [
  {
    when: /record your name/i,
    say: 'This is Alex from Downtown Dental, calling John about an appointment.',
  },
  {
    when: /this is john/i,
    say: 'Hi John, this is Alex from Downtown Dental. Does Thursday at two still work for you?',
  },
  { when: /stay on the line/i, tool: { name: 'keep_listening', input: {} } },
  ...dentist.claude,
]

export const screening = machine({
  name: 'screening',
  about:
    'a phone’s assistant asks who is calling: the agent says so, waits, and talks with the person',
  number: '+12345678929',
  does: [
    { say: SCREENING },
    { hear: 'end' },
    { say: 'Thanks, please stay on the line.' },
    { pause: 12_000 },
    { say: 'Hello, this is John.' },
    { hear: 'end' },
    { say: 'Yes, it does. Bye!' },
  ],
  claude: screenedRules,
})

export const screenedOut = machine({
  name: 'screened-out',
  about: 'a phone’s assistant asks who is calling, and nobody comes: the agent gives up quietly',
  number: '+12345678916',
  does: [{ say: SCREENING }, { hear: 'end' }, { say: 'Thanks, please stay on the line.' }],
  claude: screenedRules,
})
