import { describe, expect, it } from 'vitest'
import { ProviderError, type ProviderErrorCode } from '../../src/errors.ts'
import {
  meteredCarrier,
  meteredHearing,
  meteredMind,
  meteredVoice,
} from '../../src/metrics/metered-ports.ts'
import type { HearingEvent, HearingListener, SpeechToText } from '../../src/pipeline/ports.ts'
import { FakeTelephony } from '../helpers/fake-calls.ts'
import { audioOf, FakeMind, FakeVoice, says } from '../helpers/fake-ports.ts'

const never = new AbortController().signal

function meter() {
  const noted: string[] = []
  let chars = 0
  return {
    noted,
    chars: () => chars,
    meters: {
      vendorFailed: (vendor: string, { kind, code }: { kind: string; code: string }) =>
        noted.push(`${vendor} ${kind} ${code}`),
      spokenChars: (count: number) => {
        chars += count
      },
    },
  }
}

function failure(
  provider: 'twilio' | 'deepgram' | 'anthropic' | 'elevenlabs',
  code: ProviderErrorCode,
  vendorCode?: string,
) {
  return new ProviderError('no', { provider, code, ...(vendorCode && { vendorCode }) })
}

class Ears implements SpeechToText {
  readonly did: string[] = []
  listener: HearingListener | undefined
  startError: Error | undefined

  start(listener: HearingListener): Promise<void> {
    this.listener = listener
    return this.startError ? Promise.reject(this.startError) : Promise.resolve()
  }
  sendAudio(audio: Uint8Array): void {
    this.did.push(`audio ${audio.length}`)
  }
  setPatience(pauseMs: number): void {
    this.did.push(`patience ${pauseMs}`)
  }
  switchLanguage(language: string): void {
    this.did.push(`language ${language}`)
  }
  close(): Promise<void> {
    this.did.push('close')
    return Promise.resolve()
  }
}

describe('ears', () => {
  it('hear the same when they are metered', async () => {
    const { meters, noted } = meter()
    const ears = new Ears()
    const metered = meteredHearing(ears, meters)
    const heard: HearingEvent[] = []
    await metered.start((event) => heard.push(event), { signal: never })
    metered.sendAudio(new Uint8Array(160))
    metered.setPatience(900)
    metered.switchLanguage('de')
    ears.listener?.({ type: 'words', text: 'Hello' })
    await metered.close()
    expect(ears.did).toEqual(['audio 160', 'patience 900', 'language de', 'close'])
    expect(heard).toEqual([{ type: 'words', text: 'Hello' }])
    expect(noted).toEqual([])
  })

  it('that fail are counted, and still say so', async () => {
    const { meters, noted } = meter()
    const ears = new Ears()
    const heard: HearingEvent[] = []
    await meteredHearing(ears, meters).start((event) => heard.push(event), { signal: never })
    const error = failure('deepgram', 'disconnected')
    ears.listener?.({ type: 'failed', error })
    expect(heard).toEqual([{ type: 'failed', error }])
    expect(noted).toEqual(['deepgram stt disconnected'])
  })

  it('that never hear are counted, unless the call was over first', async () => {
    const { meters, noted } = meter()
    const ears = new Ears()
    ears.startError = failure('deepgram', 'auth')
    const metered = meteredHearing(ears, meters)
    await expect(metered.start(() => undefined, { signal: never })).rejects.toBe(ears.startError)
    const over = AbortSignal.abort(new Error('hung up'))
    await expect(metered.start(() => undefined, { signal: over })).rejects.toBe(ears.startError)
    expect(noted).toEqual(['deepgram stt auth'])
  })
})

