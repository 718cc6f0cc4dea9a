import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { ClaudeApiError } from './claude-errors.ts'
import { CLAUDE_KNOBS, type ClaudeKnobs } from './claude-knobs.ts'
import { CLAUDE_MODELS, modelInfo } from './claude-models.ts'
import { ClaudeAnswers } from './claude-answers.ts'
import type { ClaudeEvent, RecordedRequest } from './claude-record.ts'
import type { ClaudeScript } from './claude-reply.ts'
import { listenOnLoopback } from './loopback.ts'
import type { Violations } from './violations.ts'

export type { ClaudeEvent, RecordedRequest } from './claude-record.ts'
export type { ClaudeFault, ClaudeKnobs } from './claude-knobs.ts'
export type { ClaudeScript } from './claude-reply.ts'

export type ClaudeOptions = {
  readonly clock: Clock
  readonly violations: Violations
  readonly apiKey: string
  readonly scripts: readonly ClaudeScript[]
  readonly knobs?: Partial<ClaudeKnobs>
  readonly port?: number
  readonly on?: (event: ClaudeEvent) => void
}

export type SimulatedClaude = {
  readonly url: string
  readonly knobs: ClaudeKnobs
  /** The last thousand requests for a message, oldest first. */
  requests(): readonly RecordedRequest[]
  close(): Promise<void>
}

/** Larger bodies are refused before they are read whole. */
const MAX_BODY_BYTES = 32 * 1024 * 1024

/**
 * Claude's API on loopback, as strict as the real one: `POST /v1/messages`, streamed or not, and `GET /v1/models`. Whatever
 * the real one would refuse is refused, and recorded as a violation.
 */
export async function startClaude(options: ClaudeOptions): Promise<SimulatedClaude> {
  const knobs: ClaudeKnobs = { ...CLAUDE_KNOBS, ...options.knobs }
  const answers = new ClaudeAnswers({ ...options, knobs })
  const tasks = new Set<Promise<void>>()
  let served = 0
  const loopback = await listenOnLoopback((request, response) => {
    const id = `req_${String(++served).padStart(12, '0')}`
    const task = serve(request, response, id)
    tasks.add(task)
    void task.then(() => tasks.delete(task))
  }, options.port)

  async function serve(request: IncomingMessage, response: ServerResponse, id: string) {
    response.setHeader('request-id', id)
    try {
      await route(request, response)
    } catch (error) {
      if (response.destroyed) return
      const refusal =
        error instanceof ClaudeApiError ? error : new ClaudeApiError(500, String(error))
      options.violations.add('anthropic', `refused with ${refusal.status}`, refusal.message)
      sendJson(response, refusal.status, { ...refusal.body, request_id: id })
    }
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://loopback').pathname
    checkKey(request, options.apiKey)
    const version = request.headers['anthropic-version']
    if (typeof version !== 'string') {
      throw new ClaudeApiError(400, 'anthropic-version: header is required')
    }
    if (request.method === 'POST' && path === '/v1/messages') {
      await answers.answer(response, await bodyOf(request), version)
      return
    }
    const answer = request.method === 'GET' ? modelsAt(path) : undefined
    if (answer === undefined) throw new ClaudeApiError(404, `${path}: Not found`)
    sendJson(response, 200, answer)
  }

  return {
    url: loopback.url,
    knobs,
    requests: () => answers.requests,
    close: async () => {
      await loopback.close()
      await Promise.all(tasks)
    },
  }
}

/** Both styles of the key are in use: the SDK sends a bearer token, older clients `x-api-key`. */
function checkKey({ headers }: IncomingMessage, apiKey: string): void {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
  const given = bearer ?? headers['x-api-key']
  if (given === undefined) {
    throw new ClaudeApiError(401, 'x-api-key header or Authorization bearer token is required')
  }
  if (given !== apiKey) throw new ClaudeApiError(401, 'invalid x-api-key')
}

function modelsAt(path: string): object | undefined {
  const models = CLAUDE_MODELS.map(modelInfo)
  if (path === '/v1/models') {
    const ids = CLAUDE_MODELS.map(({ id }) => id)
    return { data: models, has_more: false, first_id: ids[0], last_id: ids.at(-1) }
  }
  return models[CLAUDE_MODELS.findIndex(({ id }) => path === `/v1/models/${id}`)]
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > MAX_BODY_BYTES) throw new ClaudeApiError(413, 'Request exceeds the maximum size')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
