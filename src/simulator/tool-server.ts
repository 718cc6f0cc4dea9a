import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Clock } from '../clock.ts'
import { listenOnLoopback } from './loopback.ts'

/** What an endpoint answers: 200 and `{}` at once, unless it says otherwise. */
export type ToolAnswer = {
  readonly status?: number
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown
  /** Default: `application/json`, for a string `text/plain`. */
  readonly contentType?: string
  readonly delayMs?: number
  /** Never answers. */
  readonly hang?: true
  /** Resets the connection, after `delayMs`. */
  readonly drop?: true
}

/** Answers by path. Of several, each request takes the next one, and the last one stays. */
export type ToolRoutes = Readonly<Record<string, ToolAnswer | readonly ToolAnswer[]>>

export type ToolRequest = {
  /** When all of it was there, on the simulator's clock. */
  readonly atMs: number
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<IncomingHttpHeaders>
  /** Parsed, if it is JSON; otherwise the text, and undefined when there is none. */
  readonly body: unknown
}

/** The HTTP endpoints of a user's tools, on loopback. */
export type SimulatedTools = {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** Oldest first. */
  requests(): readonly ToolRequest[]
  close(): Promise<void>
}

/** Starts endpoints that answer by script; a path without one is not found. */
export async function startToolServer(options: {
  clock: Clock
  routes: ToolRoutes
  port?: number
}): Promise<SimulatedTools> {
  const { clock, routes } = options
  const requests: ToolRequest[] = []
  const closing = new AbortController()
  const underway = new Set<Promise<void>>()

  const answerTo = (path: string): ToolAnswer => {
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined
    if (route === undefined) return { status: 404, body: { error: 'not found' } }
    const answers = asList(route)
    const before = requests.filter((request) => request.path === path).length - 1
    return answers[Math.min(before, answers.length - 1)] ?? {}
  }

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const received = await read(request, clock)
    requests.push(received)
    const answer = answerTo(received.path)
    const gone = new AbortController()
    response.once('close', () => {
      gone.abort(new Error('the connection is gone'))
    })
    const signal = AbortSignal.any([closing.signal, gone.signal])
    await clock.sleep(answer.delayMs ?? 0, { signal })
    send(response, answer)
  }

  const loopback = await listenOnLoopback((request, response) => {
    const task = serve(request, response).catch(() => {
      // The client has left, or the server is closed: nobody waits for the answer.
      response.destroy()
    })
    underway.add(task)
    void task.then(() => underway.delete(task))
  }, options.port)

  return {
    url: loopback.url,
    requests: () => requests,
    close: async () => {
      closing.abort(new Error('the simulator is closed'))
      await loopback.close()
      await Promise.all(underway)
    },
  }
}

/** The host that scenarios write where the tool server is meant. */
const PLACEHOLDER = 'http://tools.test'

/** A call's body with the urls of its tools led to the tool server at `url`; nothing else of it changes. */
export function withToolServer<Call extends Readonly<Record<string, unknown>>>(
  call: Call,
  url: string,
): Call {
  const tools: unknown = call['tools']
  if (!Array.isArray(tools)) return call
  return { ...call, tools: tools.map((tool: unknown) => led(tool, url)) }
}

function led(tool: unknown, url: string): unknown {
  if (typeof tool !== 'object' || tool === null || !('url' in tool)) return tool
  if (typeof tool.url !== 'string' || !/^http:\/\/tools\.test(?=[/?]|$)/.test(tool.url)) return tool
  return { ...tool, url: url + tool.url.slice(PLACEHOLDER.length) }
}

function asList(route: ToolAnswer | readonly ToolAnswer[]): readonly ToolAnswer[] {
  return 'length' in route ? route : [route]
}

async function read(request: IncomingMessage, clock: Clock): Promise<ToolRequest> {
  const body = await text(request)
  const url = new URL(request.url ?? '/', 'http://tools')
  return {
    atMs: clock.now(),
    method: request.method ?? '',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: request.headers,
    body: body === '' ? undefined : parsed(body),
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

function send(response: ServerResponse, answer: ToolAnswer): void {
  if (answer.hang) return
  if (answer.drop) {
    response.socket?.resetAndDestroy()
    return
  }
  const { status = 200, body = {} } = answer
  const isText = typeof body === 'string'
  const contentType = answer.contentType ?? (isText ? 'text/plain' : 'application/json')
  response.writeHead(status, { 'content-type': contentType })
  response.end(isText ? body : JSON.stringify(body))
}
