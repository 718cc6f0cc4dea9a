import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mastra } from '@mastra/core'
import { LibSQLStore } from '@mastra/libsql'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { scaledClock } from '../../src/clock.ts'
import { type Decision, FollowUpInput } from '../../src/mastra/follow-up/follow-up-schemas.ts'
import { followUpWorkflow } from '../../src/mastra/follow-up/follow-up-workflow.ts'
import { ParleyError, type PhoneCall } from '../../src/mastra/parley-client.ts'
import { personId } from '../../src/mastra/person-id.ts'
import { WorkflowRuns } from '../../src/mastra/workflow-runs.ts'

const ID = 'call-and-follow-up'
const NUMBER = '+15551234567'
const OTHER = '+15557654321'
const call = { phone_number: NUMBER, action: 'Confirm the appointment' }

type Placed = PhoneCall & { metadata: Record<string, string> }

/** Calls that ring until a test ends them. They outlive the processes that ask for them, as those of a server do. */
class Telephone {
  readonly calls: Placed[] = []
  refusal: ParleyError | undefined
  /** The process is gone before it learns that the call was placed. */
  diesWhilePlacing = false
  readonly ended: string[] = []

  placeCall = (spec: Record<string, unknown>): Promise<{ call_id: string; status: string }> => {
    if (this.refusal) return Promise.reject(this.refusal)
    const made: Placed = {
      call_id: `call_${this.calls.length + 1}`,
      status: 'queued',
      phone_number: String(spec['phone_number']),
      duration_s: null,
      end_reason: null,
      answered_by: null,
      failure: null,
      opted_out: false,
      transcript: [],
      outcome: null,
      metadata: spec['metadata'] as Record<string, string>,
    }
    this.calls.push(made)
    return this.diesWhilePlacing ? new Promise(() => undefined) : Promise.resolve(made)
  }
  findCall = (metadata: Record<string, string>) =>
    Promise.resolve(
      this.calls.find((made) =>
        Object.entries(metadata).every(([key, value]) => made.metadata[key] === value),
      ),
    )
  getCall = (callId: string) => {
    const found = this.calls.find(({ call_id }) => call_id === callId)
    return found ? Promise.resolve({ ...found }) : Promise.reject(new Error('no such call'))
  }
  hangUp = (callId: string) => {
    this.ended.push(callId)
    return Promise.resolve()
  }

  end(index: number, change: Partial<PhoneCall> | string) {
    const disposition = typeof change === 'string' ? change : 'completed'
    const outcome = { disposition, summary: `It was ${disposition}.` }
    const status = ['busy', 'no_answer'].includes(disposition) ? disposition : 'completed'
    const given = typeof change === 'string' ? {} : change
    Object.assign(this.calls[index] ?? {}, { status, outcome, ...given })
    return this.calls[index]?.call_id ?? ''
  }
}

/** A database on disk, and as many processes over it as a test starts. */
async function world(options: { decision?: Decision; speed?: number } = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'parley-mastra-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const clock = scaledClock(options.speed ?? 1000)
  const phone = new Telephone()
  const log = pino({ level: 'silent' })
  const webhooks: unknown[] = []
  const startProcess = () => {
    const storage = new LibSQLStore({ id: 'test', url: `file:${join(dir, 'mastra.db')}` })
    const workflow = followUpWorkflow({
      phone,
      briefing: (number) => Promise.resolve(number === NUMBER ? 'Prefers mornings.' : undefined),
      judge: { decide: () => Promise.resolve(options.decision) },
      webhook: {
        send: (message) => {
          webhooks.push(message)
          return Promise.resolve('delivered')
        },
      },
      clock,
    })
    const mastra = new Mastra({ storage, workflows: { workflow }, logger: false })
    const runs = new WorkflowRuns({
      workflows: [
        {
          workflow: mastra.getWorkflow('workflow'),
          input: FollowUpInput,
          resourceOf: (input) => personId(FollowUpInput.parse(input).call.phone_number),
        },
      ],
      hangUp: phone.hangUp,
      clock,
      log,
    })
    onTestFinished(() => runs.close())
    const until = async (runId: string, expected: object) => {
      await expect
        .poll(() => runs.get(ID, runId), { timeout: 10_000, interval: 5 })
        .toMatchObject(expected)
      return runs.get(ID, runId)
    }
    const untilCall = async (runId: string, callId: string) =>
      until(runId, { suspendPayload: { waiting_for: 'call', call_id: callId } })
    return { runs, until, untilCall, close: () => runs.close(), letGo: () => storage.close() }
  }
  return { phone, webhooks, startProcess }
}

