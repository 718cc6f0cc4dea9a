import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { AgentSettings, WEBHOOK_EVENTS } from '../providers/smallest/atoms-messages.ts'
import { jsonIn } from './smallest-world.ts'

/** What a request is answered with: the `data` of the envelope, or a refusal. */
export type AtomsAnswer =
  | { readonly status: 200 | 201; readonly data?: unknown }
  | { readonly status: 400 | 404; readonly reason: string }

const MODELS = ['electron', 'gpt-4o', 'gpt-4.1', 'gpt-5.2']
const VOICES = ['waves_lightning_v3_1', 'gpt-realtime', 'gpt-realtime-mini']
const MAX_NAME_CHARS = 40

const Subscription = z.object({
  webhookId: z.string(),
  eventTypes: z.array(z.enum(WEBHOOK_EVENTS)).min(1),
})
const Webhook = z.object({ endpoint: z.url(), description: z.string() })
const KnowledgeBase = z.object({
  name: z.string().min(1).max(MAX_NAME_CHARS),
  description: z.string().optional(),
})
const KnowledgeText = z.object({ title: z.string().min(1), content: z.string().min(1) })

type Agent = Record<string, unknown> & { _id: string; name: string }
type Base = { _id: string; name: string; items: (Record<string, unknown> & { _id: string })[] }

const ok = (data?: unknown): AtomsAnswer => ({ status: 200, data })
const made = (data: unknown): AtomsAnswer => ({ status: 201, data })
const refused = (reason: string): AtomsAnswer => ({ status: 400, reason })
const unknown = (what: string): AtomsAnswer => ({ status: 404, reason: `${what} not found` })

/** What an account has set up: agents, what they know, and who is told of their calls. */
export class AtomsAccount {
  readonly #agents = new Map<string, Agent>()
  readonly #bases = new Map<string, Base>()
  readonly #webhooks = new Map<string, { _id: string; endpoint: string }>()
  readonly #subscriptions: { agentId: string; webhookId: string; events: readonly string[] }[] = []

  addAgent(agent: Agent): void {
    this.#agents.set(agent._id, agent)
  }

  agent(id: string): Agent | undefined {
    return this.#agents.get(id)
  }

  /** Texts and files that an agent knows. */
  knows(agentId: string): readonly object[] {
    const base = this.#agents.get(agentId)?.['globalKnowledgeBaseId']
    return this.#bases.get(typeof base === 'string' ? base : '')?.items ?? []
  }

