import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { scaledClock, systemClock } from '../../../src/clock.ts'
import { ProviderError } from '../../../src/errors.ts'
import type { ElevenLabsFault } from '../../../src/simulator/elevenlabs.ts'
import { Ear, type Voice, voice } from './voice.ts'
import { describe, expect, it, onTestFinished } from '../../helpers/together.ts'

const TEXT = 'Good morning, this is Alex.'

/** How a reply ends; a flushed one, unless told otherwise. */
async function outcome({ tts }: Voice, text = TEXT): Promise<{ ear: Ear; error: ProviderError }> {
  const ear = new Ear()
  const speech = tts.speak(ear)
  speech.sendText(text)
  speech.flush()
  const error = await ear.ended
  if (error === 'done') throw new Error('nothing failed')
  return { ear, error }
}

async function speaksWell({ tts }: Voice): Promise<void> {
  const ear = new Ear()
  const speech = tts.speak(ear)
  speech.sendText(TEXT)
  speech.flush()
  await expect(ear.ended).resolves.toBe('done')
  expect(ear.text).toBe(`${TEXT} `)
}

describe('a connection that is refused', () => {
  const cases = [
    { status: 401, code: 'auth', vendorCode: 'invalid_api_key' },
    { status: 402, code: 'quota', vendorCode: 'quota_exceeded' },
    { status: 403, code: 'auth', vendorCode: 'only_for_creator+' },
    { status: 404, code: 'rejected', vendorCode: 'voice_not_found' },
    { status: 422, code: 'rejected', vendorCode: '422' },
    { status: 429, code: 'rate_limited', vendorCode: 'too_many_concurrent_requests' },
    { status: 503, code: 'unavailable', vendorCode: '503' },
  ]
  for (const { status, ...expected } of cases) {
    it(`with ${status} fails those who connect and those who speak as “${expected.code}”`, async () => {
      const world = await voice({ knobs: { refuseStatus: status } })
      await expect(
        world.tts.connect({ signal: new AbortController().signal }),
      ).rejects.toMatchObject(expected)
      const { ear, error } = await outcome(world)
      expect(error).toMatchObject({ ...expected, provider: 'elevenlabs' })
      expect(ear.endings).toEqual([expected.code])
      world.eleven.knobs.refuseStatus = undefined
      await speaksWell(world)
    })
  }

  it('says what the vendor said', async () => {
    const { error } = await outcome(await voice({ knobs: { refuseStatus: 422 } }))
    expect(error.message).toBe('value is not valid')
  })

  for (const refusalAt of ['upgrade', 'first_message'] as const) {
    it(`for its key or its voice at the ${refusalAt.replace('_', ' ')} is refused alike`, async () => {
      const knobs = { refusalAt }
      const { error } = await outcome(await voice({ knobs, apiKey: 'wrong' }))
      expect(error.code).toBe('auth')
      const unknown = await outcome(await voice({ knobs, voiceIds: ['somebody-else'] }))
      expect(unknown.error).toMatchObject({ code: 'rejected', vendorCode: 'voice_not_found' })
    })
  }

  it('because nobody is there is “unavailable”', async () => {
    const { error } = await outcome(await voice({ baseUrl: 'http://127.0.0.1:9/' }))
    expect(error).toMatchObject({ code: 'unavailable', vendorCode: 'ECONNREFUSED' })
  })

  it('by not being answered at all is a timeout', async () => {
    const world = await voice({ knobs: { handshakeMs: 60_000 }, connectTimeoutMs: 400 })
    await expect(world.tts.connect({ signal: new AbortController().signal })).rejects.toMatchObject(
      { code: 'timeout' },
    )
    const { error } = await outcome(world)
    expect(error.code).toBe('timeout')
    expect(world.eleven.connections()).toBe(0)
  })
})

describe('an error frame', () => {
  const cases: { fault: ElevenLabsFault & { kind: 'error' }; code: string }[] = [
    { fault: { kind: 'error', error: 'quota_exceeded' }, code: 'quota' },
    { fault: { kind: 'error', error: 'system_busy' }, code: 'rate_limited' },
    { fault: { kind: 'error', error: 'max_active_conversations' }, code: 'rate_limited' },
    { fault: { kind: 'error', error: 'voice_not_found' }, code: 'rejected' },
    { fault: { kind: 'error', error: 'input_timeout_exceeded' }, code: 'disconnected' },
  ]
  for (const { fault, code } of cases) {
    it(`“${fault.error}” fails the reply as “${code}”, and the next one is spoken`, async () => {
      const world = await voice({ knobs: { faults: [fault] } })
      const { ear, error } = await outcome(world)
      expect(error).toMatchObject({ code, vendorCode: fault.error })
      expect(ear.endings).toEqual([code])
      await speaksWell(world)
      expect(world.eleven.total()).toBe(2)
    })
  }

  it('with the id of a context fails that reply alone', async () => {
    const faults = [{ kind: 'error', error: 'quota_exceeded', scoped: true, when: /bad/ }] as const
    const world = await voice({ knobs: { faults } })
    const good = new Ear()
    const speech = world.tts.speak(good)
    speech.sendText(TEXT)
    const { error } = await outcome(world, 'A bad text.')
    expect(error.code).toBe('quota')
    speech.flush()
    await expect(good.ended).resolves.toBe('done')
    expect(good.text).toBe(`${TEXT} `)
    expect(world.eleven.total()).toBe(1)
    expect(world.violations.list).toEqual([])
  })
})

