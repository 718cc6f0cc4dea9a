import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CALL_STATUSES, type CallStatus } from '../../src/calls/call-status.ts'
import { WebhookSigner } from '../../src/calls/webhooks/webhook-signer.ts'
import { Webhooks } from '../../src/calls/webhooks/webhooks.ts'
import { scaledClock } from '../../src/clock.ts'
import { spec } from '../helpers/fake-calls.ts'
import { quiet } from '../helpers/fake-ports.ts'
import { startApp, type TestApp } from '../helpers/parley-app.ts'

/**
 * What the carrier reports of a call comes late, twice, or not at all: over the real routes, signed as Twilio signs it. What
 * was reported before it was true is nothing that can happen; everything else is.
 */

const clock = scaledClock(20)
let app: TestApp
let webhooks: Webhooks
let told: { type: string; call: string }[]

beforeEach(async () => {
  app = await startApp({ clock, settings: { maxCalls: 1000 } })
  told = []
  webhooks = new Webhooks({
    events: app.events,
    records: app.calls,
    store: app.store,
    http: {
      post: ({ body }) => {
        const { type, data } = JSON.parse(body) as { type: string; data: { call_id: string } }
        told.push({ type, call: data.call_id })
        return Promise.resolve(204)
      },
    },
    signer: new WebhookSigner([`whsec_${Buffer.alloc(32, 1).toString('base64')}`]),
    url: 'https://user.example/hooks',
    clock,
    log: quiet,
  })
})

afterEach(async () => {
  await app.close()
  await webhooks.close()
})

/** One thing that the carrier reports: where, what, and in which act of the call it becomes true. */
type Report = {
  readonly path: string
  readonly form: Readonly<Record<string, string>>
  readonly act: number
  /** Reported at least once: without it nobody could know what became of the call. */
  readonly isVital?: true
}

const status = (CallStatus: string, SequenceNumber: number, act: number, more = {}): Report => ({
  path: 'status',
  form: { CallStatus, SequenceNumber: String(SequenceNumber), ...more },
  act,
})
const stream = (StreamEvent: string, act: number): Report => ({
  path: 'stream-status',
  form: { StreamSid: 'MZ1', StreamEvent },
  act,
})
const amd: Report = { path: 'amd', form: { AnsweredBy: 'human' }, act: 1 }
const recorded: Report = {
  path: 'recording-status',
  form: { RecordingSid: 'RE1', RecordingStatus: 'completed', RecordingDuration: '9' },
  act: 2,
}

const underway = [status('initiated', 0, 0), status('ringing', 1, 0)]
const answered = [...underway, status('in-progress', 2, 1), stream('stream-started', 1), amd]
const over = [
  status('completed', 3, 2, { CallDuration: '9' }),
  stream('stream-stopped', 2),
  { ...recorded },
]
const asked = (path: string, form: Readonly<Record<string, string>>): Report => ({
  path,
  form: {
    From: '+15005550006',
    To: '+15551234567',
    Direction: 'outbound-api',
    CallStatus: 'completed',
    ...form,
  },
  act: 2,
})

type Story = {
  readonly reports: readonly Report[]
  /** What happens besides: in act 1 the call is answered, in act 2 it comes to its end. */
  readonly end?: (call: { stop: () => void; app: TestApp }) => Promise<void> | void
  readonly record: object
}

const stories: Record<string, Story> = {
  'the person hangs up': {
    reports: [...answered, ...over, asked('stream-ended', {})],
    end: ({ stop }) => {
      stop()
    },
    record: { status: 'completed', endReason: 'caller_hung_up', answeredAt: expect.any(Date) },
  },
  'the agent hangs up': {
    reports: [...answered, ...over, asked('stream-ended', {})],
    end: ({ app }) => {
      app.conversations.at(-1)?.finish({ reason: 'agent_hung_up' })
    },
    record: { status: 'completed', endReason: 'agent_hung_up', answeredAt: expect.any(Date) },
  },
  'the person is put through': {
    reports: [
      ...answered,
      ...over,
      { ...asked('transfer-ended', { DialCallStatus: 'completed' }), isVital: true },
    ],
    end: async ({ app }) => {
      await app.conversations.at(-1)?.control.transfer('+15557654321')
    },
    record: { status: 'completed', endReason: 'transferred', answeredAt: expect.any(Date) },
  },
  'the number is busy': {
    reports: [...underway, { ...status('busy', 2, 1), isVital: true }],
    record: { status: 'busy', endReason: 'not_answered' },
  },
  'nobody answers': {
    reports: [...underway, { ...status('no-answer', 2, 1), isVital: true }],
    record: { status: 'no_answer', endReason: 'not_answered' },
  },
  'the number cannot be reached': {
    reports: [
      ...underway,
      { ...status('failed', 2, 1, { SipResponseCode: '404' }), isVital: true },
    ],
    record: {
      status: 'failed',
      endReason: 'failed',
      failure: { by: 'twilio', code: 'sip_404', message: 'Twilio could not reach the number' },
    },
  },
}

