import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerClassifier } from '../../../src/pipeline/answering/answer-classifier.ts'
import type { AnsweredBy } from '../../../src/pipeline/answering/answered-by.ts'

function english(): AnswerClassifier {
  return new AnswerClassifier('en-US')
}

/** Hears turns, each word by word and then as a whole. */
function hearing(...turns: readonly string[]): AnswerClassifier {
  const classifier = english()
  for (const turn of turns) {
    const words = turn.split(' ')
    words.forEach((_, i) => classifier.words(words.slice(0, i + 1).join(' '), 'partial'))
    classifier.words(turn, 'final')
  }
  return classifier
}

const BEEP = 'Hi, this is Sarah. Please leave a message after the beep.'
const SCREENING =
  "If you record your name and reason for calling, I'll see if this person is available."
/** Longer than people's first words are, and not placed by any rule. */
const STORY = 'the river was high that spring and all of the boats lay upside down along its bank'

describe('a person never waits', () => {
  it('for words, tones or verdicts: nothing is known at first', () => {
    const classifier = english()
    expect(classifier.current).toBeUndefined()
    expect(classifier.isUnsure).toBe(false)
    expect(classifier.words(' ', 'final')).toBeUndefined()
    expect(classifier.current).toBeUndefined()
  })

  it('and is known by the first word', () => {
    expect(english().words('Hello', 'partial')).toEqual({ answeredBy: 'person', by: 'words' })
  })

  it('because something on the line beeps', () => {
    const classifier = hearing('Hello?')
    expect(classifier.tone('beep')).toBeUndefined()
    expect(classifier.current?.answeredBy).toBe('person')
    expect(english().tone('beep')).toBeUndefined()
  })

  it('because the carrier takes a hello for a machine', () => {
    const classifier = hearing('Hello?')
    expect(classifier.carrier('machine_start')).toBeUndefined()
    expect(classifier.current).toEqual({ answeredBy: 'person', by: 'words' })
  })

  it('because of special information tones from a box that wards off callers', () => {
    const classifier = hearing('Hello?')
    expect(classifier.tone('sit')).toBeUndefined()
    expect(classifier.current?.answeredBy).toBe('person')
  })

  it('because of what is said later in a conversation', () => {
    const classifier = hearing(
      'Downtown Dental, how can I help you?',
      'I see. You can text me, or I will call you back, or my colleague can.',
      `Well, ${STORY}`,
      'She can call you back as soon as possible.',
      'I am out of the office tomorrow.',
    )
    expect(classifier.current?.answeredBy).toBe('person')
  })
})

describe('a machine', () => {
  it.each<[string, AnsweredBy]>([
    [BEEP, 'voicemail'],
    ['The mailbox is full.', 'mailbox_full'],
    ['For sales, press one.', 'ivr'],
    [SCREENING, 'screening'],
    ['The number you have dialed is not in service.', 'carrier'],
  ])('is known by its words before the turn is over: %j', (text, answeredBy) => {
    const classifier = english()
    const verdicts = text
      .split(' ')
      .map((_, i, words) => classifier.words(words.slice(0, i + 1).join(' '), 'partial'))
    expect(verdicts.findLast((verdict) => verdict !== undefined)).toEqual({
      answeredBy,
      by: 'words',
    })
  })

  it('tells of a change only once', () => {
    const classifier = english()
    expect(classifier.words(BEEP, 'partial')?.answeredBy).toBe('voicemail')
    expect(classifier.words(`${BEEP} Thanks.`, 'partial')).toBeUndefined()
    expect(classifier.words(`${BEEP} Thanks.`, 'final')).toBeUndefined()
    expect(classifier.carrier('machine_start')).toBeUndefined()
  })

  it('is known although it pauses in the middle of its sentence', () => {
    const classifier = hearing("Hello, you've reached Sarah Jones.", 'Please leave a')
    expect(classifier.current?.answeredBy).toBe('person')
    expect(classifier.words('short message for me.', 'final')?.answeredBy).toBe('voicemail')
  })

  it('remains a mailbox when it offers keys, or says goodbye', () => {
    const classifier = hearing('At the tone, please record your message.')
    classifier.words('When you are finished, hang up, or press one for more options.', 'final')
    expect(classifier.current?.answeredBy).toBe('voicemail')
    expect(classifier.words('Thank you. Goodbye.', 'final')).toBeUndefined()
  })

  it('may become another: a menu puts through to a mailbox, a mailbox turns out full, a screening gives up', () => {
    const menu = hearing('For Dr. Miller, press two.')
    expect(menu.words(BEEP, 'final')?.answeredBy).toBe('voicemail')
    expect(menu.words('Sorry, the mailbox is full.', 'final')?.answeredBy).toBe('mailbox_full')
    const screening = hearing(SCREENING)
    expect(screening.words('Please leave a message after the tone.', 'final')?.answeredBy).toBe(
      'voicemail',
    )
  })

  it('is known behind a person who puts the call through', () => {
    const classifier = hearing('Front office, how can I help you?', "I'll put you through to her.")
    expect(classifier.words(BEEP, 'partial')?.answeredBy).toBe('voicemail')
  })
})

