import { vi } from 'vitest'
import type { HearingEvent, TimedWord } from '../../../src/pipeline/ports.ts'
import { PulseStt } from '../../../src/providers/smallest/pulse-stt.ts'
import type { SmallestKnobs } from '../../../src/simulator/smallest.ts'
import { speakMulaw } from '../../../src/simulator/tone-speech.ts'
import { noise } from '../../helpers/deepgram.ts'
import { quiet } from '../../helpers/fake-ports.ts'
import { smallestWorld } from '../../helpers/smallest.ts'
import { describe, expect, it, onTestFinished } from '../../helpers/together.ts'

const SILENCE = new Uint8Array(160).fill(0xff)

async function ears(
  knobs: Partial<SmallestKnobs> = {},
  options: {
    wordTimes?: boolean
    connectTimeoutMs?: number
    apiKey?: string
    breaks?: string[]
  } = {},
) {
  const { breaks = [] } = options
  const world = await smallestWorld({ knobs, breaks })
  const stt = new PulseStt({
    apiKey: options.apiKey ?? 'sm-key',
    baseUrl: world.smallest.url,
    model: 'pulse',
    language: 'en-US',
    endOfUtteranceMs: 500,
    wordTimes: options.wordTimes ?? true,
    connectTimeoutMs: options.connectTimeoutMs ?? 20_000,
    clock: world.clock,
    log: quiet,
  })
  const abort = new AbortController()
  onTestFinished(async () => {
    await stt.close()
    abort.abort()
  })
  const events: HearingEvent[] = []
  const start = () => stt.start((event) => events.push(event), { signal: abort.signal })
  const send = (audio: Uint8Array) => {
    for (let at = 0; at < audio.length; at += 160) stt.sendAudio(audio.subarray(at, at + 160))
  }
  const say = (text: string) => {
    send(speakMulaw(text))
  }
  const pause = (ms: number) => {
    for (let i = 0; i < ms / 20; i++) stt.sendAudio(SILENCE)
  }
  const ended = () =>
    vi.waitFor(
      () => {
        expect(events.at(-1)?.type).toBe('turn_end')
      },
      { timeout: 5000 },
    )
  return { ...world, stt, events, start, say, pause, ended, abort }
}

describe('Pulse’s ears', () => {
  it('tell words as they come, and the end of a turn with its times', async () => {
    const { start, say, pause, events, ended } = await ears()
    await start()
    pause(1000)
    say('Yes, on Thursday.')
    pause(800)
    await ended()
    expect(events[0]).toMatchObject({
      type: 'words',
      text: expect.stringMatching(/^Yes/) as string,
    })
    const { speechStartMs = 0 } = events[0] as { speechStartMs?: number }
    expect(Math.abs(speechStartMs - 1000)).toBeLessThan(60)
    const end = events.at(-1) as { text: string; speechEndMs?: number }
    expect(end.text).toBe('Yes, on Thursday.')
    expect(Math.abs((end.speechEndMs ?? 0) - 1850)).toBeLessThan(60)
  })

  it.each([true, false])(
    'wait for somebody who is given time (times of words: %s)',
    async (wordTimes) => {
      const { start, say, pause, events, ended, stt, clock } = await ears({}, { wordTimes })
      await start()
      stt.setPatience(3000)
      say('My number is five.')
      pause(1500)
      await expect.poll(() => events.at(-1)).toMatchObject({ text: 'My number is five.' })
      await clock.sleep(500)
      expect(events.at(-1)?.type).toBe('words')
      say('And seven.')
      pause(600)
      await vi.waitFor(() => {
        expect(events.at(-1)).toMatchObject({ text: 'My number is five. And seven.' })
      })
      pause(3500)
      await ended()
      expect(events.filter(({ type }) => type === 'turn_end')).toHaveLength(1)
      expect(events.at(-1)).toMatchObject({ text: 'My number is five. And seven.' })
    },
  )

  it('end a turn whose end the vendor misses, with its final words', async () => {
    const { start, say, pause, events, ended } = await ears({ losesFinals: true })
    await start()
    say('Hello there.')
    pause(300)
    await ended()
    expect(events.at(-1)).toMatchObject({ text: 'Hello there.' })
  })

  it.each(['transcription', 'transcript'] as const)('read the text under %s', async (name) => {
    const { start, say, pause, events, ended } = await ears({ textFields: [name] })
    await start()
    say('Hello.')
    pause(800)
    await ended()
    expect(events.at(-1)).toMatchObject({ text: 'Hello.' })
  })

  it.each([
    ['cut', 'disconnected'],
    [1008, 'rate_limited'],
  ] as const)('that are lost (%s) say so once', async (dropWith, code) => {
    const { start, say, events } = await ears({ dropAfterMs: 100, dropWith })
    await start()
    say('Hello.')
    await vi.waitFor(() => {
      expect(events.at(-1)).toMatchObject({ type: 'failed', error: { code } })
    })
    expect(events.filter(({ type }) => type === 'failed')).toHaveLength(1)
  })

  it('say where every word is, and how much nobody has told of when they are lost', async () => {
    const { start, say, pause, events, clock, smallest } = await ears()
    await start()
    pause(500)
    say('On Thursday.')
    await vi.waitFor(() => {
      expect(events.at(-1)).toMatchObject({ text: 'On Thursday.' })
    })
    const { timed } = events.at(-1) as { timed?: readonly TimedWord[] }
    expect(timed?.map(({ text }) => text)).toEqual(['On', 'Thursday.'])
    expect(Math.abs((timed?.[0]?.startMs ?? 0) - 500)).toBeLessThan(60)
    await clock.sleep(1000)
    smallest.knobs.dropAfterMs = 0
    pause(20)
    await vi.waitFor(() => {
      expect(events.at(-1)?.type).toBe('failed')
    })
    const { unheardMs } = events.at(-1) as { unheardMs?: number }
    expect(unheardMs).toBeGreaterThanOrEqual(950)
  })

  it('on which the rest of a turn is not heard are given up, and end no turn that goes on', async () => {
    const { start, say, events } = await ears({ stallAfterMs: 900 })
    await start()
    say('Hello there, my dear friend, how are you?')
    await vi.waitFor(
      () => {
        expect(events.at(-1)).toMatchObject({ type: 'failed', error: { code: 'timeout' } })
      },
      { timeout: 5000 },
    )
    expect(events.map(({ type }) => type)).not.toContain('turn_end')
  })

  it('are not given up for music that they say nothing of', async () => {
    const { start, stt, events, clock } = await ears({ stallAfterMs: 0 })
    await start()
    for (let i = 0; i < 300; i++) {
      stt.sendAudio(noise(20))
      await clock.sleep(20)
    }
    expect(events).toEqual([])
  })

  it('that are refused, or not answered, never start', async () => {
    const wrong = await ears({}, { apiKey: 'other', breaks: ['wrong key'] })
    await expect(wrong.start()).rejects.toMatchObject({ code: 'auth', vendorCode: '401' })
    const slow = await ears({ handshakeMs: 60_000 }, { connectTimeoutMs: 300 })
    await expect(slow.start()).rejects.toMatchObject({ provider: 'smallest', code: 'timeout' })
  })
})
