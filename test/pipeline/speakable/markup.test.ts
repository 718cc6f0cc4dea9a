import { describe, expect, it } from 'vitest'
import { Speakable } from '../../../src/pipeline/speakable/speakable.ts'
import { say } from './say.ts'

describe('what is written for the eye', () => {
  it.each([
    ['**Hello** there, _it_ is `so` ~~not~~.', 'Hello there, it is so not.'],
    ['## Opening hours\nWe are open.', 'Opening hours.\nWe are open.'],
    ['- Monday\n- Tuesday\n* or not', 'Monday,\nTuesday,\nor not'],
    ['1. Call us\n2) Write', 'one. Call us,\ntwo. Write'],
    ['> quoted\n---\nafter', 'quoted,\n\nafter'],
    ['[our site](https://example.com/a) and ![a map](x.png)', 'our site and a map'],
    ['see <https://example.com>', 'see example dot com'],
    ['| day | hours |\n|---|---|\n| Mon | nine |', 'day, hours,\n\nMon, nine'],
    ['Great 😊! Bye 👍🏽 👨‍👩‍👧 🇩🇪', 'Great! Bye'],
    ['Press 1️⃣ now', 'Press one now'],
    ['wait <break time="1s"/> <b>now</b>', 'wait now'],
    ['Sure :-) thing', 'Sure thing'],
    ['```json\nhello\n```', 'hello'],
    ['*smiles* Hello. [laughs softly] Yes (sighs) no.', 'Hello. Yes no.'],
    ['*pause* Well.', 'Well.'],
    ['Speak *softly* please, *really*.', 'Speak softly please, really.'],
    ['It is 5*3', 'It is five times three'],
    ['#thanks snake_case', 'thanks snake case'],
    ['[Name] is here', 'Name is here'],
  ])('is not read out: %j', (written, spoken) => {
    expect(say('en', written)).toBe(spoken)
  })

  it('drops a stage direction that goes on in the next phrase, and nothing after it', () => {
    const speakable = new Speakable({ language: 'en' })
    expect(speakable.phrase('*smiles warmly, ')).toEqual([])
    expect(speakable.phrase('then nods* Hello there. ')).toEqual([
      { written: 'Hello there. ', spoken: 'Hello there. ' },
    ])
    expect(speakable.phrase('How are you?')).toHaveLength(1)
  })

  it('loses no words to a stage direction that is never closed', () => {
    const speakable = new Speakable({ language: 'en' })
    expect(speakable.phrase('Yes. *laughs, ')).toEqual([{ written: 'Yes. ', spoken: 'Yes. ' }])
    expect(speakable.phrase('I will come. ')[0]?.spoken).toBe('I will come. ')
  })

  it('knows that a list goes on in the next phrase', () => {
    const speakable = new Speakable({ language: 'en' })
    speakable.phrase('We have two.\n')
    expect(speakable.phrase('- Monday. ')[0]?.spoken).toBe('Monday. ')
    expect(speakable.phrase('- Tuesday')[0]?.spoken).toBe('- Tuesday')
  })

  it.each(['😊 ', '---', '*smiles*', '…', ' '])('says nothing for %j', (text) => {
    expect(new Speakable({ language: 'en' }).phrase(text)).toEqual([])
  })
})
