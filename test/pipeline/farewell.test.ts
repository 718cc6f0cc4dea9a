import { describe, expect, it } from 'vitest'
import { isFarewell } from '../../src/pipeline/farewell.ts'

describe('a farewell', () => {
  it.each([
    ['en', ''],
    ['en', 'Bye-bye.'],
    ['en', 'Okay, thank you so much. Have a nice day!'],
    ['en', 'Thanks for your help. See you tomorrow.'],
    ['de', 'Auf Wiederhören.'],
    ['de', 'Danke, tschüss!'],
    ['de-AT', 'Schönen Tag noch, auf Wiedersehen.'],
    ['de', 'Okay, bye.'],
    ['es', 'Adiós, hasta luego.'],
    ['es', 'Muchas gracias, que tenga un buen día.'],
    ['fr', 'Au revoir, bonne journée !'],
    ['fr', 'Merci, à bientôt.'],
    ['it', 'Grazie mille, ciao.'],
    ['pt', 'Obrigado, até logo.'],
    ['nl', 'Dank u wel, tot ziens.'],
    ['sv', 'Thanks, bye.'],
  ])('(%s) is %j', (language, text) => {
    expect(isFarewell(text, language)).toBe(true)
  })

  it.each([
    ['en', 'Wait, one more question.'],
    ['en', 'Thanks, but when exactly?'],
    ['en', 'Auf Wiederhören.'],
    ['de', 'Moment, noch eine Frage.'],
    ['es', 'Espere, ¿a qué hora?'],
    ['fr', 'Attendez, à quelle heure ?'],
    ['es', 'Tschüss'],
  ])('(%s) is not %j', (language, text) => {
    expect(isFarewell(text, language)).toBe(false)
  })

  it('is English unless it is said otherwise', () => {
    expect(isFarewell('Goodbye.')).toBe(true)
    expect(isFarewell('Tschüss.')).toBe(false)
  })
})
