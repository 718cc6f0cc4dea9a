import { ProviderError } from '../../errors.ts'
import type {
  CloudBackend,
  CloudCallRequest,
  CloudReport,
  CloudWords,
} from '../../pipeline/cloud-backend.ts'
import type { AtomsClient } from './atoms-client.ts'
import { reportOfLog } from './atoms-status.ts'
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

  async start({ phoneNumber, variables }: CloudCallRequest): Promise<{ conversationId: string }> {
    const { client, agentId, fromProductId } = this.#options
    return client.startOutboundCall({
      agentId,
      phoneNumber,
      variables,
      ...(fromProductId !== undefined && { fromProductId }),
    })
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
