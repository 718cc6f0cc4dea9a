import type { Person } from '../../src/simulator/scenario.ts'
import { ACCOUNT, type AgentScript, type Form, HOST, startWorld } from './scripted-agent.ts'
import { describe, expect, it, onTestFinished } from '../helpers/together.ts'

async function dialled(person: Person, extra: Record<string, unknown>) {
  const told: Form[] = []
  const pages: NonNullable<AgentScript['pages']> = {
    '/recording': (form) => {
      told.push(form)
      return ''
    },
  }
  const world = await startWorld({ pages }, person, { speed: 20 })
  onTestFinished(() => world.close())
  await world.create(extra)
  const call = world.twilio.calls()[0]!
  await call.ended
  return { world, call, told }
}

const talks: Person = {
  answer: 'yes',
  ringMs: 50,
  does: [{ pause: 3000 }, { hangUp: true }],
}
const callback = `https://${HOST}/recording`

describe('a call that Twilio records', () => {
  it('is told of, signed, when its recording can be fetched', async () => {
    const { world, call, told } = await dialled(talks, {
      record: true,
      recordingChannels: 'dual',
      recordingStatusCallback: callback,
      recordingStatusCallbackEvent: ['completed', 'absent'],
    })
    expect(told).toMatchObject([
      {
        AccountSid: ACCOUNT,
        CallSid: call.callSid,
        RecordingSid: expect.stringMatching(/^RE[0-9a-f]{32}$/),
        RecordingStatus: 'completed',
        RecordingDuration: '3',
        RecordingChannels: '2',
      },
    ])
    expect(world.badSignatures).toEqual([])
    expect(world.violations.list).toEqual([])
  })

  it('has both sides in one channel, unless it is asked otherwise', async () => {
    const { told } = await dialled(talks, { record: true, recordingStatusCallback: callback })
    expect(told).toMatchObject([{ RecordingStatus: 'completed', RecordingChannels: '1' }])
  })

  it('is not told of to those who did not ask, or when nobody picked up', async () => {
    const asks = { recordingStatusCallback: callback }
    const unasked = await dialled(talks, asks)
    expect(unasked.told).toEqual([])
    expect(unasked.call.isRecorded).toBe(false)
    expect((await dialled(talks, { record: true })).told).toEqual([])
    const busy: Person = { ...talks, answer: 'busy' }
    expect((await dialled(busy, { ...asks, record: true })).told).toEqual([])
  })

  it('counts a callback that is refused against the server', async () => {
    const { world } = await dialled(talks, {
      record: true,
      recordingStatusCallback: `https://${HOST}/nowhere`,
    })
    expect(world.violations.list).toMatchObject([{ rule: expect.stringContaining('15003') }])
  })
})
