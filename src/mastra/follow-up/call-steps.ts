import { createStep, createWorkflow } from '@mastra/core/workflows'
import type { Clock } from '../../clock.ts'
import { isOver, ParleyError, type ParleyClient, type PhoneCall } from '../parley-client.ts'
import {
  CallTask,
  type FinishedCall,
  GoOn,
  LookAgain,
  PlacedTask,
  Waiting,
} from './follow-up-schemas.ts'

export type CallStepsParts = {
  readonly phone: Pick<ParleyClient, 'placeCall' | 'findCall' | 'getCall' | 'hangUp'>
  /** What is known of a person from earlier calls. */
  readonly briefing: (phoneNumber: string) => Promise<string | undefined>
  readonly clock: Clock
}

/** What came of a call is known this long after its end, or is not waited for any more. */
const OUTCOME_WITHIN_MS = 60_000

const MAX_CONTEXT_CHARS = 8000

/** Nobody was reached, and may be in a while. */
const TRY_AGAIN = new Set(['busy', 'no_answer', 'voicemail_no_message'])
/** The server cannot place a call now, and may be able to in a while. */
const REFUSED_FOR_NOW = new Set(['at_capacity', 'draining', 'dial_failed', 'rate_limited'])

/** Whether a task needs no further attempt. */
export function isSettled(task: CallTask): boolean {
  if (task.spec === null || task.attempt >= task.attempts) return true
  if (task.refused !== null) return !REFUSED_FOR_NOW.has(task.refused)
  return task.last !== null && !TRY_AGAIN.has(task.last.disposition ?? task.last.status)
}

/**
 * A workflow that makes one attempt at a call: waits for its time, places it, and is suspended until the call is over. Placing
 * is done once per run, task and attempt, however often the step is carried out.
 */
export function attemptWorkflow(id: string, parts: CallStepsParts) {
  const workflow = createWorkflow({ id, inputSchema: CallTask, outputSchema: CallTask })
    .then(waitStep(parts))
    .then(placeStep(id, parts))
    .then(awaitStep(parts))
    .commit()
  // A workflow is a step as well; only one that has these is typed as one.
  return Object.assign(workflow, { description: 'One attempt at a call', metadata: {} })
}

function waitStep({ clock }: CallStepsParts) {
  return createStep({
    id: 'wait-for-turn',
    inputSchema: CallTask,
    outputSchema: CallTask,
    resumeSchema: GoOn,
    suspendSchema: Waiting,
    execute: async ({ inputData, resumeData, suspend }) => {
      if (inputData.spec === null || inputData.wait_s === 0 || resumeData) return inputData
      return suspend({ waiting_for: 'time', ...until(clock, inputData.wait_s * 1000) })
    },
  })
}

function placeStep(task: string, { phone, briefing }: CallStepsParts) {
  return createStep({
    id: 'place-call',
    inputSchema: CallTask,
    outputSchema: PlacedTask,
    execute: async ({ inputData, runId, abortSignal: signal }) => {
      const { spec, attempt } = inputData
      if (spec === null) return { ...inputData, call_id: null }
      const key = `${runId}.${task}.${attempt}`
      const placed = { ...inputData, attempt: attempt + 1, last: null, refused: null }
      try {
        // An earlier process may have placed it, and not have lived to say so.
        const earlier = await phone.findCall({ workflow_attempt: key }, { signal })
        const { call_id } =
          earlier ??
          (await phone.placeCall(await withBriefing(spec, key, briefing), {
            idempotencyKey: key,
            signal,
          }))
        return { ...placed, call_id, call_ids: [...inputData.call_ids, call_id] }
      } catch (error) {
        if (!(error instanceof ParleyError) || error.code === 'unreachable') throw error
        return { ...placed, call_id: null, refused: error.code }
      }
    },
  })
}

async function withBriefing(
  spec: NonNullable<CallTask['spec']>,
  key: string,
  briefing: CallStepsParts['briefing'],
) {
  const known = await briefing(spec.phone_number)
  const context = [spec.context, known].filter((text) => text !== undefined).join('\n\n')
  const fits = known !== undefined && context.length <= MAX_CONTEXT_CHARS
  const metadata = { ...spec.metadata, workflow_attempt: key }
  return { ...spec, metadata, ...(fits && { context }) }
}

function awaitStep({ phone, clock }: CallStepsParts) {
  return createStep({
    id: 'await-call',
    inputSchema: PlacedTask,
    outputSchema: CallTask,
    resumeSchema: LookAgain,
    suspendSchema: Waiting,
    execute: async ({ inputData, resumeData, suspend, suspendData, abortSignal: signal }) => {
      const { call_id: callId, ...placed } = inputData
      const task = { ...placed, wait_s: placed.retry_after_s }
      if (callId === null) return task
      const isLate = resumeData?.timed_out === true
      const call = await phone.getCall(callId, { signal })
      if (isOver(call)) {
        if (call.outcome !== null || isLate) return { ...task, last: finishedCall(call) }
        return suspend(waitingFor(clock, callId, OUTCOME_WITHIN_MS))
      }
      if (!isLate) {
        const leftMs = leftOf(suspendData, clock) ?? task.give_up_after_s * 1000
        return suspend(waitingFor(clock, callId, leftMs))
      }
      await hangUp(phone, callId, signal)
      return { ...task, last: finishedCall(await phone.getCall(callId, { signal })) }
    },
  })
}

async function hangUp(phone: CallStepsParts['phone'], callId: string, signal: AbortSignal) {
  try {
    await phone.hangUp(callId, { signal })
  } catch (error) {
    // It has ended by itself just now.
    if (!(error instanceof ParleyError) || error.code !== 'call_not_live') throw error
  }
}

function waitingFor(clock: Clock, callId: string, ms: number): Waiting {
  return { waiting_for: 'call', call_id: callId, ...until(clock, ms) }
}

/** The time is for a later process, the duration for the clock of this one. */
function until(clock: Clock, ms: number) {
  return { until: new Date(clock.date().getTime() + ms).toISOString(), wait_ms: ms }
}

/** Of a wait that goes on. */
function leftOf(waiting: Waiting | undefined, clock: Clock): number | undefined {
  if (waiting?.waiting_for !== 'call') return undefined
  return Math.max(0, Date.parse(waiting.until) - clock.date().getTime())
}

function finishedCall(call: PhoneCall): FinishedCall {
  const { outcome } = call
  return {
    call_id: call.call_id,
    status: call.status,
    disposition: outcome?.disposition ?? null,
    summary: outcome?.summary ?? call.failure?.message ?? null,
    callback_at: outcome?.callback_at ?? null,
    opted_out: call.opted_out,
    transcript: call.transcript.flatMap(({ role, text }) =>
      text === undefined ? [] : [`${role}: ${text}`],
    ),
  }
}
