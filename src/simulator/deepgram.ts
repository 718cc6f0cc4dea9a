import { randomUUID } from 'node:crypto'
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../clock.ts'
import { FluxEndpoint } from './deepgram-flux.ts'
import { type DeepgramKnobs, usualDeepgram } from './deepgram-knobs.ts'
import { NovaEndpoint } from './deepgram-nova.ts'
import { readFluxParameters, readNovaParameters } from './deepgram-parameters.ts'
import { invalidAuth, notFound, type Refusal, refusalWith } from './deepgram-refusals.ts'
import { type DeepgramEvent, DeepgramSession, type Endpoint } from './deepgram-session.ts'
import { readSpeakParameters, SpeakEndpoint } from './deepgram-speak.ts'
import { listenOnLoopback } from './loopback.ts'
import type { Violations } from './violations.ts'

export type { DeepgramEvent, DeepgramKnobs }

export type SimulatedDeepgram = {
  /** `ws://127.0.0.1:PORT` */
  readonly url: string
  /** May be changed at any time; connections that are open follow. */
  readonly knobs: DeepgramKnobs
  /** Connections open now. */
  connections(): number
  /** Connections accepted since the start. */
  total(): number
  /** What each of them asked for, path and query, oldest first; the last thousand. */
  asked(): readonly URL[]
  /** Cuts every connection. */
  close(): Promise<void>
}

export type DeepgramOptions = {
  readonly clock: Clock
  readonly violations: Violations
  readonly apiKey: string
  readonly knobs?: Partial<DeepgramKnobs>
  readonly port?: number
  readonly on?: (event: DeepgramEvent) => void
}

/** Deepgram's streaming endpoints on loopback. What they hear is decoded from the audio they are sent, and nothing else. */
export async function startDeepgram(options: DeepgramOptions): Promise<SimulatedDeepgram> {
  const knobs: DeepgramKnobs = { ...usualDeepgram, ...options.knobs }
  const upgrades = new Upgrades({ ...options, knobs })
  const loopback = await listenOnLoopback((_request, response) => {
    response.writeHead(404, { 'content-type': 'application/json' })
    response.end(bodyOf(notFound, randomUUID()))
  }, options.port)
  loopback.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgrades.take(request, socket, head)
  })
  return {
    url: loopback.url.replace(/^http/, 'ws'),
    knobs,
    connections: () => upgrades.open,
    total: () => upgrades.total,
    asked: () => upgrades.asked,
    close: async () => {
      upgrades.cutAll()
      await loopback.close()
    },
  }
}

const MAX_KEPT = 1000

function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', 'ws://127.0.0.1')
}

type UpgradeOptions = DeepgramOptions & { readonly knobs: DeepgramKnobs }
type MakeEndpoint = (session: DeepgramSession) => Endpoint

