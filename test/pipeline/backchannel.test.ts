import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  Backchannels,
  isBackchannel,
  isQuestionOpen,
  mayBecomeBackchannel,
} from '../../src/pipeline/backchannel.ts'

describe('a backchannel', () => {
  it.each(['Uh-huh.', 'mm-hm', 'Right.', 'Okay, okay.', 'I see.', 'Yeah, sure.'])(
    'is %j',
    (text) => {
      expect(isBackchannel(text, 'en-US')).toBe(true)
    },
  )

  it.each(['No.', 'Wait!', 'Okay, but when?', 'What?', '', 'yes yes yes yes yes', 'Stop'])(
    'is not %j',
    (text) => {
      expect(isBackchannel(text, 'en')).toBe(false)
    },
  )

  it('depends on the language', () => {
    expect(isBackchannel('Genau.', 'de-DE')).toBe(true)
    expect(isBackchannel('Genau.', 'en')).toBe(false)
    expect(isBackchannel('Claro, sí', 'es')).toBe(true)
    expect(isBackchannel('okay', 'xx')).toBe(true)
  })

  it.each([
    ['de', 'Ach so.'],
    ['de', 'Ja, genau.'],
    ['de', 'Alles klar.'],
    ['es', 'Ya veo.'],
    ['es', 'De acuerdo.'],
    ['fr', 'D’accord.'],
    ['fr', 'Je vois, oui.'],
    ['it', 'Va bene.'],
    ['it', 'Ho capito.'],
    ['pt', 'Tá bom.'],
    ['nl', 'Ja hoor.'],
    ['nl', 'Precies.'],
    ['en', 'Oh, great.'],
    ['en', "That's good."],
  ])('in %s is %j', (language, text) => {
    expect(isBackchannel(text, language)).toBe(true)
  })

  it.each([
    ['de', 'Nein.'],
    ['de', 'Moment.'],
    ['de', 'Wie bitte?'],
    ['es', 'No.'],
    ['es', '¿Qué?'],
    ['es', 'De'],
    ['fr', 'Non.'],
    ['fr', 'Attendez.'],
    ['fr', 'Pardon ?'],
    ['it', 'Aspetti.'],
    ['nl', 'Nee.'],
    ['en', 'I'],
    ['en', 'See it.'],
  ])('in %s is not %j', (language, text) => {
    expect(isBackchannel(text, language)).toBe(false)
  })

  it('may be extended, in any spelling, also by phrases', () => {
    const known = new Backchannels('en', ['Jolly Good', 'WORD'])
    expect(known.covers('word')).toBe(true)
    expect(known.covers('Jolly good, yeah.')).toBe(true)
    expect(known.covers('Jolly.')).toBe(false)
    expect(isBackchannel('Word.', 'en')).toBe(false)
  })
})

describe('words that a caller has only begun to say', () => {
  it.each([
    ['en', 'I'],
    ['en', 'Oh, that'],
    ['en', 'makes'],
    ['en', 'Uh-'],
    ['en', 'Of cour'],
    ['de', 'Gen'],
    ['de', 'Ja, in Ord'],
    ['de', 'Genau.'],
    ['es', 'Ajá, cla'],
    ['es', 'De'],
    ['es', 'Claro que'],
    ['fr', 'Tout à'],
  ])('may become a backchannel: in %s %j', (language, text) => {
    expect(mayBecomeBackchannel(text, language)).toBe(true)
  })

  it.each([
    ['en', 'I want'],
    ['en', 'No'],
    ['en', 'Wait'],
    ['en', 'Of c our'],
    ['en', 'Okay, but'],
    ['en', 'yes yes yes yes y'],
    ['en', ''],
    ['de', 'Nein'],
    ['de', 'Gen da'],
    ['es', 'De qué'],
  ])('cannot become one any more: in %s %j', (language, text) => {
    expect(mayBecomeBackchannel(text, language)).toBe(false)
  })

  it('may become one of the words that were configured', () => {
    expect(mayBecomeBackchannel('okay, prim', 'en')).toBe(false)
    expect(mayBecomeBackchannel('okay, prim', 'en', ['prima'])).toBe(true)
    expect(mayBecomeBackchannel('prima, ok', 'en', ['prima'])).toBe(true)
  })

  it('are on their way to every backchannel, however far they have come', () => {
    const said = fc.constantFrom(
      ['en', 'Okay, I see.'],
      ['en', 'That makes sense.'],
      ['de', 'Ja, in Ordnung.'],
      ['de', 'Ach so, verstehe.'],
      ['es', 'Claro, por supuesto.'],
      ['fr', 'Oui, tout à fait.'],
    )
    fc.assert(
      fc.property(said, fc.integer({ min: 1, max: 20 }), ([language = '', text = ''], length) => {
        expect(isBackchannel(text, language)).toBe(true)
        expect(mayBecomeBackchannel(text.slice(0, length), language)).toBe(true)
      }),
    )
  })
})

describe('an open question', () => {
  const text =
    'Your visit is on Thursday at two. Does that still work for you? Please bring your card.'

  it.each([
    ['before it', 'Your visit is on', false],
    ['at its first words', 'Your visit is on Thursday at two. Does', false],
    ['when most of it was heard', 'Your visit is on Thursday at two. Does that still work', true],
    ['right after it', 'Your visit is on Thursday at two. Does that still work for you?', true],
    [
      'a word later',
      'Your visit is on Thursday at two. Does that still work for you? Please',
      true,
    ],
    [
      'a sentence later',
      'Your visit is on Thursday at two. Does that still work for you? Please bring your',
      false,
    ],
  ])('%s', (_when, heard, open) => {
    expect(isQuestionOpen(heard, text)).toBe(open)
  })

  const german = 'Ihr Termin ist am Donnerstag um 14.30 Uhr. Passt Ihnen das noch gut? Bringen Sie'
  const french = 'Votre rendez-vous est jeudi. Est-ce que cela vous convient toujours ? Pensez à'
  const spanish = 'Su cita es el jueves a las dos en la clínica central, ¿le viene bien todavía?'

  it.each([
    ['de', german, 'Ihr Termin ist am Donnerstag um 14.30', false],
    ['de', german, 'Ihr Termin ist am Donnerstag um 14.30 Uhr. Passt Ihnen', false],
    ['de', german, 'Ihr Termin ist am Donnerstag um 14.30 Uhr. Passt Ihnen das', true],
    ['fr', french, 'Votre rendez-vous est jeudi. Est-ce que cela', true],
    ['fr', french, 'Votre rendez-vous est', false],
    ['fr', french, 'Votre rendez-vous est jeudi. Est-ce que cela vous convient toujours ?', true],
    ['es, before it', spanish, 'Su cita es el jueves a las dos en la clínica central,', false],
    ['es, at its mark', spanish, 'Su cita es el jueves a las dos en la clínica central, ¿', false],
    ['es, in it', spanish, 'Su cita es el jueves a las dos en la clínica central, ¿le viene', true],
    ['es, after it', spanish, spanish, true],
    ['zh', '星期四可以吗？请带卡。', '星期四可以吗？', true],
  ])('%s: %s', (_language, whole, heard, open) => {
    expect(isQuestionOpen(heard, whole)).toBe(open)
  })
})
