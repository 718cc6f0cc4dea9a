import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeardText } from '../../src/pipeline/heard-text.ts'
import { alignmentOf, audioOf, CHAR_BYTES } from '../helpers/fake-ports.ts'

function spoken(text: string): HeardText {
  const heard = new HeardText()
  heard.addText(text)
  heard.addAudio(audioOf(text).length, alignmentOf(text))
  return heard
}

describe('heard text', () => {
  const text = 'Hi John, this is Alex.'

  it('is everything when all audio was played', () => {
    const heard = spoken(text)
    expect(heard.at(heard.audioBytes, true)).toEqual({ text, whole: true })
  })

  it('ends with the last word of which most was heard', () => {
    const heard = spoken(text)
    expect(heard.at(7 * CHAR_BYTES, true)).toEqual({ text: 'Hi John,', whole: false })
    expect(heard.at(4 * CHAR_BYTES, true)).toEqual({ text: 'Hi', whole: false })
    expect(heard.at(0, true)).toEqual({ text: '', whole: false })
  })

  it('is over where the last word was heard to its end, though half of it counts as heard', () => {
    const heard = spoken('It is recorded. Hi')
    const end = 'It is recorded.'.length
    expect(heard.at(13 * CHAR_BYTES, true).text).toBe('It is recorded.')
    expect(heard.isOver(end, 13 * CHAR_BYTES)).toBe(false)
    expect(heard.isOver(end, 15 * CHAR_BYTES)).toBe(false)
    expect(heard.isOver(end, 17 * CHAR_BYTES)).toBe(true)
    expect(heard.isOver(end + 3, 17 * CHAR_BYTES)).toBe(false)
    expect(heard.isOver(end + 3, heard.audioBytes)).toBe(true)
    expect(heard.isOver(0, 0)).toBe(true)
    heard.addText(' and more')
    expect(heard.isOver(heard.text.length, heard.audioBytes)).toBe(false)
  })

  it('is over in time, too, when the voice says no times', () => {
    const heard = new HeardText()
    heard.addText('It is recorded.')
    heard.addAudio(8000, undefined)
    expect(heard.isOver(15, 800 * 8)).toBe(false)
    expect(heard.isOver(15, 900 * 8)).toBe(true)
  })

  it('is not whole while more may come', () => {
    const heard = spoken(text)
    expect(heard.at(heard.audioBytes, false)).toEqual({ text, whole: false })
  })

  it('follows the written text where the voice spells it otherwise', () => {
    const heard = new HeardText()
    heard.addText('A first-time visit.')
    const voice = ' A  first- time visit .'
    heard.addAudio(audioOf(voice).length, alignmentOf(voice))
    expect(heard.at(14 * CHAR_BYTES, true).text).toBe('A first-time')
  })

  it.each([
    ['inside a word', 5, 3],
    ['at the beginning of a word', 3, 3],
    ['between two words', 2.8, 0],
    ['well past the end of a word', 9.2, 9],
    ['just past the end of a word', 8.2, 3],
    ['at the very end', 24, 22],
  ])('tells where to go on when it stopped %s', (_where, at, from) => {
    expect(spoken(text).wordStart(at * CHAR_BYTES)).toBe(from * CHAR_BYTES)
  })

  it('goes on at the very place without an alignment, and from the start before the first word', () => {
    const heard = new HeardText()
    expect(heard.wordStart(800)).toBe(800)
    heard.addText('Hi')
    heard.addAudio(1600, { chars: ['H', 'i'], startMs: [100, 150], durationMs: [50, 50] })
    expect(heard.wordStart(400)).toBe(0)
    expect(heard.wordStart(2400)).toBe(1600)
  })

  it('goes on at the very place when the voice has said more than was written', () => {
    const heard = new HeardText()
    heard.addText('Hi')
    heard.addAudio(1600, alignmentOf('Hi you'))
    expect(heard.wordStart(2000)).toBe(2000)
  })

  it('counts an entry of several characters as all of them', () => {
    const heard = new HeardText()
    heard.addText('Hello you')
    heard.addAudio(1600, {
      chars: ['Hello', ' ', 'you'],
      startMs: [0, 100, 120],
      durationMs: [100, 20, 80],
    })
    expect(heard.at(800, true).text).toBe('Hello')
  })

  it('estimates by the pace of speech where the voice gives no times', () => {
    const heard = new HeardText()
    heard.addText('one two three four five')
    heard.addAudio(16_000, undefined)
    expect(heard.at(4000, false).text).toBe('one two')
  })

  it('grows with the audio, and never holds a word of which nothing was heard', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', 'b', 'é', ',', '.'),
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), fc.nat(), (words, at) => {
        const all = words.join(' ')
        const heard = spoken(all)
        const bytes = at % (heard.audioBytes + 1)
        const { text: before } = heard.at(bytes, true)
        const begun = all.slice(0, Math.ceil(bytes / CHAR_BYTES)).split(' ').length
        expect(all.startsWith(before)).toBe(true)
        expect(before === '' ? 0 : before.split(' ').length).toBeLessThanOrEqual(begun)
        expect(heard.at(heard.audioBytes, true).text.startsWith(before)).toBe(true)
      }),
    )
  })

  describe('with a word that is spoken in another spelling', () => {
    /** “Ask Nguyen now”, of which the voice is given “Ask Win now”. */
    function aliased(): HeardText {
      const heard = new HeardText()
      heard.addText('Ask ')
      heard.addText('Nguyen', 'Win')
      heard.addText(' now')
      const voice = 'Ask Win now'
      heard.addAudio(audioOf(voice).length, alignmentOf(voice))
      return heard
    }

    it('tells the word as it is written', () => {
      const heard = aliased()
      expect(heard.text).toBe('Ask Nguyen now')
      expect(heard.at(heard.audioBytes, true)).toEqual({ text: 'Ask Nguyen now', whole: true })
    })

    it('counts it when most of what was spoken for it was heard', () => {
      expect(aliased().at(5 * CHAR_BYTES, true).text).toBe('Ask')
      expect(aliased().at(6 * CHAR_BYTES, true).text).toBe('Ask Nguyen')
      expect(aliased().at(7 * CHAR_BYTES, true).text).toBe('Ask Nguyen')
    })

    it('goes on from where that word began', () => {
      expect(aliased().wordStart(5.5 * CHAR_BYTES)).toBe(4 * CHAR_BYTES)
      expect(aliased().wordStart(8.5 * CHAR_BYTES)).toBe(8 * CHAR_BYTES)
    })

    it('takes several words for one where the voice is given another number of them', () => {
      const heard = new HeardText()
      heard.addText('Fly to ')
      heard.addText('San Jose', 'San Hozay City')
      heard.addText("'s, please")
      const voice = "Fly to San Hozay City's, please"
      heard.addAudio(audioOf(voice).length, alignmentOf(voice))
      expect(heard.at(12 * CHAR_BYTES, true).text).toBe('Fly to')
      expect(heard.at(22 * CHAR_BYTES, true).text).toBe("Fly to San Jose's,")
      expect(heard.wordStart(15 * CHAR_BYTES)).toBe(7 * CHAR_BYTES)
    })

    it('has all of a text of which a piece is not spoken at all, once all was heard', () => {
      const heard = new HeardText()
      heard.addText('(unsaid)', '')
      heard.addText(' Hi')
      heard.addAudio(audioOf('Hi').length, alignmentOf('Hi'))
      expect(heard.at(0, true).text).toBe('')
      expect(heard.at(heard.audioBytes, true)).toEqual({ text: '(unsaid) Hi', whole: true })
    })
  })

  const piece = fc.record({
    written: fc.constantFrom('Nguyen', 'San Jose', 'ok', ' ', ', ', "'s", 'well then '),
    spoken: fc.constantFrom(undefined, 'Win', 'a longer name', 'x'),
  })
  const pieces = fc
    .array(piece, { minLength: 1, maxLength: 8 })
    .filter((all) => all.some(({ written, spoken: alias }) => (alias ?? written).trim() !== ''))

  type Piece = { written: string; spoken: string | undefined }

  function voiceOf({ written, spoken: alias }: Piece): string {
    return written.trim() === '' ? written : (alias ?? written)
  }

  function spokenIn(all: readonly Piece[]): HeardText {
    const heard = new HeardText()
    for (const { written, spoken: alias } of all) {
      const voice = voiceOf({ written, spoken: alias })
      heard.addText(written, voice)
      heard.addAudio(audioOf(voice).length, alignmentOf(voice))
    }
    return heard
  }

  it('never takes back what was heard, and is whole only at the end', () => {
    fc.assert(
      fc.property(pieces, fc.nat(), fc.nat(), (all, a, b) => {
        const heard = spokenIn(all)
        const [early = 0, late = 0] = [a, b]
          .map((at) => at % (heard.audioBytes + 1))
          .sort((x, y) => x - y)
        const [before, after] = [heard.at(early, true), heard.at(late, true)]
        expect(after.text.startsWith(before.text)).toBe(true)
        if (before.whole) expect(before.text).toBe(heard.text.trim())
        expect(heard.at(heard.audioBytes, true)).toEqual({ text: heard.text.trim(), whole: true })
        expect(heard.at(late, false).whole).toBe(false)
      }),
    )
  })

  it('goes on without leaving out a sound that was not heard', () => {
    fc.assert(
      fc.property(pieces, fc.nat(), (all, at) => {
        const heard = spokenIn(all)
        const played = at % heard.audioBytes
        const from = heard.wordStart(played)
        const voice = all.map(voiceOf).join('')
        expect(voice.slice(Math.ceil(played / CHAR_BYTES), from / CHAR_BYTES).trim()).toBe('')
      }),
    )
  })
})
