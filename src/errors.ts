/** The vendors and parts an error can be blamed on; also `failed_by` in a call's record. */
export type Provider = 'twilio' | 'deepgram' | 'anthropic' | 'elevenlabs' | 'smallest'

/** What went wrong with a vendor. Documented in docs/operations.md. */
export type ProviderErrorCode =
  | 'auth' // the key is wrong or lacks a permission
  | 'quota' // credits or plan are used up
  | 'rate_limited' // too many requests at once
  | 'rejected' // the vendor refused what we asked for
  | 'unavailable' // it cannot be reached, or answers 5xx
  | 'timeout' // it did not answer in time
  | 'disconnected' // the connection was lost
  | 'protocol' // it sent something that its protocol does not allow
  | 'empty' // it finished without delivering anything
  | 'call_over' // the call that it was asked to do something with has ended

const RETRYABLE: ReadonlySet<ProviderErrorCode> = new Set([
  'rate_limited',
  'unavailable',
  'timeout',
  'disconnected',
  'empty',
])

/** A vendor failed. Made once, at its adapter; `vendorCode` is the vendor's own code or HTTP status. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly provider: Provider
  readonly code: ProviderErrorCode
  readonly vendorCode: string | undefined
  /** When the vendor says that it may be asked again. */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    options: {
      provider: Provider
      code: ProviderErrorCode
      vendorCode?: string
      retryAfterMs?: number
      cause?: unknown
    },
  ) {
    super(message, { cause: options.cause })
    this.provider = options.provider
    this.code = options.code
    this.vendorCode = options.vendorCode
    this.retryAfterMs = options.retryAfterMs
  }

  get retryable(): boolean {
    return RETRYABLE.has(this.code)
  }
}

/** The environment does not make a working configuration; `problems` lists every one of them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`configuration has ${problems.length} problem(s)`)
    this.problems = problems
  }
}

export type CallErrorCode =
  | 'invalid_request' // `details` lists what is wrong with the spec
  | 'do_not_call' // the person does not want to be called
  | 'dial_not_allowed' // the number is never rung; `details` has the rule, as for the next two
  | 'dial_not_now' // it may be rung another time
  | 'dial_limit' // the key has used up what it may dial
  | 'idempotency_key_reused' // for another request than the first
  | 'request_in_progress' // the same request is being carried out elsewhere, or nobody knows what became of it
  | 'call_not_found'
  | 'call_not_live'
  | 'call_live' // what was asked for has to wait until the call is over
  | 'no_recording' // the call was not recorded, or its recording is not kept any more
  | 'too_many_feeds' // too many follow calls already
  | 'at_capacity'
  | 'dial_refused'
  | 'dial_failed'
  | 'draining'
  | 'overloaded' // the event loop is late or busy
  | 'low_memory'
  | 'vendor_down' // a vendor that every call needs is known to be broken

type CallErrorDetails = Readonly<Record<string, unknown>> | readonly unknown[]

/** A request about a call cannot be carried out; the route that answers it chooses the HTTP status. */
export class CallError extends Error {
  override readonly name = 'CallError'
  readonly code: CallErrorCode
  readonly details: CallErrorDetails

  constructor(
    message: string,
    options: { code: CallErrorCode; details?: CallErrorDetails; cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.code = options.code
    this.details = options.details ?? {}
  }
}

/** Why the store did not do what it was asked to. Documented in docs/operations.md. */
export type StoreErrorCode =
  | 'unavailable' // it is locked, full or away: the same may work later
  | 'refused' // it does not take what it was given, now or later

/** The store failed. Made once, by its engine; the message holds nothing of what was to be stored, and no password. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(message: string, options: { code: StoreErrorCode; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.code = options.code
  }
}

/** Why a run of a workflow cannot be what was asked for. Documented in docs/mastra.md. */
export type WorkflowErrorCode =
  | 'invalid_request' // `details` lists what is wrong with the input
  | 'workflow_not_found'
  | 'run_not_found'
  | 'run_not_suspended' // it waits for nothing that a person could give it

/** A request about a workflow cannot be carried out; the route that answers it chooses the HTTP status. */
export class WorkflowError extends Error {
  override readonly name = 'WorkflowError'
  readonly code: WorkflowErrorCode
  readonly details: unknown

  constructor(
    message: string,
    options: { code: WorkflowErrorCode; details?: unknown; cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.code = options.code
    this.details = options.details
  }
}
