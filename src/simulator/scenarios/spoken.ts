import type { ClaudeRule, PersonStep, Scenario } from '../scenario.ts'
import { dentist } from './dentist.ts'

/** What the model writes and nobody would say: figures, signs, markdown, names that are not said as they are written. */

const scenario = (options: {
  name: string
  about: string
  number: string
  call: Readonly<Record<string, unknown>> & { readonly action: string }
  does: readonly PersonStep[]
  claude: readonly ClaudeRule[]
}): Scenario => ({
  name: options.name,
  about: options.about,
  direction: 'outbound',
  call: { ...dentist.call, phone_number: options.number, ...options.call },
  person: { answer: 'yes', does: options.does },
  claude: [...options.claude, ...dentist.claude],
})

export const figures = scenario({
  name: 'figures',
  about: 'the model writes money, times, numbers, addresses and markdown: the caller hears words',
  number: '+12345678980',
  call: { action: 'Tell what the next appointment costs, and how to reach the practice' },
  does: [
    { hear: 'end' },
    { say: 'How much is it, and when?' },
    { hear: 'end' },
    { say: 'How can I reach you?' },
    { hear: 'end' },
    { say: 'Got it. Bye!' },
  ],
  claude: [
    { when: /call was answered/i, say: 'Hi John, this is Alex. Do you have a minute?' },
    { when: /how much/i, say: "It's **$$49.50**, and it is on May 3rd at 2:30 pm with Dr. Smith." },
    {
      when: /reach you/i,
      say: '**Great** question! 😀\n\n- Call 555-0199\n- or write to john@example.com.',
    },
  ],
})

export const germanFigures = scenario({
  name: 'german-figures',
  about: 'the same in German: figures are said as Germans say them',
  number: '+12345678981',
  call: { action: 'Sagen, was der nächste Termin kostet', language: 'de' },
  does: [
    { hear: 'end' },
    { say: 'Was kostet das, und wann ist es?' },
    { hear: 'end' },
    { say: 'Gut, vielen Dank. Auf Wiederhören!' },
  ],
  claude: [
    { when: /call was answered/i, say: 'Guten Tag, hier ist Alex. Haben Sie kurz Zeit?' },
    { when: /was kostet/i, say: 'Es kostet **49,50 €**, und zwar am 3. Mai um 14:30 Uhr.' },
    {
      when: /wiederhören/i,
      say: 'Gern geschehen. Auf Wiederhören!',
      tool: { name: 'end_call', input: { reason: 'done' } },
    },
  ],
})

const name = {
  action: 'Move the appointment with Doctor Nguyen to another day',
  pronunciation: { Nguyen: 'Win' },
}

const nameRules: readonly ClaudeRule[] = [
  {
    when: /call was answered/i,
    say: 'Hi John, this is Alex. I am calling because Doctor Nguyen has to move your appointment, and we would like to find another day with you.',
  },
  { when: /who/i, say: 'Doctor Nguyen, your dentist. Would Friday at two suit you?' },
  { when: /friday|fine/i, say: 'Thank you. Doctor Nguyen will see you on Friday.' },
]

export const pronunciation = scenario({
  name: 'pronunciation',
  about: 'a name is said as the call’s dictionary tells, and written as it is written',
  number: '+12345678982',
  call: name,
  does: [{ hear: 'end' }, { say: 'Friday is fine.' }, { hear: 'end' }, { say: 'Thank you, bye!' }],
  claude: nameRules,
})

export const pronunciationCut = scenario({
  name: 'pronunciation-cut',
  about: 'the caller interrupts right after a name that is said otherwise than it is written',
  number: '+12345678983',
  call: { ...name, action: 'Move the appointment with Doctor Nguyen to a later day' },
  does: [
    { hear: { text: 'Doctor Win' } },
    { say: 'Sorry, doctor who?' },
    { hear: { text: 'suit you?' } },
    { hear: 'end' },
    { say: 'All right. Bye!' },
  ],
  claude: nameRules,
})
