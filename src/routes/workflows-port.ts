/** How far a run of a workflow is. */
export const RUN_STATUSES = [
  'pending', // asked for, and not begun yet
  'running',
  'suspended', // it waits: for a call to end, for a time, or for a person to decide
  'waiting',
  'success',
  'failed',
  'canceled',
] as const
export type RunStatus = (typeof RUN_STATUSES)[number]

export type RunStep = {
  readonly status: string
  readonly payload?: unknown
  readonly output?: unknown
  readonly suspendPayload?: unknown
  readonly error?: string | undefined
  readonly startedAt?: Date | undefined
  readonly endedAt?: Date | undefined
}

/** A run of a workflow, as far as it is. */
export type WorkflowRun = {
  readonly runId: string
  readonly workflowId: string
  readonly status: RunStatus
  /** By the path of the step, such as `reach-person.await-call`. */
  readonly steps: Readonly<Record<string, RunStep>>
  /** Paths of the steps that wait; of a run that is `suspended`. */
  readonly suspended?: readonly (readonly string[])[]
  /** What the run waits for. */
  readonly suspendPayload?: unknown
  /** Of a run that is `success`. */
  readonly result?: unknown
  /** Of a run that is `failed`. */
  readonly error?: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** `after`: how many of the newest are known already. */
export type RunQuery = {
  readonly status?: RunStatus | undefined
  readonly limit: number
  readonly after?: number | undefined
}
/** Newest first. `nextAfter`: there are more. */
export type RunPage = { readonly runs: readonly WorkflowRun[]; readonly nextAfter?: number }

/** Something that happened in a run. `id` rises over all runs of this server, also over restarts. */
export type RunEvent = { readonly id: number; readonly type: string; readonly data: unknown }
export type RunFeedItem =
  | { readonly event: RunEvent; readonly comment?: undefined }
  | { readonly comment: string; readonly event?: undefined }

/** What the routes of workflows need to know of whoever carries them out. Its methods reject with `WorkflowError`. */
export interface WorkflowsPort {
  /** Begins a run, and returns at once. */
  start(workflowId: string, input: unknown): Promise<WorkflowRun>
  get(workflowId: string, runId: string): Promise<WorkflowRun>
  list(workflowId: string, query: RunQuery): Promise<RunPage>
  /** Goes on with a run that waits for a person or a time. @param step path of the step, when several wait */
  resume(
    workflowId: string,
    runId: string,
    answer: { readonly step?: readonly string[] | undefined; readonly data: unknown },
  ): Promise<WorkflowRun>
  /** Ends a run, and the call that it waits for. */
  cancel(workflowId: string, runId: string): Promise<WorkflowRun>
  /**
   * What happens in a run, from an event on, until it is over.
   *
   * @param options.after id of the last event that is known already; 0: from the beginning, as far as it is still there. Where
   *   something is missing, an event `run` comes first, which shows the whole run as it is.
   * @returns undefined when it is over and there is nothing more to tell
   */
  follow(
    workflowId: string,
    runId: string,
    options: { readonly after: number; readonly signal: AbortSignal },
  ): Promise<AsyncIterable<RunFeedItem> | undefined>
  /** Lets all followers go. */
  releaseFollowers(): void
}
