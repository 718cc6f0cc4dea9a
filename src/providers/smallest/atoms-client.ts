import { FormData } from 'undici'
import { z } from 'zod'
import {
  Agent,
  AgentPage,
  type AgentSettings,
  ConversationLog,
  ConversationLogs,
  Envelope,
  KnowledgeBase,
  KnowledgeItem,
  LiveEvent,
  type OutboundCall,
  StartedCall,
  type WEBHOOK_EVENTS,
  type WebhookSettings,
} from './atoms-messages.ts'
import { failure } from './failure.ts'
import { parseJson } from './json.ts'
import { dataOfEvents } from './server-sent-events.ts'
import { SmallestHttp, type SmallestHttpOptions, type SmallestRequest } from './smallest-http.ts'

type Asked = { readonly signal?: AbortSignal }

/** Atoms refuses a longer one. */
const MAX_KNOWLEDGE_BASE_NAME_CHARS = 40
const MAX_SEARCHED = 100

/**
 * Smallest.ai's Atoms: voice agents that run in their cloud. The methods have the names of the vendor's Node SDK, the endpoints
 * are those of today's API. Nothing that rings a phone, or makes something, is ever sent twice.
 */
export class AtomsClient {
  readonly #http: SmallestHttp

  constructor(options: SmallestHttpOptions) {
    this.#http = new SmallestHttp(options)
  }

  /** The call is queued by then; whether anybody answers is told later. */
  startOutboundCall(call: OutboundCall, { signal }: Asked = {}): Promise<StartedCall> {
    return this.#json(StartedCall, post('/conversation/outbound', call, signal))
  }

  /** One call, with its transcript as far as there is one. */
  getConversationLogs(callId: string, { signal }: Asked = {}): Promise<ConversationLog> {
    return this.#json(ConversationLog, get(`/conversation/${encodeURIComponent(callId)}`, signal))
  }

  /** @param query `page` counts from 1; `offset`: how many on a page */
  getConversations(
    query: { readonly page?: number; readonly offset?: number; readonly agentId?: string } = {},
    { signal }: Asked = {},
  ): Promise<ConversationLogs> {
    return this.#json(ConversationLogs, { ...get('/conversation', signal), query })
  }

