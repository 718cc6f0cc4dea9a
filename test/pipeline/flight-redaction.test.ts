import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FlightNote } from '../../src/pipeline/flight-record.ts'
import {
  redactMachine,
  redactMessage,
  redactNote,
  redactText,
} from '../../src/pipeline/flight-redaction.ts'
import { anyText } from '../helpers/any-text.ts'

const words = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  anyText(),
  fc.lorem(),
  fc.constantFrom('(pressed 1 2 #)', 'Größe 42 – über 9.000 €', '٣٤ 三十', '👍🏽 ok', ' \u00a0\t'),
)

describe('words in a flight record', () => {
  it('cannot be read, and keep their length and whether they are blank', () => {
    fc.assert(
      fc.property(words, (text) => {
        const redacted = redactText(text)
        expect(redacted).toHaveLength(text.length)
        expect(redacted.trim() === '').toBe(text.trim() === '')
        expect(redacted).toMatch(/^[x\s\p{P}]*$/u)
      }),
    )
  })

  it('keep the places of their spaces and punctuation', () => {
    expect(redactText('Hi John, it is 5 p.m. – okay?')).toBe('xx xxxx, xx xx x x.x. – xxxx?')
  })

  it('are masked in every part of the turn machine, and its own names are not', () => {
    expect(
      redactMachine({
        type: 'note_caller',
        text: 'Yes, 42.',
        to: '+15551234567',
        keys: '12#',
        then: { type: 'listening', texts: ['a'], text: ['Oh no'], reply: 3, held: false },
      }),
    ).toEqual({
      type: 'note_caller',
      text: 'xxx, xx.',
      to: 'xxxxxxxxxxxx',
      keys: 'xxx',
      then: { type: 'listening', texts: ['a'], text: ['xx xx'], reply: 3, held: false },
    })
  })

  it('are the same when they are masked again', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.dictionary(fc.constantFrom('text', 'to', 'keys', 'message', 'type'), words),
        (value, fields) => {
          const once = redactMachine([value, fields])
          expect(redactMachine(once)).toEqual(once)
        },
      ),
    )
  })
})

describe('what a vendor says about a failure', () => {
  it.each([
    ['number +15551234567 is not valid', 'number xxxxxxxxxxxx is not valid'],
    ['call (555) 123-4567 now', 'call xxxxxxxxxxxxxx now'],
    ['key sk-ant-api03-abcDEF_123 is wrong', 'key [key] is wrong'],
    ['Authorization: Bearer abcdefGHIJKL.123==', 'Authorization: Bearer [key]'],
    ['token 0123456789abcdef0123456789abcdef refused', 'token [key] refused'],
    ['wss://user:pass@host.example/listen?token=1&q=2', 'wss://[key]@host.example/listen?[query]'],
    ['no such user: john.doe+x@mail.example', 'no such user: [email]'],
    [
      'the text "Call me at home, please" is refused',
      'the text "xxxx xx xx xxxx, xxxxxx" is refused',
    ],
  ])('loses what is private: %s', (message, redacted) => {
    expect(redactMessage(message)).toBe(redacted)
    expect(redactMessage(redacted)).toBe(redacted)
  })

  it.each([
    'unexpected status 503 after 12000 ms',
    'error 21211: the "To" number is invalid',
    'connect ECONNREFUSED 192.168.100.200:443',
    `call CA${'0a'.repeat(16)} is not in progress`,
    'token expired',
    'caller_turn_ended',
  ])('keeps what helps: %s', (message) => {
    expect(redactMessage(message)).toBe(message)
  })
})

describe('notes of a flight record', () => {
  const SECRET = 'Canary7'
  const notes: FlightNote[] = [
    {
      type: 'spec',
      spec: {
        phone_number: '+15551237777',
        action: SECRET,
        context: SECRET,
        callee_name: SECRET,
        metadata: { [SECRET]: SECRET },
        pronunciation: { [SECRET]: SECRET },
        voicemail: { action: 'leave_message', message: SECRET },
        transfer_to: [{ phone_number: '+15551237777', name: SECRET, when: SECRET }],
        tools: [
          {
            name: 'look_up',
            description: SECRET,
            input_schema: { type: 'object', properties: { [SECRET]: { type: 'string' } } },
            url: `https://${SECRET}.example`,
            headers: { [SECRET]: SECRET },
          },
          SECRET,
        ],
        language: 'en',
        first_speaker: 'auto',
        max_duration_s: 60,
        something_new: [SECRET, 5551237777],
      },
    },
    { type: 'turn', turn: { role: 'caller', text: SECRET, startMs: 1, endMs: 2 } },
    {
      type: 'turn',
      turn: {
        role: 'tool',
        id: 'toolu_1',
        name: 'look_up',
        input: { who: SECRET, card: 5551237777, deep: [{ is: SECRET }] },
        result: SECRET,
        startMs: 1,
        endMs: 2,
      },
    },
    {
      type: 'failure',
      failure: { by: 'twilio', code: 'rejected', message: `"${SECRET} said" +15551237777` },
    },
  ]

  it.each(notes)('hold nothing private: $type', (note) => {
    const text = JSON.stringify(redactNote(note))
    expect(text).not.toContain(SECRET)
    expect(text).not.toContain('5551237777')
  })

  it('still say how the call was made', () => {
    expect(redactNote(notes[0]!)).toMatchObject({
      spec: {
        action: 'xxxxxxx',
        language: 'en',
        first_speaker: 'auto',
        max_duration_s: 60,
        voicemail: { action: 'leave_message' },
        tools: [{ name: 'look_up', input_schema: { type: 'object' } }, {}],
      },
    })
  })

  it('of nothing private stay as they are', () => {
    const note: FlightNote = { type: 'answered_by', answeredBy: 'voicemail' }
    expect(redactNote(note)).toEqual(note)
    const times: FlightNote = { type: 'timings', timings: { reply: 1, kind: 'answer', heardMs: 5 } }
    expect(redactNote(times)).toEqual(times)
  })
})
