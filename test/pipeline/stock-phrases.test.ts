import { describe, expect, it } from 'vitest'
import { stockPhrases } from '../../src/pipeline/stock-phrases.ts'

const LANGUAGES = ['en', 'de', 'es', 'fr', 'it', 'pt', 'nl']

describe('what the agent says without its model', () => {
  it.each(LANGUAGES)('is complete in %s, and in no other language', (language) => {
    const phrases = stockPhrases(language)
    const english = stockPhrases('en')
    const all = Object.values(phrases).flat()
    for (const phrase of all) expect(phrase).toMatch(/^[¿¡]?\p{Lu}.*[.?!]$/u)
    expect(new Set(all).size).toBe(all.length)
    expect(phrases.fillers.length).toBeGreaterThanOrEqual(2)
    expect(Object.keys(phrases)).toEqual(Object.keys(english))
    if (language === 'en') return
    const shared = all.filter((phrase) => Object.values(english).flat().includes(phrase))
    expect(shared).toEqual([])
  })

  it('is that of the language, whatever the region, and English for one that is not known', () => {
    expect(stockPhrases('de-AT')).toBe(stockPhrases('de'))
    expect(stockPhrases('PT-br')).toBe(stockPhrases('pt'))
    expect(stockPhrases('sv')).toBe(stockPhrases('en'))
  })
})