describe('a person who comes on the line behind a machine', () => {
  it.each([
    ['a mailbox', BEEP, 'Hello? Hello? Yes, I am here.'],
    ['a mailbox, with a mere hello', BEEP, 'Hello?'],
    ['a screening', SCREENING, 'Who is this?'],
    ['a screening, with whatever words', SCREENING, 'Yes, Sarah here.'],
    [
      'a queue',
      'Please hold for the next available agent.',
      'Thanks for holding, how can I help you?',
    ],
    ['an announcement', 'The subscriber is not available.', 'What do you want?'],
  ])('is noticed behind %s', (_, machine, person) => {
    const classifier = hearing(machine)
    expect(classifier.current?.answeredBy).not.toBe('person')
    expect(classifier.words(person, 'final')).toEqual({ answeredBy: 'person', by: 'words' })
    expect(classifier.expectsMessageCue).toBe(false)
  })

  it('is noticed while the mailbox still talks', () => {
    const classifier = hearing(BEEP)
    expect(classifier.words('Hold on, wait', 'partial')?.answeredBy).toBe('person')
  })

  it('is left to the model where the words might be the machine’s', () => {
    const classifier = hearing('Please hold for the next available agent.', 'Sales, Mike.')
    expect(classifier.current?.answeredBy).toBe('ivr')
    expect(classifier.isUnsure).toBe(true)
    expect(classifier.greeting).toBe('Please hold for the next available agent.\nSales, Mike.')
    expect(classifier.judged('person')).toEqual({ answeredBy: 'person', by: 'model' })
    expect(classifier.isUnsure).toBe(false)
  })
})

describe('the model', () => {
  it('is asked about a long greeting that no rule places', () => {
    const classifier = hearing(STORY)
    expect(classifier.isUnsure).toBe(true)
    expect(classifier.judged('voicemail')).toEqual({ answeredBy: 'voicemail', by: 'model' })
    expect(classifier.judged('ivr')).toBeUndefined()
  })

  it('is asked about words that point to a machine without giving it away', () => {
    expect(hearing("You've reached Ann Smith, I'm on vacation.").isUnsure).toBe(true)
  })

  it('is not asked while somebody talks, or about what is clear', () => {
    const classifier = english()
    classifier.words(STORY, 'partial')
    expect(classifier.isUnsure).toBe(false)
    expect(classifier.greeting).toBe(STORY)
    for (const text of ['Hello?', 'Miller residence.', BEEP, 'Who is this?']) {
      expect(hearing(text).isUnsure).toBe(false)
    }
  })

  it('is not asked about each long turn of a conversation, but about one that sounds recorded', () => {
    const classifier = hearing('Hello, who is this?', STORY)
    expect(classifier.isUnsure).toBe(false)
    classifier.words("You've reached Ann Smith, I'm on vacation.", 'final')
    expect(classifier.isUnsure).toBe(true)
  })

  it('is not asked about more of what a machine has to say', () => {
    const classifier = hearing(BEEP, "I'll get back to you as soon as I can, or send me a text.")
    expect(classifier.isUnsure).toBe(false)
  })

  it('comes too late when clear words have come meanwhile', () => {
    const classifier = hearing(STORY)
    classifier.words('Hello? Who is this?', 'final')
    expect(classifier.judged('voicemail')).toBeUndefined()
    expect(classifier.current?.answeredBy).toBe('person')
  })

  it('is overruled by clear words after it', () => {
    const classifier = hearing(STORY)
    classifier.judged('voicemail')
    expect(classifier.words('Hello?', 'final')?.answeredBy).toBe('person')
  })

  it('outranks the carrier', () => {
    const classifier = hearing(STORY)
    expect(classifier.carrier('machine_start')?.answeredBy).toBe('voicemail')
    expect(classifier.judged('person')).toEqual({ answeredBy: 'person', by: 'model' })
  })

  it('gets the last of a greeting without end', () => {
    const classifier = hearing(...Array.from({ length: 30 }, () => STORY))
    expect(classifier.greeting).toHaveLength(2000)
    expect(classifier.greeting.endsWith(STORY)).toBe(true)
  })
})