/** Lets clients in, or tells them why not. */
class Upgrades {
  readonly #options: UpgradeOptions
  /** Every socket on which an upgrade was asked for, as no HTTP server knows them any more. */
  readonly #sockets = new Set<Duplex>()
  readonly #requestIds = new WeakMap<IncomingMessage, string>()
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // Of `token, KEY` the scheme is echoed.
    handleProtocols: ([scheme]) => scheme ?? false,
  })
  #total = 0
  readonly #asked: URL[] = []

  constructor(options: UpgradeOptions) {
    this.#options = options
    this.#server.on('headers', (headers, request) => {
      headers.push(`dg-request-id: ${this.#requestIds.get(request) ?? ''}`)
    })
  }

  get open(): number {
    return this.#server.clients.size
  }

  get total(): number {
    return this.#total
  }

  get asked(): readonly URL[] {
    return this.#asked
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    // A client that goes away in the middle of it is its own affair.
    socket.on('error', () => socket.destroy())
    const { knobs, violations } = this.#options
    if (knobs.ignoreUpgrade) return
    const requestId = randomUUID()
    const isVoice = urlOf(request).pathname === '/v1/speak'
    const status = isVoice ? knobs.refuseSpeakStatus : knobs.refuseStatus
    const scripted = status === undefined ? undefined : refusalWith(status)
    const answer = scripted ?? this.#consider(request)
    if (typeof answer !== 'function') {
      if (!scripted) violations.add('deepgram', `refused: ${answer.code}`, answer.message)
      refuse(socket, answer, requestId)
      return
    }
    this.#requestIds.set(request, requestId)
    this.#asked.push(urlOf(request))
    if (this.#asked.length > MAX_KEPT) this.#asked.shift()
    this.#server.handleUpgrade(request, socket, head, (client) => {
      this.#welcome(client, answer, requestId)
    })
  }

  #consider(request: IncomingMessage): MakeEndpoint | Refusal {
    if (!isAuthorized(request, this.#options.apiKey)) return invalidAuth
    const { pathname, searchParams } = urlOf(request)
    if (pathname === '/v2/listen') {
      const parameters = readFluxParameters(searchParams)
      return 'status' in parameters
        ? parameters
        : (session) => new FluxEndpoint(session, parameters)
    }
    if (pathname === '/v1/speak') {
      const parameters = readSpeakParameters(searchParams)
      return 'status' in parameters
        ? parameters
        : (session) => new SpeakEndpoint(session, parameters)
    }
    if (pathname !== '/v1/listen') return notFound
    const parameters = readNovaParameters(searchParams)
    return 'status' in parameters ? parameters : (session) => new NovaEndpoint(session, parameters)
  }

  #welcome(client: WebSocket, makeEndpoint: MakeEndpoint, requestId: string): void {
    const { clock, violations, knobs, on = () => undefined } = this.#options
    const connection = ++this.#total
    const session = new DeepgramSession(client, {
      clock,
      violations,
      knobs,
      requestId,
      connection,
      on,
    })
    serve(client, session, makeEndpoint(session))
  }
}

function serve(client: WebSocket, session: DeepgramSession, endpoint: Endpoint): void {
  const cancelChecks = session.clock.every(1000, () => {
    if (!session.over) endpoint.checkActivity()
  })
  client.on('message', (bytes: Buffer, isBinary) => {
    if (session.over) return
    if (!isBinary) endpoint.message(bytes.toString())
    else if (bytes.length === 0) {
      session.violation('empty frame of audio, which ends the stream')
      endpoint.closeStream()
    } else {
      if (looksLikeMessage(bytes)) session.violation('message sent as audio', bytes.toString())
      endpoint.audio(bytes)
      session.received(bytes.length)
    }
  })
  client.on('ping', () => {
    session.active()
  })
  client.on('close', () => {
    cancelChecks()
    session.closed()
  })
  // Broken frames: `close` follows.
  client.on('error', (error) => {
    session.violation('broken WebSocket frame', error.message)
  })
  endpoint.opened()
}

/** By header, or as browsers do it by subprotocol; a key or a short-lived token. */
function isAuthorized({ headers }: IncomingMessage, apiKey: string): boolean {
  const given =
    headers.authorization ?? headers['sec-websocket-protocol']?.replace(/\s*,\s*/, ' ') ?? ''
  const [scheme = '', key = ''] = given.split(' ')
  return /^(token|bearer)$/i.test(scheme) && key === apiKey
}

function looksLikeMessage(bytes: Buffer): boolean {
  return bytes[0] === 0x7b && bytes.includes('"type"')
}

function bodyOf({ code, message }: Refusal, requestId: string): string {
  return JSON.stringify({ err_code: code, err_msg: message, request_id: requestId })
}

function refuse(socket: Duplex, refusal: Refusal, requestId: string): void {
  const body = bodyOf(refusal, requestId)
  socket.end(
    [
      `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? 'Error'}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `dg-request-id: ${requestId}`,
      `dg-error: ${refusal.message.replaceAll(/\s+/g, ' ')}`,
      '',
      body,
    ].join('\r\n'),
  )
}
