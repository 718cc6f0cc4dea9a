import { ProviderError } from '../../errors.ts'
import type {
  CloudBackend,
  CloudCallRequest,
  CloudReport,
  CloudStatus,
  CloudWords,
} from '../../pipeline/cloud-backend.ts'
import type { AtomsClient } from './atoms-client.ts'
import { reportOfLog, statusOf } from './atoms-status.ts'
import { failure } from './failure.ts'

export type AtomsBackendOptions = {
  readonly client: AtomsClient
  readonly agentId: string
  /** The number to call from; without one, the agent's. */
  readonly fromProductId: string | undefined
}

/** Calls that an agent of Atoms carries. */
export class AtomsBackend implements CloudBackend {
  readonly #options: AtomsBackendOptions

  constructor(options: AtomsBackendOptions) {
    this.#options = options
  }

  async start(request: CloudCallRequest): Promise<{ conversationId: string }> {
    const { client, agentId, fromProductId } = this.#options
    try {
      return await client.startOutboundCall({
        ...request,
        agentId,
        ...(fromProductId !== undefined && { fromProductId }),
      })
    } catch (error) {
      const started = isUnclear(error) ? await this.#findStarted(request) : undefined
      if (started === undefined) throw error
      return { conversationId: started }
    }
  }

  /** A call that rings although its answer was lost: with this number and these words, and not over. */
  async #findStarted({ phoneNumber, variables }: CloudCallRequest): Promise<string | undefined> {
    const { client, agentId } = this.#options
    try {
      const { logs } = await client.getConversations({ agentId })
      return logs.find(({ status, to, variables: its = {} }) => {
        const isOver = OVER.has(statusOf(status) ?? 'queued')
        return !isOver && to === phoneNumber && isSame(its, variables)
      })?.callId
    } catch {
      // What went wrong before is told.
      return undefined
    }
  }

  async look(conversationId: string, { signal }: { signal: AbortSignal }): Promise<CloudReport> {
    return reportOfLog(await this.#options.client.getConversationLogs(conversationId, { signal }))
  }

  async cancel(conversationId: string): Promise<void> {
    try {
      await this.#options.client.cancelConversation(conversationId)
    } catch (error) {
      // Of a call that it knows, Atoms refuses nothing else.
      const isOver = error instanceof ProviderError && error.vendorCode === '400'
      throw isOver ? failure('call_over', 'the call is over', { cause: error }) : error
    }
  }

  async *follow(
    conversationId: string,
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<CloudWords> {
    const events = this.#options.client.subscribeToLiveEvents(conversationId, { signal })
    for await (const { user_transcription_text, tts_text, timestamp } of events) {
      const text = user_transcription_text ?? tts_text
      if (text === undefined) continue
      const at = timestamp === undefined ? undefined : new Date(timestamp)
      const role = tts_text === undefined ? 'caller' : 'agent'
      yield { role, text, ...(at && !Number.isNaN(at.getTime()) && { at }) }
    }
  }
}

const OVER: ReadonlySet<CloudStatus> = new Set([
  'completed',
  'no_answer',
  'busy',
  'canceled',
  'failed',
])

/** Whether the call may have been started all the same. */
function isUnclear(error: unknown): boolean {
  return error instanceof ProviderError && error.retryable && error.code !== 'rate_limited'
}

/** The platform adds variables of its own. */
function isSame(
  its: Readonly<Record<string, unknown>>,
  ours: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(ours).every(([name, value]) => its[name] === value)
}
