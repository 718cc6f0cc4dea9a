import { createWorkflow } from '@mastra/core/workflows'
import { attemptWorkflow, type CallStepsParts, isSettled } from './call-steps.ts'
import { CallTask, FollowUpInput, FollowUpResult } from './follow-up-schemas.ts'
import {
  approveCallStep,
  approveFollowUpStep,
  decideStep,
  finishStep,
  type FollowUpJudge,
  summariseStep,
} from './follow-up-steps.ts'
import type { WebhookSender } from './follow-up-webhook.ts'

export const CALL_AND_FOLLOW_UP = 'call-and-follow-up'

/**
 * Calls somebody, again if need be, and does what follows from it: place the call → wait until it is over → summarise → decide →
 * call again, report, or nothing. Every wait (for approval, for a call, for the time of the next attempt) is a suspended step,
 * so a run outlives the process.
 */
export function followUpWorkflow(
  parts: CallStepsParts & { readonly judge: FollowUpJudge; readonly webhook: WebhookSender },
) {
  const decide = decideStep(parts.judge)
  return createWorkflow({
    id: CALL_AND_FOLLOW_UP,
    description: 'Calls somebody until they are reached, and does what follows from the call',
    inputSchema: FollowUpInput,
    outputSchema: FollowUpResult,
    // What was interrupted is taken up by whoever knows the calls (workflow-runs.ts).
    options: { autoRestartActiveRuns: false },
  })
    .then(approveCallStep())
    .dountil(attemptWorkflow('reach-person', parts), ({ inputData }) =>
      Promise.resolve(isSettled(CallTask.parse(inputData))),
    )
    .then(summariseStep())
    .then(decide)
    .then(approveFollowUpStep())
    .dountil(attemptWorkflow('follow-up-call', parts), ({ inputData }) =>
      Promise.resolve(isSettled(CallTask.parse(inputData))),
    )
    .then(finishStep(parts.webhook, decide))
    .commit()
}
