import { detect } from '../../src/simulator/machine-detection.ts'
import type { MachineVerdict, Person } from '../../src/simulator/scenario.ts'
import {
  ACCOUNT,
  type AgentScript,
  eventually,
  type Form,
  HOST,
  startWorld,
} from './scripted-agent.ts'
import { describe, expect, it, onTestFinished } from '../helpers/together.ts'

async function started(...options: Parameters<typeof startWorld>) {
  const world = await startWorld(...options)
  onTestFinished(() => world.close())
  return world
}

const who = (amd?: MachineVerdict): Person => ({
  answer: 'yes',
  ringMs: 50,
  does: [{ pause: 8000 }, { hangUp: true }],
  ...(amd && { amd }),
})

async function dialled(person: Person, extra: Record<string, unknown>) {
  const verdicts: Form[] = []
  const pages: AgentScript['pages'] = {
    '/amd': (form) => {
      verdicts.push(form)
      return '<Response/>'
    },
  }
  const world = await started({ pages }, person, { speed: 20 })
  await world.create({ machineDetection: 'Enable', ...extra })
  return { call: world.twilio.calls()[0]!, world, verdicts }
}

const ASYNC = { asyncAmd: 'true', asyncAmdStatusCallback: `https://${HOST}/amd` }

describe('asynchronous machine detection', () => {
  it('posts its verdict, signed, while the stream runs already', async () => {
    const { call, world, verdicts } = await dialled(
      who({ answeredBy: 'machine_start', afterMs: 2500 }),
      ASYNC,
    )
    await eventually(() => call.streamCount).toBe(1)
    expect(verdicts).toEqual([])
    await eventually(() => verdicts).toEqual([
      {
        CallSid: call.callSid,
        AccountSid: ACCOUNT,
        AnsweredBy: 'machine_start',
        MachineDetectionDuration: '2500',
      },
    ])
    expect(world.clock.now() - call.answeredAt!).toBeGreaterThanOrEqual(2490)
    expect((await world.client.calls(call.callSid).fetch()).answeredBy).toBe('machine_start')
    await call.ended
    expect(world.voiceForms[0]).not.toHaveProperty('AnsweredBy')
    expect(world.callbacks.at(-1)).toMatchObject({ AnsweredBy: 'machine_start' })
    expect(world.badSignatures).toEqual([])
    expect(world.violations.list).toEqual([])
  })

  it('takes somebody without a verdict of their own for a human', async () => {
    const { call, verdicts } = await dialled(who(), ASYNC)
    await call.ended
    expect(verdicts).toMatchObject([{ AnsweredBy: 'human', MachineDetectionDuration: '4000' }])
  })

  it('says nothing of a call that was over before', async () => {
    const { call, world, verdicts } = await dialled(
      who({ answeredBy: 'fax', afterMs: 20_000 }),
      ASYNC,
    )
    await call.ended
    expect(verdicts).toEqual([])
    expect(world.callbacks.at(-1)).not.toHaveProperty('AnsweredBy')
  })

  it('is warned of when nobody is to be told', async () => {
    const { call, world } = await dialled(who({ answeredBy: 'human', afterMs: 100 }), {
      asyncAmd: 'true',
    })
    await call.ended
    expect(world.violations.list).toMatchObject([{ rule: expect.stringContaining('21262') }])
  })

  it('counts a callback that is refused against the server', async () => {
    const { call, world } = await dialled(who({ answeredBy: 'human', afterMs: 100 }), {
      ...ASYNC,
      asyncAmdStatusCallback: `https://${HOST}/nowhere`,
    })
    await call.ended
    expect(world.violations.list).toMatchObject([{ rule: expect.stringContaining('15003') }])
  })
})

describe('synchronous machine detection', () => {
  it('holds the TwiML back until it knows, and tells the voice webhook', async () => {
    const { call, world } = await dialled(who({ answeredBy: 'machine_end_beep', afterMs: 3000 }), {
      machineDetection: 'DetectMessageEnd',
    })
    await eventually(() => world.voiceForms).toHaveLength(1)
    expect(world.clock.now() - call.answeredAt!).toBeGreaterThanOrEqual(2990)
    expect(world.voiceForms[0]).toMatchObject({
      AnsweredBy: 'machine_end_beep',
      MachineDetectionDuration: '3000',
    })
    await call.ended
    expect(call.streamCount).toBe(1)
  })

  it('ends with a call that is hung up meanwhile', async () => {
    const { call, world } = await dialled(who({ answeredBy: 'human', afterMs: 20_000 }), {})
    await call.ended
    expect(world.voiceForms).toEqual([])
    expect(call.status).toBe('completed')
  })
})

describe('machine detection', () => {
  it('is not done for a call that presses keys by itself', async () => {
    const keys: Person = {
      answer: 'yes',
      ringMs: 50,
      does: [{ hearKeys: { digits: '12#' } }, { pause: 2000 }, { hangUp: true }],
      amd: { answeredBy: 'fax', afterMs: 0 },
    }
    const { call, world, verdicts } = await dialled(keys, { ...ASYNC, sendDigits: 'w12#' })
    await call.ended
    expect(call.keysHeard).toBe('12#')
    expect(verdicts).toEqual([])
    expect(world.voiceForms[0]).not.toHaveProperty('AnsweredBy')
  })

  it('refuses keys that no telephone has', async () => {
    const world = await started({}, who())
    await expect(world.create({ sendDigits: '1x' })).rejects.toMatchObject({ code: 21206 })
    await expect(world.create({ sendDigits: '1'.repeat(33) })).rejects.toMatchObject({
      code: 21206,
    })
  })

  it.each([
    ['Enable', 'machine_end_beep', 'machine_start'],
    ['Enable', 'machine_start', 'machine_start'],
    ['Enable', 'human', 'human'],
    ['DetectMessageEnd', 'machine_start', 'machine_end_other'],
    ['DetectMessageEnd', 'machine_end_silence', 'machine_end_silence'],
    ['DetectMessageEnd', 'fax', 'fax'],
  ] as const)('words its verdict as %s does: %s → %s', (kind, answeredBy, said) => {
    const wanted = { kind, isAsync: true, callback: undefined, timeoutMs: 30_000 }
    expect(detect(who({ answeredBy, afterMs: 5 }), wanted)).toEqual({
      answeredBy: said,
      afterMs: 5,
    })
    const late = detect(who({ answeredBy, afterMs: 30_001 }), wanted)
    expect(late).toEqual({ answeredBy: 'unknown', afterMs: 30_000 })
  })
})
