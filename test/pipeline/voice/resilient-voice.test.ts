import fc from 'fast-check'
import type { Clock } from '../../../src/clock.ts'
import { ProviderError } from '../../../src/errors.ts'
import type { Circuit } from '../../../src/pipeline/circuit.ts'
import { closedCircuit } from '../../../src/pipeline/circuit.ts'
import { ResilientVoice, type VoiceChoice } from '../../../src/pipeline/voice/resilient-voice.ts'
import type { ElevenLabsFault } from '../../../src/simulator/elevenlabs.ts'
import { differencesHeard } from '../../../src/simulator/judge.ts'
import { FaultProxy } from '../../../src/simulator/fault-proxy.ts'
import { steadyClock } from '../../../src/simulator/steady-clock.ts'
import { Ear, silentLog, type Voice, voice } from '../../providers/elevenlabs/voice.ts'
import { describe, expect, it, onTestFinished } from '../../helpers/together.ts'

const TEXT = 'Good morning, this is Alex. How are you today? The weather is fine, is it not?'
const LIMITS = { firstAudioMs: 1500, stallMs: 1000 }

type World = {
  readonly tts: ResilientVoice
  readonly voices: readonly Voice[]
  readonly clock: Clock
}

/** As many voices of stand-ins of their own, each with its faults. */
async function voicesWith(
  faults: readonly (readonly ElevenLabsFault[])[],
  options: { circuits?: readonly Circuit[]; alignment?: 'null'; clock?: Clock } = {},
): Promise<World> {
  const { circuits = [], alignment = 'given', clock = steadyClock() } = options
  const voices = await Promise.all(
    faults.map((list) => voice({ clock, knobs: { faults: list, alignment } })),
  )
  return { tts: resilient(voices, circuits, clock), voices, clock }
}

function resilient(voices: readonly Voice[], circuits: readonly Circuit[], clock: Clock) {
  const [first, ...others] = voices.map(({ tts }, i): VoiceChoice => ({
    name: `voice ${i}`,
    vendor: 'elevenlabs',
    tts,
    circuit: circuits[i] ?? closedCircuit,
  }))
  if (!first) throw new Error('no voice')
  return new ResilientVoice({ voices: [first, ...others], limits: LIMITS, clock, log: silentLog })
}

async function say(
  tts: ResilientVoice,
  texts: readonly string[] = [TEXT],
): Promise<Ear & { how: string }> {
  const ear = new Ear()
  const speech = tts.speak(ear)
  for (const text of texts) speech.sendText(text)
  speech.flush()
  const end = await ear.ended
  return Object.assign(ear, { how: end === 'done' ? 'done' : end.code })
}

/** How the ear hears it when voices change in the middle: with or without the blank between. */
function heard(ear: Ear): string {
  return ear.text.replaceAll(/\s+/gu, ' ').trim()
}

/** Two words between which a voice broke off, in the blank, are heard as one: no word is missing. */
function parted(text: string): string {
  const words = TEXT.split(' ')
  return words.reduce(
    (heard, word, i) =>
      heard.replaceAll(`${words[i - 1] ?? ' '}${word}`, `${words[i - 1]} ${word}`),
    text,
  )
}

function opened({ voices }: World): number[] {
  return voices.map(({ eleven }) => eleven.total())
}

