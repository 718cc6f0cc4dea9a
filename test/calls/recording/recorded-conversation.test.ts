import { expect, it } from 'vitest'
import { planOf } from '../../../src/calls/call-settings.ts'
import { CallRecorder } from '../../../src/calls/recording/call-recorder.ts'
import { RecordedConversation } from '../../../src/calls/recording/recorded-conversation.ts'
import { newRecord } from '../../../src/calls/record.ts'
import { MemorySink, readWav } from '../../audio/wav-reader.ts'
import { FakeConversation, settings, spec } from '../../helpers/fake-calls.ts'
import { FakeLine, settled } from '../../helpers/fake-ports.ts'
import { HandClock } from './hand-clock.ts'
import { noise } from './model-carrier.ts'

function setUp() {
  const clock = new HandClock()
  const sink = new MemorySink()
  const failures: unknown[] = []
  const recorder = new CallRecorder({
    open: () => Promise.resolve(sink),
    clock,
    onFailed: (error) => failures.push(error),
    onClosed: () => undefined,
  })
  const about = { callId: 'call_1', direction: 'outbound', status: 'queued' } as const
  const plan = planOf(newRecord({ ...about, spec, createdAt: new Date() }), settings)
  const conversation = new FakeConversation(plan, {
    pressKeys: () => Promise.resolve(),
    transfer: () => Promise.resolve(),
  })
  return {
    clock,
    sink,
    failures,
    conversation,
    recorded: new RecordedConversation(conversation, recorder),
  }
}

it('a conversation that is recorded is the same to those who lead it', async () => {
  const { recorded, conversation } = setUp()
  conversation.endsWhenTold = false
  recorded.start()
  recorded.answered()
  recorded.attach(new FakeLine())
  recorded.carrierHeard('human')
  recorded.lineLost()
  expect(recorded.expectsLine).toBe(true)
  recorded.transferEnded('busy')
  recorded.end('requested')
  await recorded.cleanup()
  expect(conversation.did).toEqual([
    'start',
    'answered',
    'attach',
    'carrier heard human',
    'line lost',
    'transfer busy',
    'end requested',
    'cleanup',
  ])
  conversation.finish({ reason: 'agent_hung_up' })
  expect(await recorded.ended).toEqual({ reason: 'agent_hung_up' })
  expect(recorded.turns).toBe(conversation.turns)
  expect(recorded.timings).toBe(conversation.timings)
  expect(recorded.facts).toBe(conversation.facts)
})

it('a recording ends with its conversation, though the carrier’s side may go on', async () => {
  const { recorded, conversation, clock, sink, failures } = setUp()
  const listener = recorded.attach(new FakeLine())
  for (let frame = 0; frame < 50; frame++) {
    clock.pass(20)
    listener.audio(noise(frame), frame * 20)
    await settled()
  }
  conversation.line?.send(noise(900, 80_000))
  for (let passed = 0; passed < 1000; passed += 100) {
    clock.pass(100)
    await settled()
  }
  conversation.finish({ reason: 'transferred' })
  await settled()
  clock.pass(5000)
  listener.audio(noise(1), 6000)
  const { left, right } = readWav(sink.bytes)
  expect(left.length).toBe(16_000)
  expect(Buffer.from(left).indexOf(noise(49))).toBe(49 * 160)
  expect(right.filter((byte) => byte !== 0xff).length).toBe(8000)
  expect(sink.isClosed).toBe(true)
  expect(failures).toEqual([])
  expect(clock.waiting).toBe(0)
})
