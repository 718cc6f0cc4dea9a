/**
 * A service that carries whole calls by itself: it rings, hears, thinks and speaks, and tells what was said. What is here is all
 * that is known of it; errors are `ProviderError`s.
 */
export interface CloudBackend {
  /** @returns the service's id of the call, which is on its way by then; never tried twice */
  start(request: CloudCallRequest): Promise<{ readonly conversationId: string }>
  /** How far a call is. `rejected` when there is no such call. */
  look(conversationId: string, options: { signal: AbortSignal }): Promise<CloudReport>
  /** Ends a call that waits or goes on; `call_over` when it is over already. */
  cancel(conversationId: string): Promise<void>
  /** What is said, as it is said, until the call is over. */
  follow(conversationId: string, options: { signal: AbortSignal }): AsyncIterable<CloudWords>
}

export type CloudCallRequest = {
  /** E.164 */
  readonly phoneNumber: string
  /** What the service's agent is told of this call. */
  readonly variables: Readonly<Record<string, string>>
}

export type CloudWords = {
  readonly role: 'agent' | 'caller'
  readonly text: string
  readonly at?: Date
  /** Milliseconds since the answer, where that is how the service tells times. */
  readonly offsetMs?: number
}

export type CloudStatus =
  'queued' | 'ringing' | 'in_progress' | 'completed' | 'no_answer' | 'busy' | 'canceled' | 'failed'

/** What is known of a call; what is absent was not told. Reports come in any order, late, and more than once. */
export type CloudReport = {
  readonly status?: CloudStatus
  readonly answeredAt?: Date
  readonly endedAt?: Date
  readonly durationS?: number
  /** All that was said. */
  readonly words?: readonly CloudWords[]
  /** Why it failed, in the service's own words. */
  readonly reason?: string
}
