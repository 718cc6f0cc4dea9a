import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  announcesTone,
  classifyGreeting,
  isHello,
} from '../../../src/pipeline/answering/classify-greeting.ts'
import { holdoutGreetings, tuningGreetings } from '../../../src/simulator/greetings/all.ts'
import { anyText } from '../../helpers/any-text.ts'

const greetings = [...tuningGreetings, ...holdoutGreetings]

describe('classifyGreeting', () => {
  it.each([
    ["Hello, you've reached John.", 'person', false],
    ["This is Dr. Miller's office, how can I help?", 'person', true],
    ['Hold on a second.', 'person', true],
    ['Who is this?', 'person', true],
    ['Sorry, leave me alone.', 'person', true],
    ['Acme Hardware, Jim.', 'person', false],
    ['please leave a message after the beep', 'voicemail', true],
    ['the mailbox is full and cannot accept any messages at this time', 'mailbox_full', true],
    ['For sales, press one.', 'ivr', true],
    [
      "if you record your name and reason for calling, I'll see if this person is available",
      'screening',
      true,
    ],
    ['The number you have dialed is not in service.', 'carrier', true],
    ["You've reached Ann Smith, I'm on vacation.", 'voicemail', false],
  ])('%j: %s, sure: %s', (text, verdict, sure) => {
    expect(classifyGreeting(text, 'en-US')).toEqual({ verdict, sure })
  })

  it.each(['', '  ', '...', '?!'])('has nothing to go by in %j', (text) => {
    expect(classifyGreeting(text, 'en')).toBeUndefined()
  })

  it('leaves a long greeting without any cue undecided', () => {
    const text =
      'the river was high that spring and all of the boats lay upside down along its bank'
    expect(classifyGreeting(text, 'en')).toBeUndefined()
  })

  it('does not mind capitals, punctuation, accents and apostrophes of any kind', () => {
    const variants = (text: string) => [
      text.toUpperCase(),
      text.replaceAll(/[.,'’]/g, ''),
      text.replaceAll("'", '’'),
      text.normalize('NFD'),
      ` ${text.replaceAll(' ', '\n  ')} `,
    ]
    for (const { text, language, kind } of greetings) {
      const plain = classifyGreeting(text, language)
      // Without its apostrophes French runs its words together, which no transcript does.
      for (const variant of language === 'fr'
        ? [text.toUpperCase(), text.normalize('NFD')]
        : variants(text)) {
        expect(classifyGreeting(variant, language), `${kind}: ${variant}`).toEqual(plain)
      }
    }
  })

  it('understands the mailboxes and networks of other countries, whatever the language of the call', () => {
    expect(classifyGreeting('Deje su mensaje después del tono.', 'en')?.verdict).toBe('voicemail')
    expect(classifyGreeting('Kein Anschluss unter dieser Nummer.', 'fr')?.verdict).toBe('carrier')
    expect(classifyGreeting('Please leave a message after the tone.', 'pl')?.verdict).toBe(
      'voicemail',
    )
  })

  it.each([
    ['Please leave a message after the beep. Hello? Hello, I am here!', 'person'],
    ['If you record your name and reason for calling. Hi, wait, who is this?', 'person'],
    ['Nach dem Signalton. Hallo, ich bin doch da!', 'person'],
    ['Hello? Hello? Just kidding, leave a message after the beep.', 'voicemail'],
    ['Leave your number and I will have her call you.', 'person'],
    ['Leave your number and I will call you.', 'voicemail'],
  ])('goes by who speaks last in %j: %s', (text, verdict) => {
    expect(classifyGreeting(text, text.startsWith('Nach') ? 'de' : 'en')).toEqual({
      verdict,
      sure: true,
    })
  })

  it.each([
    ['Please state your name, number and a brief message after the tone.', 'voicemail'],
    ['Please state your name after the tone and we will try to connect you.', 'screening'],
    [
      'The subscriber is not available. At the tone, please record your message, or press one.',
      'voicemail',
    ],
    ["You've reached Kim, leave a message. I'm sorry, this mailbox is full.", 'mailbox_full'],
  ])('knows what counts when several fit: %j is %s', (text, verdict) => {
    expect(classifyGreeting(text, 'en')).toEqual({ verdict, sure: true })
  })

  it('takes no longer for a greeting without end, and goes by its end', () => {
    const text = `${'I could go on for ever and ever. '.repeat(20_000)} Leave a message after the tone.`
    expect(classifyGreeting(text, 'en')).toEqual({ verdict: 'voicemail', sure: true })
  })

  it('takes any text', () => {
    const words = fc.constantFrom(...new Set(greetings.flatMap(({ text }) => text.split(' '))))
    const text = fc.oneof(
      anyText(),
      fc.array(words, { maxLength: 40 }).map((all) => all.join(' ')),
    )
    fc.assert(
      fc.property(text, fc.constantFrom('en', 'de', 'es', 'fr', 'xx', ''), (any, language) => {
        const found = classifyGreeting(any, language)
        if (found) expect(found.verdict).not.toBe('fax')
      }),
    )
  })
})

describe('a mere hello', () => {
  it.each([
    ['Hello?', 'en'],
    ['yeah hello hi', 'en-GB'],
    ['Ja, hallo?', 'de'],
    ['¿Sí, dígame?', 'es'],
    ['Allô oui bonjour', 'fr'],
    ['Hello?', 'fr'],
  ])('is %j', (text, language) => {
    expect(isHello(text, language)).toBe(true)
  })

  it.each(['Hello, this is Ann', '', 'hi hi hi hi hi hi hi', 'Goodbye.'])('is not %j', (text) => {
    expect(isHello(text, 'en')).toBe(false)
  })
})

describe('a tone is announced', () => {
  it.each(['at the tone', 'nach dem Piep', 'después de la señal', 'après le bip sonore'])(
    'by %j',
    (words) => {
      expect(announcesTone(`bla ${words} bla`)).toBe(true)
    },
  )

  it('not by every message', () => {
    expect(announcesTone('Leave me a message.')).toBe(false)
  })
})
