import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { refusalBody } from './elevenlabs-errors.ts'
import { keyOf, statusOf } from './elevenlabs-http.ts'
import { MultiSession } from './elevenlabs-multi.ts'
import type { VoiceRequest, VoiceWorld } from './elevenlabs-session.ts'
import { SingleSession } from './elevenlabs-single.ts'
import { isVoiceFormat } from './elevenlabs-voice.ts'

const DEFAULT_INACTIVITY_S = 20
const MAX_INACTIVITY_S = 180
const MAX_KEPT = 1000

/** Lets sockets in, or turns them away before they are one. */
export class VoiceDoor {
  total = 0
  readonly #world: VoiceWorld
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  readonly #waiting = new Set<Duplex>()
  readonly #asked: URL[] = []

  constructor(world: VoiceWorld) {
    this.#world = world
    this.#server.on('headers', (headers) => {
      headers.push(`x-trace-id: trace-${this.total + 1}`)
    })
  }

  get open(): number {
    return this.#server.clients.size
  }

  /** What each socket asked for, oldest first; the last thousand. */
  get asked(): readonly URL[] {
    return this.#asked
  }

  knock(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { clock, knobs } = this.#world
    // A client that gives up before it is answered.
    socket.on('error', () => socket.destroy())
    this.#waiting.add(socket)
    const cancel = clock.after(knobs.handshakeMs, () => {
      this.#waiting.delete(socket)
      this.#answer(request, socket, head)
    })
    socket.once('close', () => {
      cancel()
      this.#waiting.delete(socket)
    })
  }

  close(): void {
    for (const socket of this.#waiting) socket.destroy()
    for (const client of this.#server.clients) client.terminate()
  }

  #answer(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { knobs, refusalOf } = this.#world
    const url = new URL(request.url ?? '/', 'http://loopback')
    const [, voice, kind] =
      /^\/v1\/text-to-speech\/([^/]+)\/(multi-stream-input|stream-input)$/.exec(url.pathname) ?? []
    if (voice === undefined) {
      refuse(socket, 404)
      return
    }
    const settings = requestOf(decodeURIComponent(voice), request, url)
    const refusal =
      knobs.refusalAt === 'upgrade' ? refusalOf(settings.key, settings.voice) : undefined
    const status = knobs.refuseStatus ?? statusOf(refusal)
    if (status !== undefined) {
      refuse(socket, status)
      return
    }
    this.#asked.push(url)
    if (this.#asked.length > MAX_KEPT) this.#asked.shift()
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      this.total++
      const Session = kind === 'multi-stream-input' ? MultiSession : SingleSession
      new Session(ws, this.#world, settings)
    })
  }
}

function requestOf(voice: string, request: IncomingMessage, url: URL): VoiceRequest {
  const query = url.searchParams
  const format = query.get('output_format')
  const known = isVoiceFormat(format)
  const seconds = Number(query.get('inactivity_timeout') ?? DEFAULT_INACTIVITY_S)
  return {
    voice,
    key: keyOf(request, url),
    settings: {
      format: known ? format : 'pcm_24000',
      autoMode: query.get('auto_mode') === 'true',
      inactivityTimeoutS: Math.min(seconds, MAX_INACTIVITY_S),
    },
    problem: known ? languageProblem(query) : 'unsupported_output_format',
  }
}

/** A language is for models that know several, and has two letters or three, never a region. */
function languageProblem(query: URLSearchParams): VoiceRequest['problem'] {
  const language = query.get('language_code')
  const model = query.get('model_id') ?? ''
  if (language === null || (/_v2_5$|_v3/.test(model) && /^[a-z]{2,3}$/.test(language))) {
    return undefined
  }
  return 'unsupported_language'
}

function refuse(socket: Duplex, status: number): void {
  const body = refusalBody(status)
  socket.end(
    [
      `HTTP/1.1 ${status} Refused`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}
