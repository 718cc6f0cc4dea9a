import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { ProviderError } from '../../src/errors.ts'
import { CallSession, type CallSessionParts } from '../../src/pipeline/call-session.ts'
import { NORMAL_PAUSE_MS } from '../../src/pipeline/patience.ts'
import type { LineListener } from '../../src/pipeline/ports.ts'
import { conversationOf } from '../helpers/session.ts'
import {
  audioOf,
  FakeEars,
  FakeLine,
  FakeMind,
  FakeVoice,
  quiet,
  says,
  settled,
} from '../helpers/fake-ports.ts'
import { useFakeTimers } from '../helpers/fake-timers.ts'

const OPENING = 'Hi John, this is Alex from Downtown Dental.'
const END_CALL = {
  type: 'tool_call',
  id: 't1',
  name: 'end_call',
  input: { reason: 'done' },
} as const
const timeout = new ProviderError('no answer', { provider: 'anthropic', code: 'timeout' })

let open: CallSession[] = []

function setUp(parts: Partial<CallSessionParts> & { mind?: FakeMind } = {}) {
  const line = new FakeLine()
  const voice = new FakeVoice()
  const ears = parts.stt instanceof FakeEars ? parts.stt : new FakeEars()
  const mind = parts.mind ?? new FakeMind(says(OPENING), [says('Great, see you then.')])
  const session = new CallSession({
    brief: {
      direction: 'outbound',
      action: 'Confirm the appointment',
      context: undefined,
      calleeName: 'John',
      agentName: 'Alex',
      organization: 'Downtown Dental',
      language: 'en',
      opening: undefined,
    },
    ...conversationOf(),
    tts: voice,
    engine: mind,
    clock: systemClock,
    log: quiet,
    ...parts,
    stt: ears,
  })
  open.push(session)
  return { session, line, voice, ears, mind }
}

/** Picks up the phone, and plays the reply that is on the line to its end. */
async function pickUp(session: CallSession, line: FakeLine): Promise<LineListener> {
  session.start()
  await settled()
  session.answered()
  await settled()
  return session.attach(line)
}

async function playOut(line: FakeLine, listener: LineListener): Promise<void> {
  await settled()
  vi.advanceTimersByTime(line.sentBytes / 8)
  for (const mark of line.marks.splice(0)) listener.mark(mark)
  await settled()
}

