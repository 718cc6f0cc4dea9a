import { createStep } from '@mastra/core/workflows'
import type { WebhookSender } from './follow-up-webhook.ts'
import {
  Approval,
  CallTask,
  Decided,
  type Decision,
  FollowUpInput,
  FollowUpResult,
  Summary,
  Waiting,
} from './follow-up-schemas.ts'

/** Says what is to be done after a call. */
export interface FollowUpJudge {
  /** Undefined: it cannot say, so rules decide. */
  decide(
    question: {
      readonly input: FollowUpInput
      readonly summary: Summary
    },
    options: { signal: AbortSignal },
  ): Promise<Decision | undefined>
}

/** Nobody heard a person: there is nothing to decide by. */
const NOBODY = new Set([
  'busy',
  'no_answer',
  'voicemail_no_message',
  'voicemail_left',
  'failed',
  'screened',
  'ivr_no_agent',
])

export function approveCallStep() {
  return createStep({
    id: 'approve-call',
    inputSchema: FollowUpInput,
    outputSchema: CallTask,
    resumeSchema: Approval,
    suspendSchema: Waiting,
    execute: async ({ inputData, resumeData, suspend, ...step }) => {
      const { call, approval } = inputData
      const mustAsk = approval === 'call' || approval === 'both'
      if (mustAsk && !resumeData) {
        const { phone_number, action: purpose } = call
        return suspend({ waiting_for: 'approval', phone_number, purpose })
      }
      if (mustAsk && resumeData?.approved !== true) return step.bail(NOT_APPROVED)
      return taskFor(inputData, call, 0)
    },
  })
}

const NOT_APPROVED: FollowUpResult = {
  outcome: 'not_approved',
  summary: null,
  calls: [],
  decision: null,
  follow_up: null,
  webhook: null,
}

export function summariseStep() {
  return createStep({
    id: 'summarise',
    inputSchema: CallTask,
    outputSchema: Summary,
    execute: ({ inputData: task }) => Promise.resolve(summaryOf(task)),
  })
}

/** The outcome of the call has the model's own summary; where there is none, the fact has to do. */
function summaryOf(task: CallTask): Summary {
  const { last, refused } = task
  if (refused !== null) {
    return { outcome: 'refused', summary: `The call was refused: ${refused}.`, task }
  }
  const what = last?.disposition ?? last?.status ?? 'failed'
  return {
    outcome: NOBODY.has(what) ? 'not_reached' : 'reached',
    summary: last?.summary ?? `After ${task.attempt} attempt(s): ${what.replaceAll('_', ' ')}.`,
    task,
  }
}

export function decideStep(judge: FollowUpJudge) {
  return createStep({
    id: 'decide',
    inputSchema: Summary,
    outputSchema: Decided,
    execute: async ({ inputData: summary, abortSignal: signal, ...step }) => {
      const input = FollowUpInput.parse(step.getInitData())
      const { instructions } = input.follow_up
      const isAsked = summary.outcome === 'reached' && instructions !== undefined
      const judged = isAsked ? await judge.decide({ input, summary }, { signal }) : undefined
      const decision = permitted(judged ?? decisionByRule(input, summary), input, summary)
      return { ...summary, decision, next: nextTask(input, decision) }
    },
  })
}

function decisionByRule({ follow_up, retry_after_s }: FollowUpInput, { task }: Summary): Decision {
  if (task.last?.disposition === 'callback_requested') {
    return { action: 'call', reason: 'the person asked to be called back', wait_s: retry_after_s }
  }
  return follow_up.webhook_url === undefined
    ? { action: 'done', reason: 'there is nothing more to do' }
    : { action: 'webhook', reason: 'what came of the call is to be reported' }
}

/** A model may name whom to call, but only those whom the user has named; and nobody who wants no more calls. */
function permitted(
  decision: Decision,
  { call, follow_up }: FollowUpInput,
  { task }: Summary,
): Decision {
  const number = decision.phone_number ?? call.phone_number
  const otherwise = follow_up.webhook_url === undefined ? 'done' : 'webhook'
  if (decision.action === 'webhook') return { ...decision, action: otherwise }
  if (decision.action === 'done') return decision
  const why = (reason: string): Decision => ({ action: otherwise, reason })
  if (number === call.phone_number && task.last?.opted_out === true) {
    return why('the person does not want to be called again')
  }
  const isKnown = [call.phone_number, ...follow_up.phone_numbers].includes(number)
  return isKnown ? { ...decision, phone_number: number } : why(`${number} may not be called`)
}

function nextTask(input: FollowUpInput, decision: Decision): CallTask {
  if (decision.action !== 'call') return taskFor(input, null, 0)
  const { phone_number = input.call.phone_number, purpose = input.call.action } = decision
  const isSamePerson = phone_number === input.call.phone_number
  const spec = {
    ...input.call,
    // Both were meant for the first call.
    opening: undefined,
    callee_name: isSamePerson ? input.call.callee_name : undefined,
    phone_number,
    action: purpose,
  }
  return taskFor(input, spec, decision.wait_s ?? 0)
}

function taskFor(input: FollowUpInput, spec: CallTask['spec'], wait_s: number): CallTask {
  const { attempts, retry_after_s, give_up_after_s } = input
  const limits = { attempts, retry_after_s, give_up_after_s }
  return { spec, attempt: 0, ...limits, wait_s, last: null, refused: null, call_ids: [] }
}

export function approveFollowUpStep() {
  return createStep({
    id: 'approve-follow-up',
    inputSchema: Decided,
    outputSchema: CallTask,
    resumeSchema: Approval,
    suspendSchema: Waiting,
    execute: async ({ inputData, resumeData, suspend, ...step }) => {
      const { approval } = FollowUpInput.parse(step.getInitData())
      const { spec } = inputData.next
      const mustAsk = spec !== null && (approval === 'follow_up' || approval === 'both')
      if (!mustAsk) return inputData.next
      if (resumeData)
        return resumeData.approved ? inputData.next : { ...inputData.next, spec: null }
      const { phone_number, action: purpose } = spec
      return suspend({ waiting_for: 'approval', phone_number, purpose })
    },
  })
}

/** Reports by webhook, if there is an address, whatever was decided; and tells what came of the run. */
export function finishStep(webhook: WebhookSender, decide: ReturnType<typeof decideStep>) {
  return createStep({
    id: 'report',
    inputSchema: CallTask,
    outputSchema: FollowUpResult,
    execute: async ({ inputData: task, runId, abortSignal: signal, ...step }) => {
      const { follow_up } = FollowUpInput.parse(step.getInitData())
      const decided = Decided.parse(step.getStepResult(decide))
      const result = {
        outcome: decided.outcome,
        summary: decided.summary,
        calls: [...decided.task.call_ids, ...task.call_ids],
        decision: decided.decision,
        follow_up: task.last,
      }
      const { webhook_url: url } = follow_up
      if (url === undefined) return { ...result, webhook: null }
      const message = { id: `msg_${runId}`, url, type: 'workflow.finished', runId, data: result }
      return { ...result, webhook: await webhook.send(message, { signal }) }
    },
  })
}