describe('a voice', () => {
  it('speaks the same when it is metered, and its characters are counted', async () => {
    const { meters, noted, chars } = meter()
    const voice = new FakeVoice()
    const metered = meteredVoice(voice, meters)
    await metered.connect({ signal: never })
    const heard: string[] = []
    const speech = metered.speak({
      audio: (audio) => heard.push(`audio ${audio.length}`),
      done: () => heard.push('done'),
      failed: () => heard.push('failed'),
    })
    speech.sendText('Hi. ')
    speech.flush()
    speech.cancel()
    metered.switchLanguage('es')
    await metered.close()
    expect(heard).toEqual([`audio ${audioOf('Hi. ').length}`, 'done'])
    expect(voice).toMatchObject({ texts: ['Hi. '], connected: 1, closed: true, languages: ['es'] })
    expect(voice.speeches[0]?.cancelled).toBe(true)
    expect(chars()).toBe(3)
    expect(noted).toEqual([])
  })

  it('that breaks off is counted', () => {
    const { meters, noted } = meter()
    const voice = new FakeVoice()
    voice.auto = false
    const failed: ProviderError[] = []
    meteredVoice(voice, meters).speak({
      audio: () => undefined,
      done: () => undefined,
      failed: (error) => failed.push(error),
    })
    const error = failure('elevenlabs', 'timeout')
    voice.speeches[0]?.listener.failed(error)
    expect(failed).toEqual([error])
    expect(noted).toEqual(['elevenlabs tts timeout'])
  })
})

describe('a mind', () => {
  it('says the same when it is metered', async () => {
    const { meters, noted } = meter()
    const metered = meteredMind(new FakeMind(says('Hello.'), [says('Yes.')]), meters)
    const opening = await Array.fromAsync(metered.getOpening({ signal: never }))
    const reply = await Array.fromAsync(metered.streamResponse([], { signal: never }))
    expect([opening[0], reply[0]]).toEqual([says('Hello.')[0], says('Yes.')[0]])
    expect(noted).toEqual([])
  })

  it('that fails is counted; one that has nothing to say is not', async () => {
    const { meters, noted } = meter()
    const failures = [
      failure('anthropic', 'rate_limited'),
      failure('anthropic', 'empty'),
      new Error('ours'),
    ]
    const metered = meteredMind(new FakeMind(failures[0]!, failures.slice(1)), meters)
    await expect(Array.fromAsync(metered.getOpening({ signal: never }))).rejects.toBe(failures[0])
    for (const error of failures.slice(1)) {
      const reply = Array.fromAsync(metered.streamResponse([], { signal: never }))
      await expect(reply).rejects.toBe(error)
    }
    await expect(metered.getResponse([], { signal: never })).rejects.toThrow('not used')
    expect(noted).toEqual(['anthropic llm rate_limited'])
  })
})

describe('a carrier', () => {
  const request = { callId: 'call_1', to: '+15551234567', maxDurationS: 60, ringTimeoutS: 30 }

  it('does the same when it is metered', async () => {
    const { meters, noted } = meter()
    const telephony = new FakeTelephony()
    const metered = meteredCarrier(telephony, meters)
    expect(await metered.dial(request, {})).toEqual({ callSid: 'CA1' })
    await metered.hangUp('CA1')
    await metered.sayAndHangUp('CA1', 'Sorry.', 'en')
    await metered.pressKeys('CA1', '12#', 'token')
    await metered.transfer('CA1', { to: '+15550000000', ringTimeoutS: 20 })
    expect(telephony.did).toEqual([
      'hang up CA1',
      'say CA1 en Sorry.',
      'keys CA1 12#',
      'transfer CA1 +15550000000 20 s',
    ])
    expect(noted).toEqual([])
  })

  it.each([
    ['is down', failure('twilio', 'unavailable', '503'), ['twilio rest unavailable']],
    ['knows no such account', failure('twilio', 'auth', '20003'), ['twilio rest auth']],
    ['refuses a number', failure('twilio', 'rejected', '21211'), []],
    ['has no such call any more', failure('twilio', 'call_over', '21220'), []],
  ])('that %s is counted if that is its fault', async (_, error, expected) => {
    const { meters, noted } = meter()
    const telephony = new FakeTelephony()
    telephony.dialError = error
    await expect(meteredCarrier(telephony, meters).dial(request, {})).rejects.toBe(error)
    expect(noted).toEqual(expected)
  })
})