  /** @param callIds 100 at most */
  async searchConversations(
    callIds: readonly string[],
    { signal }: Asked = {},
  ): Promise<ConversationLogs> {
    if (callIds.length > MAX_SEARCHED) throw refused(`more than ${MAX_SEARCHED} calls asked for`)
    return this.#json(ConversationLogs, {
      ...post('/conversation/search', { callIds }, signal),
      isRepeatable: true,
    })
  }

  /** Ends a call that is queued or goes on. One that is over is refused with 400. */
  async cancelConversation(callId: string, { signal }: Asked = {}): Promise<void> {
    await this.#data({ ...post('/conversation/cancel', { callId }, signal), isRepeatable: true })
  }

  /** What happens in a call, as it happens, until it is over. A call that is over already is refused with 400. */
  async *subscribeToLiveEvents(callId: string, { signal }: Asked = {}): AsyncGenerator<LiveEvent> {
    const events = this.#http.stream({
      ...get('/events', signal),
      query: { callId },
      headers: { accept: 'text/event-stream' },
    })
    for await (const data of dataOfEvents(events)) {
      const event = LiveEvent.safeParse(parseJson(data))
      if (!event.success) continue
      yield event.data
      if (event.data.event_type === 'sse_close') return
    }
  }

  /** @returns the agent's id */
  createAgent(agent: AgentSettings, { signal }: Asked = {}): Promise<string> {
    return this.#json(z.string(), post('/agent', agent, signal))
  }

  getAgents(
    page?: number,
    offset?: number,
    search?: string,
    { signal }: Asked = {},
  ): Promise<AgentPage> {
    return this.#json(AgentPage, { ...get('/agent', signal), query: { page, offset, search } })
  }

  getAgentById(id: string, { signal }: Asked = {}): Promise<Agent> {
    return this.#json(Agent, get(`/agent/${encodeURIComponent(id)}`, signal))
  }

  async updateAgent(id: string, change: Partial<AgentSettings>, asked: Asked = {}): Promise<void> {
    await this.#data({
      ...asked,
      method: 'PATCH',
      path: `/agent/${encodeURIComponent(id)}`,
      body: change,
      isRepeatable: true,
    })
  }

  async deleteAgent(id: string, asked: Asked = {}): Promise<void> {
    await this.#data(remove(`/agent/${encodeURIComponent(id)}`, asked))
  }

  /** @returns the knowledge base's id */
  async createKnowledgeBase(
    base: { readonly name: string; readonly description?: string },
    { signal }: Asked = {},
  ): Promise<string> {
    if (base.name.length > MAX_KNOWLEDGE_BASE_NAME_CHARS) {
      throw refused(`a name of more than ${MAX_KNOWLEDGE_BASE_NAME_CHARS} characters`)
    }
    return this.#json(z.string(), post('/knowledgebase', base, signal))
  }

  getKnowledgeBases({ signal }: Asked = {}): Promise<readonly KnowledgeBase[]> {
    return this.#json(z.array(KnowledgeBase), get('/knowledgebase', signal))
  }

  getKnowledgeBaseById(id: string, { signal }: Asked = {}): Promise<KnowledgeBase> {
    return this.#json(KnowledgeBase, get(knowledge(id), signal))
  }

  getKnowledgeBaseItems(id: string, { signal }: Asked = {}): Promise<readonly KnowledgeItem[]> {
    return this.#json(z.array(KnowledgeItem), get(`${knowledge(id)}/items`, signal))
  }

  /** @param pdf nothing else is taken; the file has a name and the type `application/pdf` for that */
  async uploadMediaToKnowledgeBase(
    id: string,
    pdf: { readonly name: string; readonly bytes: Uint8Array },
    { signal }: Asked = {},
  ): Promise<void> {
    const form = new FormData()
    // A copy: what was given may be a view of a larger memory.
    form.set('media', new File([Uint8Array.from(pdf.bytes)], pdf.name, { type: 'application/pdf' }))
    await this.#data(post(`${knowledge(id)}/items/upload-media`, form, signal))
  }

  async uploadTextToKnowledgeBase(
    id: string,
    text: { readonly title: string; readonly content: string },
    { signal }: Asked = {},
  ): Promise<void> {
    await this.#data(post(`${knowledge(id)}/items/upload-text`, text, signal))
  }

  /** From its next call on the agent knows what is in the knowledge base. */
  async attachKnowledgeBase(agentId: string, id: string, asked: Asked = {}): Promise<void> {
    await this.updateAgent(agentId, { globalKnowledgeBaseId: id }, asked)
  }

  async deleteKnowledgeBaseItem(id: string, itemId: string, asked: Asked = {}): Promise<void> {
    await this.#data(remove(`${knowledge(id)}/items/${encodeURIComponent(itemId)}`, asked))
  }

  async deleteKnowledgeBase(id: string, asked: Asked = {}): Promise<void> {
    await this.#data(remove(knowledge(id), asked))
  }

  /** @returns the webhook's id */
  createWebhook(webhook: WebhookSettings, { signal }: Asked = {}): Promise<string> {
    return this.#json(z.string(), post('/webhook', webhook, signal))
  }

  /** One that an agent still reports to is refused with 400. */
  async deleteWebhook(id: string, asked: Asked = {}): Promise<void> {
    await this.#data(remove(`/webhook/${encodeURIComponent(id)}`, asked))
  }

  /** The agent's calls are reported to the webhook. */
  async subscribeAgent(
    agentId: string,
    subscription: {
      readonly webhookId: string
      readonly eventTypes: readonly (typeof WEBHOOK_EVENTS)[number][]
    },
    { signal }: Asked = {},
  ): Promise<void> {
    const path = `/agent/${encodeURIComponent(agentId)}/webhook-subscriptions`
    await this.#data(post(path, subscription, signal))
  }

  /** Ends what is still going on. */
  async close(): Promise<void> {
    await this.#http.close()
  }

  async #json<Schema extends z.ZodType>(
    schema: Schema,
    asked: SmallestRequest,
  ): Promise<z.output<Schema>> {
    const parsed = schema.safeParse(await this.#data(asked))
    if (parsed.success) return parsed.data
    throw failure('protocol', `${asked.method} ${pathOf(asked)}: an answer of another shape`)
  }

  async #data(asked: SmallestRequest): Promise<unknown> {
    const text = new TextDecoder().decode(await this.#http.bytes(asked))
    return Envelope.safeParse(parseJson(text)).data?.data
  }
}

function get(path: string, signal: AbortSignal | undefined): SmallestRequest {
  return { method: 'GET', path, isRepeatable: true, ...(signal && { signal }) }
}

function post(
  path: string,
  body: object | FormData,
  signal: AbortSignal | undefined,
): SmallestRequest {
  return { method: 'POST', path, body, ...(signal && { signal }) }
}

/** What is deleted already is not found: that is an error like any other. */
function remove(path: string, asked: Asked): SmallestRequest {
  return { ...asked, method: 'DELETE', path }
}

function knowledge(id: string): string {
  return `/knowledgebase/${encodeURIComponent(id)}`
}

/** Without ids: they may be anything that somebody has sent. */
function pathOf({ path }: SmallestRequest): string {
  return path.split('/').slice(0, 2).join('/')
}

function refused(why: string) {
  return failure('rejected', why)
}
