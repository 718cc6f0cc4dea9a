import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { OutboundCall } from '../providers/smallest/atoms-messages.ts'
import { AtomsAccount, type AtomsAnswer } from './atoms-agents.ts'
import { AtomsCall } from './atoms-call.ts'
import { AtomsWebhooks } from './atoms-webhooks.ts'
import type { Scenario } from './scenario.ts'
import { anybody } from './scenarios/anybody.ts'
import { atomsRefusal, bodyOf, jsonIn, sendJson, type SmallestWorld } from './smallest-world.ts'

const OBJECT_ID = /^[0-9a-f]{24}$/
const E164 = /^\+[1-9]\d{6,14}$/
/** Set by the platform: a caller that sets them does not get what it wants. */
const RESERVED = new Set(
  'call_id user_number agent_number conversation_type current_date current_time current_day timezone agent_gender default_language supported_languages'.split(
    ' ',
  ),
)
const FROM = '+15005550007'
const MAX_SEARCHED = 100

/** The number that there is to call from. */
export const PRODUCT_ID = 'b'.repeat(24)

const Search = z.object({ callIds: z.array(z.string()).max(MAX_SEARCHED) })
const Cancel = z.object({ callId: z.string(), reason: z.string().optional() })

export type AtomsOptions = {
  readonly world: SmallestWorld
  readonly scenarios: readonly Scenario[]
  readonly webhookSecret: string
  /** Where a public url is really dialled. */
  readonly dialled: (url: string) => string
  /** The agent that there is, and where its calls are reported. */
  readonly agentId: string
  readonly webhookUrl: string
}

/** The Atoms API: calls that it carries by itself, with agents that it keeps. */
export class Atoms {
  readonly account = new AtomsAccount()
  readonly webhooks: AtomsWebhooks
  readonly #options: AtomsOptions
  readonly #calls: AtomsCall[] = []

  constructor(options: AtomsOptions) {
    this.#options = options
    this.webhooks = new AtomsWebhooks({ ...options, secret: options.webhookSecret })
    this.account.addAgent({ _id: options.agentId, name: 'demo' })
  }

  get calls(): readonly AtomsCall[] {
    return this.#calls
  }

  /** @param path without the query */
  async answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const status = this.#options.world.refusalOf(request, path)
    if (status !== undefined) {
      sendJson(response, status, atomsRefusal(status))
      return
    }
    const url = new URL(request.url ?? '/', 'http://loopback')
    if (request.method === 'GET' && path === '/atoms/v1/events') {
      this.#follow(response, url.searchParams.get('callId'))
      return
    }
    const body = await bodyOf(request)
    const answer = path.startsWith('/atoms/v1/conversation')
      ? this.#conversation(request.method ?? '', path.slice('/atoms/v1/conversation'.length), body)
      : this.account.answer(request, url, body)
    if (path.endsWith('/outbound') && this.#options.world.knobs.losesStart) response.destroy()
    else if (answer === undefined) sendJson(response, 404, atomsRefusal(404))
    else if ('reason' in answer)
      sendJson(response, answer.status, atomsRefusal(answer.status, answer.reason))
    else if (answer.status === 'limited') sendJson(response, 429, atomsRefusal(429))
    else sendJson(response, answer.status, { status: true, data: answer.data })
  }

  #conversation(
    method: string,
    rest: string,
    body: Buffer,
  ): AtomsAnswer | { readonly status: 'limited' } | undefined {
    if (method === 'POST' && rest === '/outbound') return this.#start(body)
    if (method === 'POST' && rest === '/cancel') {
      const parsed = Cancel.safeParse(jsonIn(body))
      return parsed.success
        ? this.#cancel(parsed.data.callId)
        : { status: 400, reason: 'Invalid input' }
    }
    if (method === 'POST' && rest === '/search') {
      const parsed = Search.safeParse(jsonIn(body))
      if (!parsed.success) return { status: 400, reason: 'Invalid input' }
      const { callIds } = parsed.data
      const logs = this.#calls.filter(({ callId }) => callIds.includes(callId))
      return listOf(logs, { requestedCount: callIds.length })
    }
    if (method !== 'GET') return undefined
    if (rest === '') return listOf(this.#calls, {})
    const call = this.#find(rest.slice(1))
    return call
      ? { status: 200, data: call.log() }
      : { status: 404, reason: 'No conversation found' }
  }

  #start(body: Buffer): AtomsAnswer | { readonly status: 'limited' } {
    const { world, scenarios } = this.#options
    const parsed = OutboundCall.safeParse(jsonIn(body))
    const problem = parsed.success ? this.#problemOf(parsed.data) : 'Invalid input'
    if (!parsed.success || problem !== undefined) {
      world.violation('call refused', problem)
      return { status: 400, reason: problem ?? 'Invalid input' }
    }
    const live = this.#calls.filter(({ isOver }) => !isOver).length
    if (live >= world.knobs.maxCalls) return { status: 'limited' }
    const { phoneNumber } = parsed.data
    const scenario = scenarios.find(({ call }) => call.phone_number === phoneNumber) ?? anybody
    const call = new AtomsCall({
      asked: parsed.data,
      from: FROM,
      scenario,
      world,
      report: async (report) => {
        const { agentId, eventType } = report
        const own = agentId === this.#options.agentId ? [this.#options.webhookUrl] : []
        const endpoints = [...own, ...this.account.endpointsFor(agentId, eventType)]
        for (const url of endpoints) await this.webhooks.send(url, report)
      },
    })
    this.#calls.push(call)
    return { status: 200, data: { conversationId: call.callId } }
  }

  #problemOf({ agentId, phoneNumber, variables = {}, fromProductId }: OutboundCall) {
    if (!OBJECT_ID.test(agentId)) return 'Invalid agent id'
    if (!E164.test(phoneNumber)) return 'Invalid phone number'
    if (fromProductId !== undefined && fromProductId !== PRODUCT_ID) return 'Invalid product id'
    const agent = this.account.agent(agentId)
    if (!agent) return 'Agent not found'
    if (agent['archived'] === true) return 'Agent is archived and cannot initiate calls'
    const reserved = Object.keys(variables).find((name) => RESERVED.has(name))
    return reserved === undefined ? undefined : `Reserved variable ${reserved}`
  }

  #cancel(callId: string): AtomsAnswer {
    const call = this.#find(callId)
    if (!call) return { status: 404, reason: 'No conversation found' }
    if (call.isOver || call.status === 'processing') {
      return { status: 400, reason: `Conversation with ID ${callId} is already over` }
    }
    call.cancel()
    return { status: 200, data: { callId } }
  }

  #follow(response: ServerResponse, callId: string | null): void {
    const call = this.#find(callId ?? '')
    if (!call) {
      sendJson(response, 404, atomsRefusal(404, 'Call not found'))
      return
    }
    if (call.isOver) {
      sendJson(response, 400, atomsRefusal(400, 'Call is not active'))
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.on(
      'close',
      call.follow((event) => {
        response.write(`data: ${JSON.stringify(event)}\n\n`)
        if ('event_type' in event && event.event_type === 'sse_close') response.end()
      }),
    )
  }

  #find(callId: string): AtomsCall | undefined {
    return this.#calls.find((call) => call.callId === decodeURIComponent(callId))
  }
}

function listOf(calls: readonly AtomsCall[], rest: object): AtomsAnswer {
  const logs = calls.map((call) => call.log())
  return { status: 200, data: { logs, total: logs.length, ...rest } }
}