describe('a connection that breaks while it speaks', () => {
  const cases: { fault: ElevenLabsFault; code: string }[] = [
    { fault: { kind: 'cut', afterBytes: 9000 }, code: 'disconnected' },
    { fault: { kind: 'close', code: 1011, afterBytes: 9000 }, code: 'unavailable' },
    { fault: { kind: 'close', code: 1008 }, code: 'rejected' },
    { fault: { kind: 'close', code: 1000 }, code: 'disconnected' },
    { fault: { kind: 'garbage' }, code: 'protocol' },
  ]
  for (const { fault, code } of cases) {
    it(`by ${JSON.stringify(fault)} fails every reply on it, and the next one is spoken`, async () => {
      const world = await voice({ knobs: { faults: [fault] } })
      const other = new Ear()
      const { ear, error } = await (async () => {
        const ending = outcome(world)
        world.tts.speak(other).sendText('One more.')
        return ending
      })()
      expect(error.code).toBe(code)
      expect(ear.pieces.length > 0).toBe('afterBytes' in fault)
      await expect(other.ended).resolves.toMatchObject({ code })
      await speaksWell(world)
      expect(world.eleven.total()).toBe(2)
    })
  }

  it('while nobody speaks is noticed by nobody', async () => {
    const world = await voice()
    await speaksWell(world)
    await world.eleven.close()
    // In real time: the end of a connection takes as long to come through on any clock.
    await systemClock.sleep(200)
    const { error } = await outcome(world)
    expect(error).toMatchObject({ code: 'unavailable', vendorCode: 'ECONNREFUSED' })
  })
})

describe('a voice that says nothing', () => {
  it('is given up by whoever waits for it, with its connection and everybody else on that', async () => {
    const faults: ElevenLabsFault[] = [{ kind: 'silent' }]
    const world = await voice({ knobs: { faults } })
    const ear = new Ear()
    const other = new Ear()
    const speech = world.tts.speak(ear)
    speech.sendText(TEXT)
    await world.clock.sleep(1000)
    world.tts.speak(other).sendText('One more.')
    const because = new ProviderError('silent', { provider: 'elevenlabs', code: 'timeout' })
    speech.cancel(because)
    expect(ear.endings).toEqual([])
    await expect(other.ended).resolves.toBe(because)
    await speaksWell(world)
    expect(world.eleven.total()).toBe(2)
    expect(world.violations.list).toEqual([])
  })

  it('may be silent for as long as nothing is written', async () => {
    const world = await voice({ clock: scaledClock(20) })
    const ear = new Ear()
    const speech = world.tts.speak(ear)
    speech.sendText(TEXT)
    await ear.begins()
    await world.clock.sleep(10_000)
    speech.flush()
    await expect(ear.ended).resolves.toBe('done')
  })

  it('has failed when it ends without a sound', async () => {
    const world = await voice({ knobs: { faults: [{ kind: 'empty' }] } })
    const { error } = await outcome(world)
    expect(error.code).toBe('empty')
    await speaksWell(world)
    expect(world.eleven.total()).toBe(1)
  })
})

describe('closing', () => {
  it('says goodbye, leaves no socket, and stops what was being said', async () => {
    const { tts, eleven, violations } = await voice()
    const ear = new Ear()
    const speech = tts.speak(ear)
    speech.sendText(TEXT)
    await ear.begins()
    await tts.close()
    expect(ear.endings).toEqual([])
    await expect.poll(() => eleven.connections()).toBe(0)
    expect(violations.list).toEqual([])
    await tts.close()
  })

  it('ends the wait of those who connect', async () => {
    const { tts } = await voice({ knobs: { handshakeMs: 60_000 } })
    const connecting = tts.connect({ signal: new AbortController().signal })
    await tts.close()
    await expect(connecting).rejects.toMatchObject({ code: 'disconnected' })
  })

  it('is final: who speaks afterwards is told', async () => {
    const { tts, eleven } = await voice()
    const early = new Ear()
    const speech = tts.speak(early)
    await tts.close()
    speech.sendText(TEXT)
    speech.flush()
    await expect(early.ended).resolves.toMatchObject({ code: 'disconnected' })
    const late = new Ear()
    tts.speak(late).sendText(TEXT)
    await expect(late.ended).resolves.toMatchObject({ code: 'disconnected' })
    expect(eleven.total()).toBeLessThanOrEqual(1)
  })

  it('does not wait long for a server that does not close', async () => {
    const sockets = createServer((socket) => {
      socket.on('error', () => socket.destroy())
    })
    sockets.listen(0, '127.0.0.1')
    await once(sockets, 'listening')
    onTestFinished(() => void sockets.close())
    const { port } = sockets.address() as AddressInfo
    const { tts } = await voice({ baseUrl: `ws://127.0.0.1:${port}` })
    tts.speak(new Ear()).sendText(TEXT)
    await tts.close()
  })
})

describe('an aborted wait for the connection', () => {
  it('ends at once, and whoever speaks still gets the connection', async () => {
    const { tts, eleven } = await voice({ knobs: { handshakeMs: 500 } })
    const controller = new AbortController()
    const connecting = tts.connect({ signal: controller.signal })
    const reason = new Error('hung up')
    controller.abort(reason)
    await expect(connecting).rejects.toBe(reason)
    await expect(tts.connect({ signal: controller.signal })).rejects.toBe(reason)
    const ear = new Ear()
    const speech = tts.speak(ear)
    speech.sendText(TEXT)
    speech.flush()
    await expect(ear.ended).resolves.toBe('done')
    expect(eleven.total()).toBe(1)
  })
})