describe('a voice that breaks off in the middle is gone on with, and nobody hears a word twice or misses one', () => {
  const cases: readonly ElevenLabsFault[] = [
    { kind: 'cut', afterBytes: 30_000 },
    { kind: 'cut', afterBytes: 61_000 },
    { kind: 'close', code: 1000, afterBytes: 30_000 },
    { kind: 'close', code: 1011, afterBytes: 75_000 },
    { kind: 'stall', afterBytes: 45_000 },
    { kind: 'garbage', afterBytes: 45_000 },
    { kind: 'error', error: 'system_busy', afterBytes: 45_000 },
    { kind: 'error', error: 'quota_exceeded', scoped: true, afterBytes: 45_000 },
    { kind: 'end', afterBytes: 45_000 },
  ]
  for (const fault of cases) {
    it(JSON.stringify(fault), async () => {
      const world = await voicesWith([[fault], []])
      const ear = await say(world.tts)
      expect(ear.how).toBe('done')
      expect(heard(ear)).toBe(TEXT)
      expect(ear.endings).toEqual(['done'])
      for (const { violations } of world.voices) expect(violations.list).toEqual([])
    })
  }

  it('that breaks off by a final frame inside the last word does not leave the caller with half of it', async () => {
    const world = await voicesWith([[{ kind: 'end', afterBytes: 172_837 }]])
    const ear = await say(world.tts)
    expect(ear.how).toBe('done')
    expect(heard(ear)).toBe(TEXT)
  })

  it('that ends after two words, and is too slow for anything to be held back, does not leave the caller with them', async () => {
    const world = await voicesWith([[{ kind: 'end', afterBytes: 19_029 }]])
    for (const { eleven } of world.voices) eleven.knobs.realTimeFactor = 0.9
    const ear = await say(world.tts)
    expect(ear.how).toBe('done')
    expect(differencesHeard([{ text: TEXT, interrupted: false }], parted(heard(ear)))).toEqual([])
  })

  it('again and again', async () => {
    const world = await voicesWith([[{ kind: 'cut', afterBytes: 40_000, times: 5 }]])
    const ear = await say(world.tts)
    expect(ear.how).toBe('done')
    expect(heard(ear)).toBe(TEXT)
    expect(opened(world)[0]).toBeGreaterThan(3)
  })

  it('wherever, and by whatever, over real connections', async () => {
    const clock = steadyClock()
    const world = await voicesWith([[], []], { clock })
    const [first] = world.voices
    const kind = fc.constantFrom<ElevenLabsFault[]>(
      { kind: 'cut' },
      { kind: 'close', code: 1000 },
      { kind: 'garbage' },
      { kind: 'stall' },
      { kind: 'end', afterBytes: 0 },
    )
    const faults = fc.array(fc.tuple(kind, fc.integer({ min: 10_000, max: 180_000 })), {
      minLength: 1,
      maxLength: 2,
    })
    await fc.assert(
      fc.asyncProperty(faults, async (list) => {
        first!.eleven.knobs.faults = list.map(([fault, afterBytes]) => ({ ...fault, afterBytes }))
        const ear = await say(resilient(world.voices, [], clock))
        expect(ear.how).toBe('done')
        const turn = { text: TEXT, interrupted: false }
        expect(differencesHeard([turn], parted(heard(ear)))).toEqual([])
      }),
      { numRuns: 25 },
    )
  }, 60_000)

  it('by sentence when it gives no timing: none is lost', async () => {
    const world = await voicesWith([[{ kind: 'cut', afterBytes: 100_000 }]], { alignment: 'null' })
    const ear = await say(world.tts)
    expect(ear.how).toBe('done')
    for (const sentence of TEXT.split(/(?<=[.?]) /)) expect(heard(ear)).toContain(sentence)
    expect(heard(ear).length).toBeLessThan(1.8 * TEXT.length)
  })

  it('with the text that is written meanwhile', async () => {
    const world = await voicesWith([[{ kind: 'cut', afterBytes: 9000 }]])
    const ear = new Ear()
    const speech = world.tts.speak(ear)
    speech.sendText('Good morning, this is Alex. ')
    await world.clock.sleep(600)
    speech.sendText('How are you today? ')
    speech.flush()
    await expect(ear.ended).resolves.toBe('done')
    expect(heard(ear)).toContain('is Alex. How are you today?')
  })
})