  /** Where an event of an agent's call is posted. */
  endpointsFor(agentId: string, eventType: string): readonly string[] {
    return this.#subscriptions
      .filter((each) => each.agentId === agentId && each.events.includes(eventType))
      .flatMap(({ webhookId }) => this.#webhooks.get(webhookId)?.endpoint ?? [])
  }

  /** @returns undefined for a path that is none of an account's */
  answer(request: IncomingMessage, url: URL, body: Buffer): AtomsAnswer | undefined {
    const [, kind, id, ...rest] = url.pathname.replace(/^\/atoms\/v1/, '').split('/')
    const method = request.method ?? 'GET'
    if (kind === 'agent') {
      if (rest[0] === 'webhook-subscriptions') return this.#subscribe(id ?? '', body)
      return this.#agent(method, id, { body, query: url.searchParams })
    }
    if (kind === 'knowledgebase') {
      if (rest.length > 0) return this.#items(request, { id: id ?? '', rest, body })
      return this.#base(method, id, body)
    }
    return kind === 'webhook'
      ? this.#webhook(method, id, { body, query: url.searchParams })
      : undefined
  }

  #agent(
    method: string,
    id: string | undefined,
    { body, query }: { body: Buffer; query: URLSearchParams },
  ): AtomsAnswer | undefined {
    if (id === undefined && method === 'GET') return ok(this.#page(query))
    if (id === undefined) return method === 'POST' ? this.#createAgent(body) : undefined
    const agent = this.#agents.get(id)
    if (!agent) return unknown('Agent')
    if (method === 'GET') return ok(agent)
    if (method === 'DELETE') return ok(this.#agents.delete(id))
    const change = AgentSettings.partial().safeParse(jsonIn(body))
    const problem = change.success ? problemOf(change.data) : 'Invalid input'
    if (!change.success || problem !== undefined) return refused(problem ?? '')
    const base = change.data.globalKnowledgeBaseId
    if (base !== undefined && !this.#bases.has(base)) return refused('Invalid knowledge base id')
    Object.assign(agent, change.data)
    return ok(agent)
  }

  #createAgent(body: Buffer): AtomsAnswer {
    const parsed = AgentSettings.safeParse(jsonIn(body))
    const problem = parsed.success ? problemOf(parsed.data) : 'Invalid input'
    if (!parsed.success || problem !== undefined) return refused(problem ?? '')
    const agent = { ...parsed.data, _id: newId() }
    this.#agents.set(agent._id, agent)
    return made(agent._id)
  }

  #page(query: URLSearchParams): object {
    const search = query.get('search') ?? ''
    const offset = Number(query.get('offset') ?? 10)
    const first = (Number(query.get('page') ?? 1) - 1) * offset
    const found = [...this.#agents.values()].filter(({ name }) => name.includes(search))
    const agents = found.slice(first, first + offset)
    return { agents, totalCount: found.length, hasMore: first + offset < found.length }
  }

  #base(method: string, id: string | undefined, body: Buffer): AtomsAnswer | undefined {
    if (id === undefined && method === 'GET') {
      return ok([...this.#bases.values()].map(({ _id, name }) => ({ _id, name })))
    }
    if (id === undefined) {
      const parsed = KnowledgeBase.safeParse(jsonIn(body))
      if (!parsed.success) return refused('Invalid input')
      const base = { ...parsed.data, _id: newId(), items: [] }
      this.#bases.set(base._id, base)
      return made(base._id)
    }
    const base = this.#bases.get(id)
    if (!base) return unknown('Knowledge base')
    return ok(method === 'DELETE' ? this.#bases.delete(id) : { _id: base._id, name: base.name })
  }

  #items(
    request: IncomingMessage,
    { id, rest, body }: { id: string; rest: readonly string[]; body: Buffer },
  ): AtomsAnswer {
    const base = this.#bases.get(id)
    if (!base) return unknown('Knowledge base')
    const [, item] = rest
    if (item === undefined) return ok(base.items)
    if (item === 'upload-text') {
      const parsed = KnowledgeText.safeParse(jsonIn(body))
      if (!parsed.success) return refused('Invalid input')
      base.items.push({ _id: newId(), itemType: 'text', ...parsed.data })
      return made(true)
    }
    if (item === 'upload-media') {
      const file = fileIn(request, body)
      // By the name as well as by the type.
      const isPdf = file?.type === 'application/pdf' && file.name.endsWith('.pdf')
      if (!file || !isPdf) return refused('Only PDF files are supported')
      base.items.push({ _id: newId(), itemType: 'file', fileName: file.name, bytes: file.bytes })
      return made(true)
    }
    const at = base.items.findIndex(({ _id }) => _id === item)
    if (at === -1) return unknown('Knowledge base item')
    base.items.splice(at, 1)
    return ok(true)
  }

  #webhook(
    method: string,
    id: string | undefined,
    { body, query }: { body: Buffer; query: URLSearchParams },
  ): AtomsAnswer {
    if (method === 'POST') {
      const parsed = Webhook.safeParse(jsonIn(body))
      if (!parsed.success) return refused('Invalid input')
      const webhook = { ...parsed.data, _id: newId() }
      this.#webhooks.set(webhook._id, webhook)
      return made(webhook._id)
    }
    const webhook = this.#webhooks.get(id ?? query.get('webhookId') ?? '')
    if (!webhook) return unknown('Webhook')
    if (method === 'GET') return ok(webhook)
    const isAssigned = this.#subscriptions.some(({ webhookId }) => webhookId === webhook._id)
    if (isAssigned) return refused('Webhook is assigned to an agent')
    return ok(this.#webhooks.delete(webhook._id))
  }

  #subscribe(agentId: string, body: Buffer): AtomsAnswer {
    const parsed = Subscription.safeParse(jsonIn(body))
    if (!parsed.success) return refused('Invalid input')
    if (!this.#agents.has(agentId)) return unknown('Agent')
    const { webhookId, eventTypes: events } = parsed.data
    if (!this.#webhooks.has(webhookId)) return unknown('Webhook')
    this.#subscriptions.push({ agentId, webhookId, events })
    return made(true)
  }
}

function problemOf({
  slmModel,
  synthesizer,
}: Pick<AgentSettings, 'slmModel' | 'synthesizer'>): string | undefined {
  if (slmModel !== undefined && !MODELS.includes(slmModel)) return 'Invalid slmModel'
  const model = synthesizer?.voiceConfig?.model
  return model === undefined || VOICES.includes(model) ? undefined : 'Invalid voice model'
}

/** The file of a form that holds one. */
function fileIn(
  request: IncomingMessage,
  body: Buffer,
): { name: string; type: string; bytes: number } | undefined {
  const boundary = /^multipart\/form-data; *boundary=(.+)$/.exec(
    request.headers['content-type'] ?? '',
  )?.[1]
  if (boundary === undefined) return undefined
  const text = body.toString('latin1')
  const [, name = '', type = ''] =
    /name="media"; filename="([^"]*)"\r\ncontent-type: *(\S+)/i.exec(text) ?? []
  const begin = text.indexOf('\r\n\r\n') + 4
  const end = text.indexOf(`\r\n--${boundary}--`)
  return name === '' || end < begin ? undefined : { name, type, bytes: end - begin }
}

/** As MongoDB makes them. */
export function newId(): string {
  return randomBytes(12).toString('hex')
}