describe("the carrier's machine detection", () => {
  it.each<[string, AnsweredBy | undefined]>([
    ['human', 'person'],
    ['machine_start', 'voicemail'],
    ['machine_end_beep', 'voicemail'],
    ['machine_end_other', 'voicemail'],
    ['fax', 'fax'],
    ['unknown', undefined],
    ['something_new', undefined],
  ])('says %s: %s, as long as nothing else is known', (answeredBy, verdict) => {
    expect(english().carrier(answeredBy)?.answeredBy).toBe(verdict)
  })

  it('decides about words that are not clear', () => {
    const classifier = english()
    classifier.words('Hi, this is Ann', 'partial')
    expect(classifier.carrier('machine_start')).toEqual({ answeredBy: 'voicemail', by: 'carrier' })
    expect(classifier.words('Hi, this is Ann Smith', 'partial')).toBeUndefined()
    expect(classifier.words('Hi, this is Ann Smith, who is calling', 'partial')?.answeredBy).toBe(
      'person',
    )
  })

  it('is doubted when the turn is over and sounds like a person', () => {
    const classifier = english()
    classifier.carrier('machine_start')
    classifier.words('Miller residence.', 'final')
    expect(classifier.isUnsure).toBe(true)
  })

  it('never overrides clear words', () => {
    const classifier = hearing(BEEP)
    expect(classifier.carrier('human')).toBeUndefined()
    expect(classifier.current?.answeredBy).toBe('voicemail')
  })
})

describe('tones', () => {
  it('settle what the words only pointed to', () => {
    const classifier = hearing("You've reached Ann Smith, I'm on vacation.")
    expect(classifier.tone('beep')).toEqual({ answeredBy: 'voicemail', by: 'tone' })
    expect(classifier.isUnsure).toBe(false)
  })

  it('settle what the carrier has said', () => {
    const classifier = english()
    classifier.carrier('machine_end_beep')
    expect(classifier.tone('beep')).toBeUndefined()
    expect(classifier.current).toEqual({ answeredBy: 'voicemail', by: 'tone' })
  })

  it('of a fax machine are sure', () => {
    expect(english().tone('fax')).toEqual({ answeredBy: 'fax', by: 'tone' })
    expect(hearing('Hello?').tone('fax')?.answeredBy).toBe('fax')
    const wrong = english()
    wrong.tone('fax')
    expect(wrong.words('Hello? Who is this?', 'final')?.answeredBy).toBe('person')
  })

  it('are the announced beep of a mailbox, even at the pitch of a fax machine', () => {
    const classifier = hearing(BEEP)
    expect(classifier.tone('fax')).toBeUndefined()
    expect(hearing('Leave a message.').tone('fax')?.answeredBy).toBe('fax')
  })

  it('before an announcement tell that it is the network’s', () => {
    const classifier = english()
    expect(classifier.tone('sit')).toEqual({ answeredBy: 'carrier', by: 'tone' })
    expect(classifier.words(BEEP, 'partial')?.answeredBy).toBe('voicemail')
  })
})

it('knows whether a beep is to be waited for', () => {
  expect(hearing(BEEP).expectsMessageCue).toBe(true)
  expect(hearing('Leave a message.').expectsMessageCue).toBe(false)
  expect(hearing('Please speak after the tone.', 'Thank you.').expectsMessageCue).toBe(true)
})

describe('whatever comes in whatever order', () => {
  const vote = fc.oneof(
    fc.record({
      words: fc.constantFrom(
        BEEP,
        SCREENING,
        STORY,
        'Hello?',
        'Sales, Mike.',
        'press one for',
        'Hi',
      ),
      at: fc.constantFrom('partial' as const, 'final' as const),
    }),
    fc.record({ tone: fc.constantFrom('beep' as const, 'fax' as const, 'sit' as const) }),
    fc.record({ carrier: fc.constantFrom('human', 'machine_start', 'fax', 'unknown') }),
    fc.record({ judged: fc.constantFrom<AnsweredBy>('person', 'voicemail', 'ivr', 'carrier') }),
  )
  type Vote = typeof vote extends fc.Arbitrary<infer V> ? V : never

  function cast(classifier: AnswerClassifier, one: Vote) {
    if ('words' in one) return classifier.words(one.words, one.at)
    if ('tone' in one) return classifier.tone(one.tone)
    if ('carrier' in one) return classifier.carrier(one.carrier)
    return classifier.judged(one.judged)
  }

  it('a change is told exactly when there is one', () => {
    fc.assert(
      fc.property(fc.array(vote), (votes) => {
        const classifier = english()
        for (const one of votes) {
          const before = classifier.current?.answeredBy
          const told = cast(classifier, one)
          const now = classifier.current
          expect(told).toEqual(now?.answeredBy === before ? undefined : now)
        }
      }),
    )
  })

  it('somebody who asks who is calling is a person from then on, unless a machine shows itself', () => {
    const harmless = vote.filter(
      (one) =>
        !('tone' in one && one.tone === 'fax') &&
        !('words' in one && /[Pp]lease|press|record/.test(one.words)),
    )
    fc.assert(
      fc.property(
        fc.array(vote),
        fc.array(harmless.filter((one) => !('judged' in one))),
        (before, after) => {
          const classifier = english()
          for (const one of before) cast(classifier, one)
          classifier.words('Hello? Who is this?', 'final')
          for (const one of after) cast(classifier, one)
          expect(classifier.current?.answeredBy).toBe('person')
        },
      ),
    )
  })
})