const ACTS = [0, 1, 2]

/** Every report up to three times, each in any act from its own on, and in any order within one. */
function deliveries({ reports }: Story): fc.Arbitrary<readonly (readonly Report[])[]> {
  const copies = reports.map((report) =>
    fc
      .array(fc.integer({ min: report.act, max: 2 }), {
        minLength: report.isVital ? 1 : 0,
        maxLength: 3,
      })
      .map((acts) => acts.map((act) => ({ ...report, act }))),
  )
  return fc
    .tuple(...copies)
    .chain((all) => fc.shuffledSubarray(all.flat(), { minLength: all.flat().length }))
    .map((all) => ACTS.map((act) => all.filter((report) => report.act === act)))
}

/** Carries a story out, and hands back the record and what the user was told. */
async function live(story: Story, acts: readonly (readonly Report[])[]) {
  const { callId, callSid } = await app.calls.place(spec)
  const conversation = app.conversations.at(-1)
  if (callSid === undefined || !conversation) throw new Error('there is no call')
  // Saying goodbye takes its time: reports may come between the end of a call and the end of its conversation.
  conversation.endsWhenTold = false
  const shown: CallStatus[] = ['queued']
  const unsubscribe = app.events.subscribe((event) => {
    if (event.callId === callId && event.type === 'call.status') shown.push(event.status)
  })
  const report = async ({ path, form }: Report) => {
    const address = `/api/phone/twilio/${path}?call_id=${callId}`
    const answer = await app.postForm(address, { CallSid: callSid, ...form })
    expect(answer.status).toBe(path.endsWith('-ended') ? 200 : 204)
    if (path === 'stream-ended') expect(answer.text).toContain('<Hangup/>')
  }
  const deliver = async (act: number) => {
    for (const each of acts[act] ?? []) await report(each)
  }
  await deliver(0)
  const line = story.end && pickUp(callId, callSid)
  await deliver(1)
  await story.end?.({ app, stop: () => line?.closed('stopped') })
  await deliver(2)
  conversation.finish({ reason: 'caller_hung_up' })
  await app.calls.idle()
  unsubscribe()
  await webhooks.idle()
  return {
    record: await app.calls.get(callId),
    told: told.filter(({ call }) => call === callId).map(({ type }) => type),
    shown,
  }
}

function pickUp(callId: string, callSid: string) {
  const answer = app.calls.answered({ callId, callSid, from: '', direction: 'outbound' })
  if (!('token' in answer)) throw new Error('refused')
  const line = {
    id: 'MZ1',
    send: ignore,
    flush: ignore,
    mark: ignore,
    clear: ignore,
    close: ignore,
  }
  const listener = app.calls.attachStream({ callSid, token: answer.token }, line)
  if (!listener) throw new Error('the line was not let in')
  return listener
}

const ignore = () => undefined

it.each(Object.entries(stories))(
  'when %s, late, doubled and lost reports give the same record, and the user is told once',
  async (_name, story) => {
    await fc.assert(
      fc.asyncProperty(deliveries(story), async (acts) => {
        const { record, told, shown } = await live(story, acts)
        expect(record).toMatchObject(story.record)
        expect(record.failure).toEqual('failure' in story.record ? story.record.failure : undefined)
        const isAnswered = 'answeredAt' in story.record
        const all = ['call.started', ...(isAnswered ? ['call.answered'] : []), 'call.ended']
        expect(told).toEqual(all)
        // Whoever watches sees it go forward only.
        expect(shown).toEqual(CALL_STATUSES.filter((status) => shown.includes(status)))
      }),
      { numRuns: 25 },
    )
  },
)

it('reports are answered at once, however long the store takes', async () => {
  const { callId, callSid } = await app.calls.place(spec)
  if (callSid === undefined) throw new Error('the carrier has no call')
  app.store.save = () => new Promise(() => undefined)
  for (const CallStatus of ['ringing', 'in-progress', 'completed']) {
    const form = { CallSid: callSid, CallStatus }
    const { status } = await app.postForm(`/api/phone/twilio/status?call_id=${callId}`, form)
    expect(status).toBe(204)
  }
})
