import { describe, expect, it } from 'vitest'
import { scaledClock } from '../../../src/clock.ts'
import { ProviderError } from '../../../src/errors.ts'
import type { SpeechListener, TextToSpeech } from '../../../src/pipeline/ports.ts'
import { spokenPieces } from '../../../src/pipeline/voice/spoken-pieces.ts'

const clock = scaledClock(1000)
const never = new AbortController().signal

/** A voice that is led by hand. */
function byHand() {
  const texts: string[] = []
  const led: { listener: SpeechListener | undefined; cancelled: boolean } = {
    listener: undefined,
    cancelled: false,
  }
  const tts = {
    speak: (listener) => {
      led.listener = listener
      return {
        sendText: (text) => texts.push(text),
        flush: () => texts.push('(end)'),
        cancel: () => {
          led.cancelled = true
        },
      }
    },
  } as Pick<TextToSpeech, 'speak'> as TextToSpeech
  return { tts, texts, led }
}

const piece = (byte: number) => Uint8Array.of(byte)

describe('spokenPieces', () => {
  it('loses nothing that comes while its listener is busy, not even right before the end', async () => {
    const { tts, texts, led } = byHand()
    const pieces = spokenPieces(tts, 'Good morning. Bye.', { clock, signal: never })
    const first = pieces.next()
    led.listener?.audio(piece(1))
    expect((await first).value).toEqual(piece(1))
    led.listener?.audio(piece(2))
    led.listener?.audio(piece(3))
    led.listener?.done()
    expect(await Array.fromAsync(pieces)).toEqual([piece(2), piece(3)])
    expect(texts.join('|')).toMatch(/^Good morning\..*Bye\.\|\(end\)$/)
    expect(led.cancelled).toBe(false)
  })

  it('fails as its voice does, as its text does, and when no sound comes', async () => {
    const error = new ProviderError('x', { provider: 'elevenlabs', code: 'quota' })
    const one = byHand()
    const failing = spokenPieces(one.tts, 'Hi.', { clock, signal: never }).next()
    one.led.listener?.failed(error)
    await expect(failing).rejects.toBe(error)
    expect(one.led.cancelled).toBe(false)
    const two = byHand()
    await expect(spokenPieces(two.tts, 'Hi.', { clock, signal: never }).next()).rejects.toThrow(
      'no sound within',
    )
    expect(two.led.cancelled).toBe(true)
    const three = byHand()
    // eslint-disable-next-line @typescript-eslint/require-await -- it fails before it has anything to wait for
    const broken = (async function* () {
      yield 'Hi. '
      throw new Error('the text broke off')
    })()
    await expect(spokenPieces(three.tts, broken, { clock, signal: never }).next()).rejects.toThrow(
      'the text broke off',
    )
  })

  it('stops when it is aborted, and when nobody listens any more', async () => {
    const one = byHand()
    const controller = new AbortController()
    const aborted = spokenPieces(one.tts, 'Hi.', { clock, signal: controller.signal }).next()
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    expect(one.led.cancelled).toBe(true)
    const two = byHand()
    const left = spokenPieces(two.tts, 'Hi.', { clock, signal: never })
    const first = left.next()
    two.led.listener?.audio(piece(1))
    await first
    await left.return(undefined)
    expect(two.led.cancelled).toBe(true)
  })
})