beforeEach(() => {
  useFakeTimers()
})
afterEach(async () => {
  await Promise.all(open.map((session) => session.cleanup()))
  open = []
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('a call session', () => {
  it('has its first words ready before the phone is picked up', async () => {
    const { session, line, voice } = setUp()
    session.start()
    await settled()
    expect(voice.texts.join('')).toBe(OPENING)
    session.answered()
    expect(line.did).toEqual([])
    session.attach(line)
    expect(line.sentBytes).toBe(audioOf(OPENING).length)
    expect(session.timings[0]?.firstAudioMs).toBe(0)
  })

  it('says the exact opening of the spec without asking the model', async () => {
    const mind = new FakeMind(new Error('must not be asked'))
    const { session, voice } = setUp({ mind })
    const exact = setUp({ mind, brief: { ...briefOf(), opening: 'Good day!' } })
    exact.session.start()
    await settled()
    expect(exact.voice.texts).toEqual(['Good day!'])
    session.start()
    await settled()
    expect(voice.texts).toEqual([])
  })

  it('holds a conversation and writes down what was heard', async () => {
    const { session, line, ears, mind } = setUp()
    const listener = await pickUp(session, line)
    await playOut(line, listener)
    listener.audio(new Uint8Array(160), 0)
    expect(ears.heardBytes).toBe(160)
    ears.hear({ type: 'words', text: 'Yes' })
    ears.hear({ type: 'eager_end', text: 'Yes.' })
    ears.hear({ type: 'resumed' })
    vi.advanceTimersByTime(500)
    ears.hear({ type: 'turn_end', text: 'Yes, I can.', speechEndMs: 20 })
    await playOut(line, listener)
    expect(session.turns.map((turn) => (turn.role === 'tool' ? turn.name : turn.text))).toEqual([
      OPENING,
      'Yes, I can.',
      'Great, see you then.',
    ])
    expect(mind.asked[0]?.at(-1)).toMatchObject({ role: 'caller', text: 'Yes, I can.' })
    const [, answer] = session.timings
    expect(answer).toMatchObject({ reply: 2, kind: 'answer' })
    expect(answer?.turnEndMs).toBe(answer?.speechEndMs)
  })

  it('keeps of an interrupted reply only what was heard', async () => {
    const { session, line, voice, ears, mind } = setUp()
    await pickUp(session, line)
    vi.advanceTimersByTime(9 * 50)
    ears.hear({ type: 'words', text: 'Who' })
    expect(line.did.at(-1)).toBe('clear')
    ears.hear({ type: 'turn_end', text: 'Who is this?' })
    await settled()
    expect(mind.asked[0]).toMatchObject([
      { role: 'agent', text: 'Hi John,', interrupted: true },
      { role: 'caller', text: 'Who is this?' },
    ])
    expect(session.timings[0]).toMatchObject({ bargeInMs: 450, clearedMs: 450 })
    expect(voice.speeches).toHaveLength(2)
  })

  it('goes on after an “uh-huh” without asking the model or the voice again', async () => {
    const { session, line, voice, ears, mind } = setUp()
    const listener = await pickUp(session, line)
    vi.advanceTimersByTime(12 * 50)
    ears.hear({ type: 'words', text: 'Uh-huh' })
    expect(line.did.at(-1)).toBe('clear')
    line.marks.length = 0
    ears.hear({ type: 'turn_end', text: 'Uh-huh.' })
    await playOut(line, listener)
    expect(mind.asked).toEqual([])
    expect(voice.speeches).toHaveLength(1)
    expect(session.turns).toMatchObject([
      { role: 'agent', text: OPENING, interrupted: false },
      { role: 'caller', text: 'Uh-huh.' },
    ])
  })

  it('goes on after an “I see” that was heard word by word', async () => {
    const { session, line, voice, ears } = setUp()
    const listener = await pickUp(session, line)
    vi.advanceTimersByTime(12 * 50)
    ears.hear({ type: 'words', text: 'I' })
    expect(line.did.at(-1)).toBe('clear')
    line.marks.length = 0
    ears.hear({ type: 'words', text: 'I see' })
    ears.hear({ type: 'turn_end', text: 'I see.' })
    await playOut(line, listener)
    expect(voice.speeches).toHaveLength(1)
    expect(session.turns).toMatchObject([
      { role: 'agent', text: OPENING, interrupted: false },
      { role: 'caller', text: 'I see.' },
    ])
  })

  it('answers words that began like an “I see” and went on otherwise', async () => {
    const { session, line, ears, mind } = setUp()
    await pickUp(session, line)
    vi.advanceTimersByTime(12 * 50)
    ears.hear({ type: 'words', text: 'I' })
    ears.hear({ type: 'words', text: 'I need' })
    ears.hear({ type: 'turn_end', text: 'I need another day.' })
    await settled()
    expect(session.turns).toMatchObject([
      { role: 'agent', interrupted: true },
      { role: 'caller', text: 'I need another day.' },
    ])
    expect(mind.asked).toHaveLength(1)
  })

  it('waits longer for a caller whose turn it has taken to be over too soon', async () => {
    const { session, line, ears } = setUp({ mind: new FakeMind(says(OPENING), ['never', 'never']) })
    const listener = await pickUp(session, line)
    await playOut(line, listener)
    ears.hear({ type: 'words', text: 'I would like', speechStartMs: 0 })
    ears.hear({ type: 'turn_end', text: 'I would like', speechEndMs: 1000 })
    const before = ears.patience.at(-1) ?? 0
    await settled()
    // Nothing of an answer was heard yet.
    vi.advanceTimersByTime(900)
    ears.hear({ type: 'words', text: 'to', speechStartMs: 1900 })
    expect(ears.patience.at(-1)).toBeGreaterThan(Math.max(before, 1000))
    ears.hear({ type: 'turn_end', text: 'to come.', speechEndMs: 2500 })
    expect(ears.patience.at(-1)).toBeGreaterThan(NORMAL_PAUSE_MS)
  })

  it.each([
    ['has been answered', 900, true],
    ['asks where the answer is', 2500, false],
  ])('is no more patient with a caller who %s', async (_, afterMs, answered) => {
    const { session, line, ears } = setUp({
      mind: new FakeMind(says(OPENING), [
        answered ? says('When would you like to come?') : 'never',
      ]),
    })
    const listener = await pickUp(session, line)
    await playOut(line, listener)
    listener.audio(new Uint8Array(8000), 0)
    ears.hear({ type: 'words', text: 'I would like to come.', speechStartMs: 0 })
    ears.hear({ type: 'turn_end', text: 'I would like to come.', speechEndMs: 1000 })
    await settled()
    vi.advanceTimersByTime(afterMs)
    listener.audio(new Uint8Array(afterMs * 8), 1000)
    ears.hear({ type: 'words', text: 'Hello', speechStartMs: 1000 + afterMs })
    expect(ears.patience.at(-1)).toBe(NORMAL_PAUSE_MS)
  })

  it('takes a “yes” over a question for an answer', async () => {
    const question = 'Does Thursday at two still work for you, John?'
    const { session, line, ears, mind } = setUp({
      mind: new FakeMind(says(question), [says('Great.')]),
    })
    await pickUp(session, line)
    vi.advanceTimersByTime(question.length * 40)
    ears.hear({ type: 'words', text: 'Yes' })
    ears.hear({ type: 'turn_end', text: 'Yes.' })
    await settled()
    expect(mind.asked[0]?.at(-1)).toMatchObject({ role: 'caller', text: 'Yes.' })
  })

  it('stops the voice when the caller goes on speaking before an answer is heard', async () => {
    const { session, line, voice, ears } = setUp()
    const listener = await pickUp(session, line)
    await playOut(line, listener)
    voice.auto = false
    ears.hear({ type: 'turn_end', text: 'Yes.' })
    await settled()
    ears.hear({ type: 'words', text: 'And' })
    await settled()
    expect(voice.speeches.at(-1)?.cancelled).toBe(true)
  })

  it('hangs up when the goodbye was heard, and not before', async () => {
    const mind = new FakeMind(says(OPENING), [[...says('Goodbye, John.').slice(0, 1), END_CALL]])
    const { session, line, ears } = setUp({ mind })
    const ended = vi.fn<(end: unknown) => void>()
    void session.ended.then(ended)
    const listener = await pickUp(session, line)
    await playOut(line, listener)
    ears.hear({ type: 'turn_end', text: 'Fine.' })
    await settled()
    expect(ended).not.toHaveBeenCalled()
    await playOut(line, listener)
    expect(ended).toHaveBeenCalledWith({ reason: 'agent_hung_up' })
    expect(session.turns.slice(-2)).toMatchObject([
      { role: 'agent', text: 'Goodbye, John.', interrupted: false },
      { role: 'tool', name: 'end_call', input: { reason: 'done' } },
    ])
  })

  it('hangs up even when the line never returns a mark', async () => {
    const mind = new FakeMind([{ type: 'text', text: 'Goodbye, John.' }, END_CALL])
    const { session, line } = setUp({ mind })
    await pickUp(session, line)
    await settled()
    vi.advanceTimersByTime(60_000)
    await expect(session.ended).resolves.toEqual({ reason: 'agent_hung_up' })
  })

  it('says goodbye for a model that hangs up without a word', async () => {
    const { session, voice } = setUp({ mind: new FakeMind([END_CALL]) })
    session.start()
    await settled()
    expect(voice.texts).toEqual(['Thank you. Goodbye.'])
  })

  it('asks again when the model has nothing to say', async () => {
    const empty = new ProviderError('no words', { provider: 'anthropic', code: 'empty' })
    for (const mind of [new FakeMind(says(' ')), new FakeMind(empty)]) {
      const { session, voice } = setUp({ mind })
      session.start()
      await settled()
      expect(voice.texts).toEqual(['Sorry, could you say that again?'])
    }
  })

  it('takes the call back when the model fails while it rings', async () => {
    const { session } = setUp({ mind: new FakeMind(timeout) })
    session.start()
    await expect(session.ended).resolves.toEqual({
      reason: 'failed',
      failure: { by: 'anthropic', code: 'timeout', message: 'no answer' },
    })
  })

  it('apologises and ends when the model fails later', async () => {
    const { session, line, voice, ears } = setUp({ mind: new FakeMind(says(OPENING), [timeout]) })
    const listener = await pickUp(session, line)
    await playOut(line, listener)
    ears.hear({ type: 'turn_end', text: 'Yes.' })
    await playOut(line, listener)
    expect(voice.texts.join('')).toMatch(/technical problem/)
    await expect(session.ended).resolves.toMatchObject({
      reason: 'failed',
      failure: { by: 'anthropic' },
    })
  })

  it('leaves the apology to the carrier when the voice fails too', async () => {
    const { session, line, voice, ears } = setUp()
    const listener = await pickUp(session, line)
    await playOut(line, listener)
    voice.auto = false
    const broken = new ProviderError('gone', { provider: 'elevenlabs', code: 'disconnected' })
    ears.hear({ type: 'turn_end', text: 'Yes.' })
    await settled()
    voice.speeches.at(-1)?.listener.failed(broken)
    await settled()
    voice.speeches.at(-1)?.listener.failed(broken)
    await expect(session.ended).resolves.toMatchObject({
      reason: 'failed',
      unsaid: true,
      failure: { by: 'elevenlabs', code: 'disconnected' },
    })
  })

  it('stops writing when the voice fails in the middle, and plays what there is', async () => {
    const mind = new FakeMind(says(OPENING), [
      [
        { type: 'text', text: 'One moment, please. ' },
        { type: 'text', text: 'I will look it up. ' },
        { type: 'text', text: 'Here it is. Done.' },
      ],
    ])
    const { session, line, voice, ears } = setUp({ mind })
    const listener = await pickUp(session, line)
    await playOut(line, listener)
    voice.auto = false
    ears.hear({ type: 'turn_end', text: 'Yes.' })
    for (let i = 0; voice.texts.at(-1) !== 'please. ' && i < 50; i++) await Promise.resolve()
    const { listener: speech } = voice.speeches.at(-1)!
    speech.audio(audioOf('One moment, '))
    speech.failed(new ProviderError('gone', { provider: 'elevenlabs', code: 'disconnected' }))
    voice.auto = true
    await playOut(line, listener)
    expect(session.turns.at(-1)).toMatchObject({ role: 'agent', text: 'One moment,' })
    await playOut(line, listener)
    await expect(session.ended).resolves.toMatchObject({ failure: { by: 'elevenlabs' } })
  })

  it.each([
    new ProviderError('no key', { provider: 'deepgram', code: 'auth', vendorCode: '401' }),
    new Error('bug'),
  ])('apologises when it cannot hear (%s)', async (failure) => {
    const { session, line, voice } = setUp({ stt: new FakeEars(failure) })
    const listener = await pickUp(session, line)
    await playOut(line, listener)
    expect(voice.texts.join('')).toMatch(/technical problem/)
    await expect(session.ended).resolves.toMatchObject({
      failure:
        failure instanceof ProviderError
          ? { by: 'deepgram', code: 'auth:401' }
          : { by: 'parley', code: 'internal' },
    })
  })

  it('apologises when it goes deaf in the middle', async () => {
    const { session, line, voice, ears } = setUp()
    await pickUp(session, line)
    ears.hear({
      type: 'failed',
      error: new ProviderError('gone', { provider: 'deepgram', code: 'disconnected' }),
    })
    await settled()
    expect(line.did).toContain('clear')
    expect(voice.texts.join('')).toMatch(/technical problem/)
  })

  it('keeps the words during which the caller hung up', async () => {
    const { session, line, ears } = setUp()
    const listener = await pickUp(session, line)
    await playOut(line, listener)
    ears.hear({ type: 'words', text: 'I have to' })
    listener.closed('stopped')
    await expect(session.ended).resolves.toEqual({ reason: 'caller_hung_up' })
    expect(session.turns.at(-1)).toMatchObject({ role: 'caller', text: 'I have to' })
  })

  it('says so when the time is up', async () => {
    const { session, line, voice } = setUp({
      limits: { ...conversationOf().limits, maxDurationMs: 30_000 },
    })
    const listener = await pickUp(session, line)
    await playOut(line, listener)
    await vi.advanceTimersByTimeAsync(30_000)
    await playOut(line, listener)
    expect(voice.texts.join('')).toMatch(/time is up/)
    await expect(session.ended).resolves.toEqual({ reason: 'time_limit' })
  })

  it('answers keys, gathered until # or a pause, like words', async () => {
    const { session, line, voice, mind } = setUp({
      mind: new FakeMind(says(OPENING), [says('One, thank you.'), says('Got it.')]),
    })
    const listener = await pickUp(session, line)
    await playOut(line, listener)
    listener.digit('1')
    vi.advanceTimersByTime(1400)
    expect(mind.asked).toEqual([])
    listener.digit('2')
    vi.advanceTimersByTime(1500)
    await playOut(line, listener)
    for (const key of '42#') listener.digit(key)
    await settled()
    expect(mind.asked[1]).toMatchObject([
      { text: OPENING },
      { role: 'caller', text: '(pressed 1 2)' },
      { text: 'One, thank you.' },
      { role: 'caller', text: '(pressed 4 2 #)' },
    ])
    expect(voice.texts.at(-1)).toBe('Got it.')
    for (let i = 0; i < 32; i++) listener.digit('9')
    expect(session.turns.at(-1)).toMatchObject({
      role: 'caller',
      text: `(pressed${' 9'.repeat(32)})`,
    })
    listener.digit('1')
  })

  it('asks a silent caller twice whether they are there, then says goodbye', async () => {
    const { session, line, voice } = setUp()
    const listener = await pickUp(session, line)
    await playOut(line, listener)
    for (const words of [/still there/, /still there/, /hang up now/]) {
      vi.advanceTimersByTime(8000)
      await playOut(line, listener)
      expect(voice.speeches.at(-1)?.texts.join('')).toMatch(words)
    }
    await expect(session.ended).resolves.toEqual({ reason: 'silence' })
  })

  it('speaks first to a callee who stays silent', async () => {
    const { session, line } = setUp({ firstSpeaker: 'auto' })
    const listener = await pickUp(session, line)
    expect(line.sentBytes).toBe(0)
    listener.mark('someone else’s')
    vi.advanceTimersByTime(1200)
    expect(line.sentBytes).toBeGreaterThan(0)
  })

  it('waits again when the callee speaks before the opening was sent', async () => {
    const { session, line, voice, ears } = setUp()
    voice.auto = false
    await pickUp(session, line)
    ears.hear({ type: 'words', text: 'Hello?' })
    voice.speeches[0]?.listener.audio(audioOf(OPENING))
    expect(line.sentBytes).toBe(0)
    ears.hear({ type: 'turn_end', text: 'Hello?' })
    expect(line.sentBytes).toBe(audioOf(OPENING).length)
  })

  it('moves to a second line without losing a word, and hears nothing from the first any more', async () => {
    const { session, line, ears } = setUp()
    const first = await pickUp(session, line)
    vi.advanceTimersByTime(9 * 50 + 300)
    const secondLine = new FakeLine()
    const second = session.attach(secondLine)
    expect(line.did.at(-1)).toBe('close')
    // “this” begins after nine characters; the first line may not have played what came in the last 300 ms.
    expect(secondLine.sentBytes).toBe(audioOf(OPENING).length - 9 * 400)
    first.audio(new Uint8Array(160), 0)
    first.mark('1:99999')
    first.closed('lost')
    expect(ears.heardBytes).toBe(0)
    await playOut(secondLine, second)
    expect(session.turns).toMatchObject([{ text: OPENING, interrupted: false }])
  })

  it('closes everything it has opened', async () => {
    const { session, line, voice, ears } = setUp()
    await pickUp(session, line)
    await session.cleanup()
    expect(ears.closed && voice.closed).toBe(true)
    expect(line.did.at(-1)).toBe('close')
    await expect(session.ended).resolves.toEqual({ reason: 'requested' })
  })
})

function briefOf() {
  return {
    direction: 'outbound',
    action: 'Confirm',
    context: undefined,
    calleeName: undefined,
    agentName: undefined,
    organization: undefined,
    language: 'en',
    opening: undefined,
  } as const
}
