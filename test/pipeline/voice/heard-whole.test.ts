import { describe, expect, it } from 'vitest'
import { scaledClock } from '../../../src/clock.ts'
import { ProviderError } from '../../../src/errors.ts'
import type { HearingListener, SpeechToText } from '../../../src/pipeline/ports.ts'
import { heardWhole } from '../../../src/pipeline/voice/heard-whole.ts'

const clock = scaledClock(200)
const never = new AbortController().signal
/** Two seconds of sound. */
const audio = new Uint8Array(16_000).fill(1)

/** An ear that does something when it has heard so many bytes; it counts them, and whether it was closed. */
function ear(reacts: Readonly<Record<number, (tell: HearingListener) => void>>) {
  const seen = { bytes: 0, closed: 0, startMs: clock.now(), endMs: 0 }
  let tell: HearingListener | undefined
  const stt = {
    start: (listener: HearingListener) => {
      tell = listener
      return Promise.resolve()
    },
    sendAudio: (piece: Uint8Array) => {
      seen.bytes += piece.length
      seen.endMs = clock.now()
      if (tell) reacts[seen.bytes]?.(tell)
    },
    close: () => {
      seen.closed++
      return Promise.resolve()
    },
  } as Partial<SpeechToText> as SpeechToText
  return { stt, seen }
}

describe('heardWhole', () => {
  it('gives turns in their order, played at the pace of speech, and waits for one that is open', async () => {
    const { stt, seen } = ear({
      8000: (tell) => {
        tell({ type: 'turn_end', text: ' Hello. ' })
      },
      12_000: (tell) => {
        tell({ type: 'turn_end', text: '' })
      },
      16_000: (tell) => {
        tell({ type: 'words', text: 'By' })
      },
      // Four seconds behind the end of the sound.
      48_000: (tell) => {
        tell({ type: 'turn_end', text: 'Bye.' })
      },
    })
    expect(await heardWhole(stt, audio, { clock, signal: never })).toEqual(['Hello.', 'Bye.'])
    expect(seen.closed).toBe(1)
    expect(seen.endMs - seen.startMs).toBeGreaterThan(5900)
  })

  it('keeps what was heard of a turn that no ear ever ends', async () => {
    const { stt } = ear({
      8000: (tell) => {
        tell({ type: 'eager_end', text: 'Not quite' })
      },
    })
    expect(await heardWhole(stt, audio, { clock, signal: never })).toEqual(['Not quite'])
  })

  it('ends when the ear fails, or nobody wants it any more', async () => {
    const error = new ProviderError('x', { provider: 'deepgram', code: 'disconnected' })
    const failing = ear({
      8000: (tell) => {
        tell({ type: 'failed', error })
      },
    })
    await expect(heardWhole(failing.stt, audio, { clock, signal: never })).rejects.toBe(error)
    expect(failing.seen).toMatchObject({ bytes: 8000, closed: 1 })
    const controller = new AbortController()
    const stopped = ear({
      8000: () => {
        controller.abort(new Error('enough'))
      },
    })
    const { signal } = controller
    await expect(heardWhole(stopped.stt, audio, { clock, signal })).rejects.toThrow('enough')
    expect(stopped.seen.closed).toBe(1)
    await expect(heardWhole(stopped.stt, audio, { clock, signal })).rejects.toThrow('enough')
  })
})
