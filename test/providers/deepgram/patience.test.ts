import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { scaledClock } from '../../../src/clock.ts'
import { LONGEST_PAUSE_MS, NORMAL_PAUSE_MS } from '../../../src/pipeline/patience.ts'
import type { EarOwner } from '../../../src/providers/deepgram/ear.ts'
import { FluxEar } from '../../../src/providers/deepgram/flux-ear.ts'
import {
  type Configure,
  FluxConfigurator,
  patientThresholds,
} from '../../../src/providers/deepgram/flux-settings.ts'
import type { StreamingStt } from '../../../src/providers/deepgram/streaming-stt.ts'
import { speakMulaw, speechMs } from '../../../src/simulator/tone-speech.ts'
import { Ears, framesOf, silence, simulateDeepgram, speakInTime } from '../../helpers/deepgram.ts'
import { useFakeTimers } from '../../helpers/fake-timers.ts'

async function listening(stt: StreamingStt): Promise<Ears> {
  const ears = new Ears()
  await stt.start(ears.listener, { signal: new AbortController().signal })
  return ears
}

function send(stt: StreamingStt, ...audio: Uint8Array[]): void {
  for (const frame of framesOf(...audio)) stt.sendAudio(frame)
}

const turnsOf = (ears: Ears) =>
  ears.events.flatMap((event) => (event.type === 'turn_end' ? [event.text] : []))

describe('patience with Flux', () => {
  const pausing = [speakMulaw('Four, five.'), silence(700), speakMulaw(' Six.'), silence(900)]

  it('lets a caller pause who reads out a number', async () => {
    await using sim = await simulateDeepgram()
    const hasty = sim.stt()
    const patient = sim.stt()
    patient.setPatience(2500)
    for (const stt of [hasty, patient]) {
      const ears = await listening(stt)
      send(stt, ...pausing)
      const expected = stt === patient ? ['Four, five. Six.'] : ['Four, five.', 'Six.']
      await expect.poll(() => turnsOf(ears)).toEqual(expected)
      await stt.close()
    }
  })

  it('begins and ends in the middle of a call', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt()
    const ears = await listening(stt)
    stt.setPatience(2500)
    send(stt, ...pausing)
    await expect.poll(() => turnsOf(ears)).toEqual(['Four, five. Six.'])
    stt.setPatience(NORMAL_PAUSE_MS)
    send(stt, ...pausing)
    await expect.poll(() => turnsOf(ears).slice(1)).toEqual(['Four, five.', 'Six.'])
    await stt.close()
  })

  it('is never asked for twice at a time, however often it changes', async () => {
    // The stand-in complains of a Configure too many.
    await using sim = await simulateDeepgram({ speed: 10, knobs: { configureMs: 300 } })
    const stt = sim.stt()
    const ears = await listening(stt)
    for (let i = 0; i < 40; i++) stt.setPatience(500 + (i % 6) * 500)
    stt.setPatience(2500)
    await sim.clock.sleep(1000)
    send(stt, ...pausing)
    await expect.poll(() => turnsOf(ears)).toEqual(['Four, five. Six.'])
    await stt.close()
  })

  it('is more sureness for longer pauses, within what Flux takes', () => {
    const ms = fc.integer({ min: 0, max: LONGEST_PAUSE_MS })
    const threshold = fc.integer({ min: 50, max: 100 }).map((percent) => percent / 100)
    fc.assert(
      fc.property(ms, ms, threshold, fc.integer({ min: 500, max: 60_000 }), (a, b, t, timeout) => {
        const configured = { eotThreshold: t, eotTimeoutMs: timeout }
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((pause) =>
          patientThresholds(pause, configured),
        ) as [typeof configured, typeof configured]
        expect(more.eotThreshold).toBeGreaterThanOrEqual(less.eotThreshold)
        expect(more.eotThreshold).toBeLessThanOrEqual(Math.max(0.9, t))
        expect(less.eotThreshold).toBeGreaterThanOrEqual(t)
        expect(more.eotTimeoutMs).toBe(
          Math.max(a, b) > NORMAL_PAUSE_MS ? Math.max(timeout, a, b) : timeout,
        )
        expect(patientThresholds(NORMAL_PAUSE_MS, configured)).toEqual(configured)
      }),
    )
  })
})