describe('a run', () => {
  it('rings again after busy lines, by its own clock, and gives up after so many attempts', async () => {
    const { phone, startProcess } = await world()
    const { runs, until, untilCall } = startProcess()
    const { runId } = await runs.start(ID, { call, attempts: 2, retry_after_s: 60 })
    await untilCall(runId, 'call_1')
    runs.callChanged(phone.end(0, 'busy'))
    await untilCall(runId, 'call_2')
    runs.callChanged(phone.end(1, 'no_answer'))
    const run = await until(runId, { status: 'success' })
    expect(run.result).toMatchObject({ outcome: 'not_reached', calls: ['call_1', 'call_2'] })
    expect(phone.calls).toHaveLength(2)
  })

  it('sees a call that was over before the run was suspended, and one whose outcome comes late', async () => {
    const { phone, startProcess } = await world({ speed: 1 })
    const { runs, until, untilCall } = startProcess()
    const { runId } = await runs.start(ID, { call })
    await expect.poll(() => phone.calls.length, { interval: 1 }).toBe(1)
    // As early as can be: the step that places the call has not ended yet.
    runs.callChanged(phone.end(0, { status: 'completed', outcome: null }))
    await untilCall(runId, 'call_1')
    runs.callChanged(phone.end(0, 'completed'))
    await until(runId, { status: 'success', result: { outcome: 'reached' } })
  })

  it('waits neither for ever for a call nor for an outcome', async () => {
    const { phone, startProcess } = await world({ speed: 5000 })
    const { runs, until, untilCall } = startProcess()
    const { runId } = await runs.start(ID, { call, give_up_after_s: 600 })
    const noOutcome = await runs.start(ID, { call, give_up_after_s: 86_400 })
    await until(runId, { status: 'success' })
    expect(phone.ended).toEqual(['call_1'])
    await untilCall(noOutcome.runId, 'call_2')
    runs.callChanged(phone.end(1, { status: 'completed', outcome: null }))
    await until(noOutcome.runId, { status: 'success' })
  })

  it('asks a person before it calls, takes one answer, and ends when it is no', async () => {
    const { phone, startProcess } = await world()
    const { runs, until, untilCall } = startProcess()
    const { runId } = await runs.start(ID, { call, approval: 'call' })
    const waiting = { suspended: [['approve-call']], suspendPayload: { waiting_for: 'approval' } }
    await until(runId, { status: 'suspended', ...waiting })
    await expect(runs.resume(ID, runId, { data: { approved: 'yes' } })).rejects.toMatchObject({
      code: 'invalid_request',
      details: [{ field: 'data.approved' }],
    })
    const answers = await Promise.allSettled(
      [1, 2].map(() => runs.resume(ID, runId, { data: { approved: true, by: 'Jane' } })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await untilCall(runId, 'call_1')
    // That a call is over nobody can say but the call.
    await expect(runs.resume(ID, runId, { data: {} })).rejects.toMatchObject({
      code: 'run_not_suspended',
    })
    expect(phone.calls).toHaveLength(1)

    const no = await runs.start(ID, { call, approval: 'both' })
    await until(no.runId, waiting)
    await runs.resume(ID, no.runId, { step: ['approve-call'], data: { approved: false } })
    await until(no.runId, { status: 'success', result: { outcome: 'not_approved', calls: [] } })
    expect(phone.calls).toHaveLength(1)
  })

  it('makes the follow-up call that was decided, once it is approved, and reports', async () => {
    const decision: Decision = {
      action: 'call',
      reason: 'wants Friday',
      phone_number: OTHER,
      purpose: 'Ask for Friday',
    }
    const { phone, webhooks, startProcess } = await world({ decision })
    const { runs, until, untilCall } = startProcess()
    const { runId } = await runs.start(ID, {
      call,
      approval: 'follow_up',
      follow_up: {
        instructions: 'If they want another day, ask the practice.',
        phone_numbers: [OTHER],
        webhook_url: 'https://crm.example.com/runs',
      },
    })
    await untilCall(runId, 'call_1')
    runs.callChanged(phone.end(0, 'completed'))
    await until(runId, {
      suspendPayload: { waiting_for: 'approval', phone_number: OTHER, purpose: 'Ask for Friday' },
    })
    await runs.resume(ID, runId, { data: { approved: true } })
    await untilCall(runId, 'call_2')
    runs.callChanged(phone.end(1, 'completed'))
    const { result } = await until(runId, { status: 'success' })
    expect(result).toMatchObject({ calls: ['call_1', 'call_2'], webhook: 'delivered' })
    expect(webhooks).toMatchObject([
      { id: `msg_${runId}`, data: { follow_up: { call_id: 'call_2' } } },
    ])
  })

  it.each<[string, Decision, Partial<PhoneCall>]>([
    ['a number that nobody has named', { action: 'call', reason: 'x', phone_number: OTHER }, {}],
    ['a person who wants no more calls', { action: 'call', reason: 'x' }, { opted_out: true }],
  ])('never calls %s, whatever the model says', async (_, decision, end) => {
    const { phone, startProcess } = await world({ decision })
    const { runs, until, untilCall } = startProcess()
    const { runId } = await runs.start(ID, {
      call,
      follow_up: { instructions: 'Call whoever you like.' },
    })
    await untilCall(runId, 'call_1')
    runs.callChanged(phone.end(0, end))
    await until(runId, { status: 'success', result: { decision: { action: 'done' } } })
    expect(phone.calls).toHaveLength(1)
  })

  it('calls back who asks for it, by rule', async () => {
    const { phone, startProcess } = await world()
    const { runs, until, untilCall } = startProcess()
    const { runId } = await runs.start(ID, {
      call: { ...call, context: 'Dr. Smith.' },
      retry_after_s: 60,
    })
    await untilCall(runId, 'call_1')
    runs.callChanged(phone.end(0, 'callback_requested'))
    await untilCall(runId, 'call_2')
    runs.callChanged(phone.end(1, 'completed'))
    await until(runId, { status: 'success', result: { decision: { action: 'call' } } })
  })

  it('tells what was refused, and fails when the server cannot be asked', async () => {
    const { phone, startProcess } = await world()
    const { runs, until } = startProcess()
    phone.refusal = new ParleyError('do not call', { code: 'do_not_call' })
    const refused = await runs.start(ID, { call })
    await until(refused.runId, { status: 'success', result: { outcome: 'refused' } })
    phone.refusal = new ParleyError('no Parley answers', { code: 'unreachable' })
    const failed = await runs.start(ID, { call })
    const run = await until(failed.runId, { status: 'failed' })
    expect(run.error).toBe('no Parley answers')
    await expect(runs.start(ID, { call: { action: 'x' } })).rejects.toMatchObject({
      code: 'invalid_request',
      details: [{ field: 'call.phone_number' }],
    })
    await expect(runs.start('other', {})).rejects.toMatchObject({ code: 'workflow_not_found' })
    await expect(runs.get(ID, 'run_x')).rejects.toMatchObject({ code: 'run_not_found' })
  })

  it('is cancelled together with its call', async () => {
    const { phone, startProcess } = await world()
    const { runs, untilCall } = startProcess()
    const { runId } = await runs.start(ID, { call })
    await untilCall(runId, 'call_1')
    expect(await runs.cancel(ID, runId)).toMatchObject({ status: 'canceled' })
    expect(phone.ended).toEqual(['call_1'])
    runs.callChanged(phone.end(0, 'completed'))
    await expect(runs.cancel(ID, runId)).rejects.toMatchObject({ code: 'run_not_suspended' })
    expect(await runs.get(ID, runId)).toMatchObject({ status: 'canceled' })
  })
})

describe('a run that its process does not outlive', () => {
  it('never dials twice: the call that was placed is found again', async () => {
    const { phone, startProcess } = await world()
    const first = startProcess()
    phone.diesWhilePlacing = true
    const { runId } = await first.runs.start(ID, { call })
    await expect.poll(() => phone.calls.length).toBe(1)
    phone.diesWhilePlacing = false
    const second = startProcess()
    await second.runs.recover()
    await second.untilCall(runId, 'call_1')
    second.runs.callChanged(phone.end(0, 'completed'))
    await second.until(runId, { status: 'success', result: { calls: ['call_1'] } })
    expect(phone.calls).toHaveLength(1)
  })

  it('goes on in the next process, whatever it waited for', async () => {
    const { phone, startProcess } = await world()
    const first = startProcess()
    const inputs = [{ call }, { call, retry_after_s: 5, attempts: 2 }, { call, approval: 'call' }]
    const ids: string[] = []
    for (const input of inputs) ids.push((await first.runs.start(ID, input)).runId)
    const [talking = '', waiting = '', asking = ''] = ids
    await first.untilCall(talking, 'call_1')
    await first.untilCall(waiting, 'call_2')
    await first.until(asking, { status: 'suspended' })
    await first.close()
    // Both calls end while nobody is there to see it.
    phone.end(0, 'completed')
    phone.end(1, 'busy')
    const second = startProcess()
    await second.runs.recover()
    await second.until(talking, { status: 'success', result: { calls: ['call_1'] } })
    await second.untilCall(waiting, 'call_3')
    await second.runs.resume(ID, asking, { data: { approved: true } })
    await second.untilCall(asking, 'call_4')
    expect(phone.calls).toHaveLength(4)
    // What was told before is gone with the process: the whole run is shown instead.
    const { signal } = new AbortController()
    const feed = await second.runs.follow(ID, talking, { after: 0, signal })
    const told = await Array.fromAsync(feed ?? [])
    expect(told[0]).toMatchObject({ event: { type: 'run', data: { status: 'success' } } })
  })
})

it('a person’s runs are erased with them', async () => {
  const { startProcess } = await world()
  const { runs, untilCall } = startProcess()
  const { runId } = await runs.start(ID, { call })
  await untilCall(runId, 'call_1')
  expect(await runs.erase(personId(OTHER))).toBe(0)
  expect(await runs.erase(personId(NUMBER))).toBe(1)
  await expect(runs.get(ID, runId)).rejects.toMatchObject({ code: 'run_not_found' })
})

it('what wakes a run after the server has let go of its database disturbs nobody', async () => {
  const { phone, startProcess } = await world()
  const { runs, untilCall, letGo } = startProcess()
  const { runId } = await runs.start(ID, { call })
  await untilCall(runId, 'call_1')
  await letGo()
  // Vitest fails on a promise that nobody looks after.
  runs.callChanged(phone.end(0, 'completed'))
  await new Promise((resolve) => setTimeout(resolve, 20))
  await runs.close()
})