describe('a voice that does not begin', () => {
  const passing: readonly ElevenLabsFault[] = [
    { kind: 'cut' },
    { kind: 'empty' },
    { kind: 'silent' },
    { kind: 'garbage' },
    { kind: 'error', error: 'system_busy' },
    { kind: 'error', error: 'max_active_conversations' },
  ]
  for (const fault of passing) {
    it(`is asked once more, over another connection if need be: ${JSON.stringify(fault)}`, async () => {
      const world = await voicesWith([[fault]])
      const begin = world.clock.now()
      const ear = await say(world.tts, ['Good morning.'])
      expect(ear.how).toBe('done')
      expect(heard(ear)).toBe('Good morning.')
      expect(world.clock.now() - begin).toBeLessThan(3500)
    })
  }

  it('gives way at once when asking again is no use', async () => {
    const world = await voicesWith([[{ kind: 'error', error: 'quota_exceeded', times: 9 }], []])
    const ear = await say(world.tts)
    expect(heard(ear)).toBe(TEXT)
    expect(opened(world)).toEqual([1, 1])
    // A call does not change its voice twice.
    expect((await say(world.tts, ['Good bye.'])).how).toBe('done')
    expect(opened(world)).toEqual([1, 1])
  })

  it('gives way when it was silent for as long as it may be, and is not asked for as long again', async () => {
    const world = await voicesWith([[{ kind: 'silent', times: 9 }], []])
    const begin = world.clock.now()
    const ear = new Ear()
    const speech = world.tts.speak(ear)
    speech.sendText(TEXT)
    await ear.begins()
    expect(world.clock.now() - begin).toBeGreaterThanOrEqual(1500)
    expect(world.clock.now() - begin).toBeLessThan(2500)
    speech.cancel()
  })

  it('fails soon enough for an apology when there is no other', async () => {
    const world = await voicesWith([[{ kind: 'silent', times: 9 }]])
    const begin = world.clock.now()
    const ear = await say(world.tts)
    expect(ear.how).toBe('timeout')
    expect(world.clock.now() - begin).toBeLessThan(2500)
  })

  it('is waited for while it is merely slow, and not when it is too slow', async () => {
    const slow = await voicesWith([[{ kind: 'slow', ms: 1000 }], []])
    expect(heard(await say(slow.tts))).toBe(TEXT)
    expect(opened(slow)).toEqual([1, 0])
    const slower = await voicesWith([[{ kind: 'slow', ms: 4000 }], []])
    expect(heard(await say(slower.tts))).toBe(TEXT)
    expect(opened(slower)).toEqual([1, 1])
  })

  it('behind a network that swallows everything gives way to one that is not', async () => {
    const clock = steadyClock()
    const [there, other] = await Promise.all([voice({ clock }), voice({ clock })])
    const proxy = await FaultProxy.start({ clock, target: there.eleven.url })
    onTestFinished(() => proxy.close())
    proxy.set({ isFrozen: true })
    const lost = await voice({ clock, baseUrl: proxy.urlFor(there.eleven.url) })
    const tts = resilient([lost, other], [], clock)
    const begin = clock.now()
    const ear = new Ear()
    const speech = tts.speak(ear)
    speech.sendText(TEXT)
    speech.flush()
    await ear.begins()
    expect(clock.now() - begin).toBeLessThan(2500)
    await expect(ear.ended).resolves.toBe('done')
    expect(heard(ear)).toBe(TEXT)
  })
})

it('a connection that is half open from the middle on is left, and nobody misses a word', async () => {
  const clock = steadyClock()
  const [there, other] = await Promise.all([
    // No faster than it plays, so that there is a middle.
    voice({ clock, knobs: { realTimeFactor: 1.5 } }),
    voice({ clock }),
  ])
  const proxy = await FaultProxy.start({ clock, target: there.eleven.url })
  onTestFinished(() => proxy.close())
  const behind = await voice({ clock, baseUrl: proxy.urlFor(there.eleven.url) })
  const tts = resilient([behind, other], [], clock)
  const ear = new Ear()
  const speech = tts.speak(ear)
  speech.sendText(TEXT)
  speech.flush()
  await ear.begins()
  await clock.sleep(700)
  proxy.set({ isFrozen: true })
  await expect(ear.ended).resolves.toBe('done')
  expect(heard(ear)).toBe(TEXT)
  expect(other.eleven.spoken().join('').length).toBeLessThan(TEXT.length)
})

