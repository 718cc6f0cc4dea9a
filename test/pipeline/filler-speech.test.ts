import { describe, expect, it } from 'vitest'
import { ProviderError } from '../../src/errors.ts'
import { FillerSpeech } from '../../src/pipeline/filler-speech.ts'
import { FakeVoice } from '../helpers/fake-ports.ts'

function setUp() {
  const tts = new FakeVoice()
  tts.auto = false
  const happened: string[] = []
  const fillers = new FillerSpeech(tts, {
    begin: (text) => happened.push(`begin ${text}`),
    audio: (audio) => happened.push(`audio ${audio.length}`),
    end: () => happened.push('end'),
  })
  const answer = () => {
    fillers.give(() => happened.push('answer'))
  }
  return { tts, fillers, happened, answer, speech: () => tts.speeches.at(-1) }
}

describe('words that fill a wait', () => {
  it('are heard to their end before the answer, however they come', () => {
    const { fillers, happened, answer, speech } = setUp()
    fillers.say('One moment.')
    speech()?.listener.audio(new Uint8Array(8))
    answer()
    speech()?.listener.audio(new Uint8Array(9))
    expect(happened).toEqual(['begin One moment.', 'audio 8', 'audio 9'])
    speech()?.listener.done()
    expect(happened.slice(3)).toEqual(['end', 'answer'])
  })

  it('are dropped when the answer is heard first', () => {
    const { fillers, happened, answer, speech } = setUp()
    fillers.say('One moment.')
    answer()
    expect(speech()?.cancelled).toBe(true)
    speech()?.listener.audio(new Uint8Array(8))
    speech()?.listener.done()
    expect(happened).toEqual(['answer'])
  })

  it('do not hold up the answer when their voice fails, or they are not wanted any more', () => {
    for (const how of ['fails', 'is dropped'] as const) {
      const { fillers, happened, answer, speech } = setUp()
      fillers.say('One moment.')
      speech()?.listener.audio(new Uint8Array(8))
      answer()
      if (how === 'is dropped') fillers.drop()
      else {
        const gone = new ProviderError('gone', { provider: 'elevenlabs', code: 'disconnected' })
        speech()?.listener.failed(gone)
      }
      expect(happened).toContain('answer')
    }
  })

  it('are never two at once', () => {
    const { tts, fillers, speech } = setUp()
    fillers.say('One moment.')
    fillers.say('Just a second.')
    expect(tts.speeches).toHaveLength(1)
    speech()?.listener.done()
    fillers.say('Just a second.')
    expect(tts.speeches).toHaveLength(2)
  })
})