describe('a change of an open Flux connection', () => {
  beforeEach(() => {
    useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const initial = { eotThreshold: 0.7, eotTimeoutMs: 5000, hint: 'en' }

  function configurator() {
    const sent: Configure[] = []
    const flux = new FluxConfigurator(
      { clock: scaledClock(1), send: (message) => sent.push(message) },
      initial,
    )
    return { flux, sent }
  }

  it('waits for the connection, holds what differs, and is not sent for nothing', () => {
    const { flux, sent } = configurator()
    flux.want({ eotThreshold: 0.9 })
    expect(sent).toEqual([])
    flux.connected()
    flux.want({ eotThreshold: 0.9 })
    expect(sent).toEqual([{ type: 'Configure', thresholds: { eot_threshold: 0.9 } }])
    flux.answered()
    flux.answered()
    expect(sent).toHaveLength(1)
    flux.want({ eotTimeoutMs: 6000, hint: 'de' })
    expect(sent[1]).toEqual({
      type: 'Configure',
      thresholds: { eot_timeout_ms: 6000 },
      language_hints: ['de'],
    })
    flux.stop()
  })

  it('waits for the answer to the one before, and then says only what is wanted by then', () => {
    const { flux, sent } = configurator()
    flux.connected()
    flux.want({ eotThreshold: 0.8 })
    flux.want({ eotThreshold: 0.85 })
    flux.want({ eotThreshold: 0.9 })
    expect(sent).toHaveLength(1)
    flux.answered()
    expect(sent.slice(1)).toEqual([{ type: 'Configure', thresholds: { eot_threshold: 0.9 } }])
    flux.want({ eotThreshold: 0.7 })
    flux.want({ eotThreshold: 0.9 })
    flux.answered()
    expect(sent).toHaveLength(2)
    flux.stop()
  })

  it('waits no longer than five seconds', () => {
    const { flux, sent } = configurator()
    flux.connected()
    flux.want({ eotThreshold: 0.8 })
    flux.want({ eotThreshold: 0.9 })
    vi.advanceTimersByTime(4999)
    expect(sent).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(sent).toHaveLength(2)
    flux.stop()
    vi.advanceTimersByTime(10_000)
    flux.want({ eotThreshold: 0.5 })
    expect(sent).toHaveLength(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is told to the owner when it is refused, once, and not asked for again', () => {
    const sent: unknown[] = []
    const refused: string[] = []
    const owner: EarOwner = {
      ready: () => undefined,
      heard: () => undefined,
      failed: () => undefined,
      told: () => undefined,
      isOwed: () => false,
      skipped: () => undefined,
      refused: (reason) => refused.push(reason),
    }
    const ear = new FluxEar(
      {
        connection: {
          sendAudio: () => undefined,
          sendMessage: (message) => sent.push(message),
        },
        clock: scaledClock(1),
        owner,
      },
      { model: 'flux-general-multi', language: 'en-US', eotThreshold: 0.7, eotTimeoutMs: 5000 },
    )
    ear.setPatience(1500)
    expect(ear.takeLanguage('de-AT')).toBe(true)
    ear.receive('{"type":"Connected","request_id":"r","sequence_id":0}')
    expect(sent).toEqual([
      { type: 'Configure', thresholds: { eot_threshold: 0.8 }, language_hints: ['de'] },
    ])
    ear.receive('{"type":"ConfigureFailure","request_id":"r","description":"no"}')
    ear.setPatience(1500)
    expect(refused).toEqual(['no'])
    expect(sent).toHaveLength(1)
    ear.receive('{"type":"ConfigureFailure","request_id":"r"}')
    expect(refused).toEqual(['no', 'no reason given'])
    ear.stop()
  })
})

describe('patience with Nova', () => {
  const FIRST = 'My number is five.'

  async function paused(sim: Awaited<ReturnType<typeof simulateDeepgram>>, stt: StreamingStt) {
    const ears = await listening(stt)
    send(stt, speakMulaw(FIRST), silence(400))
    // The end of speech was told, and kept back.
    await expect.poll(() => sim.events.at(-1)?.type).toBe('turn_ended')
    await sim.clock.sleep(30)
    return ears
  }

  it('keeps an end back while the caller pauses, and forgets it when they go on', async () => {
    await using sim = await simulateDeepgram({ speed: 4, knobs: { latencyMs: 100 } })
    const stt = sim.stt({ model: 'nova-3' })
    stt.setPatience(2000)
    const ears = await listening(stt)
    const pausing = [speakMulaw(FIRST), silence(1800), speakMulaw('Six.'), silence(1800)]
    await speakInTime(stt, sim.clock, pausing)
    // The end of speech was told twice, and the gap between words.
    expect(sim.events.filter(({ type }) => type === 'turn_ended')).toHaveLength(2)
    expect(turnsOf(ears)).toEqual([])
    await speakInTime(stt, sim.clock, [silence(400)])
    const end = await ears.next('turn_end')
    expect(end.text).toBe(`${FIRST} Six.`)
    expect(end.pausesMs).toHaveLength(1)
    expect(Math.abs((end.pausesMs?.[0] ?? 0) - 1800)).toBeLessThan(60)
    expect(Math.abs((end.speechEndMs ?? 0) - speechMs(`${FIRST}Six.`) - 1800)).toBeLessThan(60)
    await stt.close()
  })

  it('ends the turn with the next audio when it is no longer asked for', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt({ model: 'nova-3' })
    stt.setPatience(2500)
    const ears = await paused(sim, stt)
    expect(turnsOf(ears)).toEqual([])
    stt.setPatience(NORMAL_PAUSE_MS)
    expect(turnsOf(ears)).toEqual([])
    send(stt, silence(20))
    expect(turnsOf(ears)).toEqual([FIRST])
    await stt.close()
  })

  it('may be asked for because of the very words that came with the end', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt({ model: 'nova-3' })
    const ears = new Ears()
    const listener = (event: Parameters<Ears['listener']>[0]) => {
      if (event.type === 'words') stt.setPatience(event.text.endsWith('and') ? 1500 : 500)
      ears.listener(event)
    }
    await stt.start(listener, { signal: new AbortController().signal })
    send(stt, speakMulaw('Bread and'), silence(400))
    await expect.poll(() => sim.events.at(-1)?.type).toBe('turn_ended')
    await sim.clock.sleep(30)
    expect(turnsOf(ears)).toEqual([])
    send(stt, speakMulaw('butter.'), silence(400))
    await expect.poll(() => turnsOf(ears)).toEqual(['Bread and butter.'])
    await stt.close()
  })

  it('waits for the words of a caller who is heard to go on', async () => {
    await using sim = await simulateDeepgram({ speed: 4, knobs: { latencyMs: 100 } })
    const stt = sim.stt({ model: 'nova-3' })
    stt.setPatience(1000)
    const ears = await listening(stt)
    // Nova tells of words up to a second after they began; of their sound at once.
    const goingOn = [speakMulaw(FIRST), silence(700), speakMulaw('Six seven eight.'), silence(1500)]
    await speakInTime(stt, sim.clock, goingOn)
    await expect.poll(() => turnsOf(ears)).toEqual([`${FIRST} Six seven eight.`])
    await stt.close()
  })

  it('has an end of its own when the audio stops', async () => {
    await using sim = await simulateDeepgram({ speed: 20 })
    const stt = sim.stt({ model: 'nova-3' })
    stt.setPatience(2500)
    const ears = await listening(stt)
    send(stt, speakMulaw(FIRST), silence(400))
    expect(await ears.next('turn_end')).toMatchObject({ text: FIRST })
    await stt.close()
  })
})