describe('a circuit', () => {
  it('that is open spares the call the wait', async () => {
    const told: string[] = []
    const open: Circuit = { ...closedCircuit, isOpen: true }
    const other: Circuit = {
      isOpen: false,
      succeeded: () => told.push('succeeded'),
      failed: ({ code }) => told.push(code),
    }
    const world = await voicesWith([[], [{ kind: 'cut', afterBytes: 45_000 }]], {
      circuits: [open, other],
    })
    await world.tts.connect({ signal: new AbortController().signal })
    expect(heard(await say(world.tts))).toBe(TEXT)
    expect(opened(world)).toEqual([0, 2])
    expect(told).toEqual(['disconnected', 'succeeded'])
  })

  it('hears nothing of a speech that was cut off', async () => {
    const told: string[] = []
    const circuit: Circuit = {
      isOpen: false,
      succeeded: () => told.push('succeeded'),
      failed: ({ code }) => told.push(code),
    }
    const world = await voicesWith([[]], { circuits: [circuit] })
    const ear = new Ear()
    const speech = world.tts.speak(ear)
    speech.sendText(TEXT)
    await ear.begins()
    speech.cancel()
    await world.clock.sleep(3000)
    expect(told).toEqual([])
    expect(ear.endings).toEqual([])
  })
})

describe('nothing that is no fault is one', () => {
  it('a reply without a word', async () => {
    const world = await voicesWith([[]])
    expect((await say(world.tts, [])).how).toBe('done')
    expect((await say(world.tts, [' '])).how).toBe('done')
    expect(world.voices[0]!.eleven.spoken()).toEqual([])
  })

  it.each([
    ['a voice that gives timing', {}],
    ['one that does not', { alignment: 'null' }],
  ] as const)('a writer who thinks for long, for %s', async (_which, options) => {
    const world = await voicesWith([[]], { clock: steadyClock(), ...options })
    const ear = new Ear()
    const speech = world.tts.speak(ear)
    await world.clock.sleep(4000)
    speech.sendText('Good morning. ')
    await world.clock.sleep(8000)
    speech.sendText('How are you?')
    speech.flush()
    await expect(ear.ended).resolves.toBe('done')
    expect(heard(ear)).toBe('Good morning. How are you?')
    expect(opened(world)).toEqual([1])
  })

  it('six interruptions in three seconds: no context is opened before an old one is closed', async () => {
    const world = await voicesWith([[]])
    for (let i = 0; i < 6; i++) {
      const ear = new Ear()
      const speech = world.tts.speak(ear)
      speech.sendText(TEXT)
      await world.clock.sleep(480)
      speech.cancel()
    }
    expect((await say(world.tts)).how).toBe('done')
    for (const { violations } of world.voices) expect(violations.list).toEqual([])
  })
})

it('a voice that is closed in the middle is not gone on with', async () => {
  const world = await voicesWith([[{ kind: 'silent' }], []])
  const ear = new Ear()
  world.tts.speak(ear).sendText(TEXT)
  await world.clock.sleep(500)
  await world.tts.close()
  await world.clock.sleep(3000)
  expect(ear.endings).toEqual([])
  expect(opened(world)).toEqual([1, 0])
})

it('a voice that connects to nobody has the next one ready', async () => {
  const world = await voicesWith([[], []])
  world.voices[0]!.eleven.knobs.refuseStatus = 401
  await world.tts.connect({ signal: new AbortController().signal })
  expect(opened(world)).toEqual([0, 1])
  world.voices[0]!.eleven.knobs.refuseStatus = undefined
  expect(heard(await say(world.tts))).toBe(TEXT)
  // What its key was refused for does not pass while one call lasts.
  expect(opened(world)).toEqual([0, 1])
  await world.tts.close()
  const alone = await voicesWith([[]])
  alone.voices[0]!.eleven.knobs.refuseStatus = 401
  const connecting = alone.tts.connect({ signal: new AbortController().signal })
  await expect(connecting).rejects.toBeInstanceOf(ProviderError)
})
