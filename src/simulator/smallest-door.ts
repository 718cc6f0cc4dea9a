import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { VoiceJournal } from './elevenlabs-journal.ts'
import { PulseParameters } from './pulse-parameters.ts'
import { PulseSession } from './pulse-session.ts'
import { type SmallestWorld, wavesRefusal } from './smallest-world.ts'
import { WavesSession } from './waves-session.ts'

const DEFAULT_TIMEOUT_S = 60
const MAX_KEPT = 1000
/** As many sockets as the plan allows are open. */
const TOO_MANY = 1008

/** Lets sockets in, or turns them away before they are one. */
export class SmallestDoor {
  total = 0
  readonly #world: SmallestWorld
  readonly #journal: VoiceJournal
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  readonly #sockets = new Set<Duplex>()
  readonly #asked: URL[] = []

  constructor(world: SmallestWorld, journal: VoiceJournal) {
    this.#world = world
    this.#journal = journal
  }

  get open(): number {
    return this.#server.clients.size
  }

  /** What each socket asked for, oldest first; the last thousand. */
  get asked(): readonly URL[] {
    return this.#asked
  }

  knock(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.add(socket)
    // A client that gives up before it is answered.
    socket.on('error', () => socket.destroy())
    const cancel = this.#world.clock.after(this.#world.knobs.handshakeMs, () => {
      this.#answer(request, socket, head)
    })
    socket.once('close', () => {
      cancel()
      this.#sockets.delete(socket)
    })
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #answer(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://loopback')
    const status = this.#world.refusalOf(request, url.pathname)
    if (status !== undefined) refuse(socket, status)
    else if (url.pathname === '/waves/v1/tts/live') this.#speak(request, socket, head)
    else if (url.pathname === '/waves/v1/stt/live') this.#hear(request, socket, head)
    else refuse(socket, 404)
  }

  #speak(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = this.#note(request)
    const timeoutS = Number(url.searchParams.get('timeout') ?? DEFAULT_TIMEOUT_S)
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      this.total++
      if (this.#world.voiceSockets >= this.#world.knobs.maxSockets) {
        ws.close(TOO_MANY, 'Concurrency limit reached')
        return
      }
      new WavesSession(ws, { world: this.#world, journal: this.#journal, timeoutS })
    })
  }

  #hear(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = this.#note(request)
    const parsed = PulseParameters.safeParse(Object.fromEntries(url.searchParams))
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      const why = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`
      this.#world.violation('parameters that Pulse refuses', why)
      refuse(socket, 400, why)
      return
    }
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      this.total++
      new PulseSession(ws, { world: this.#world, parameters: parsed.data })
    })
  }

  #note(request: IncomingMessage): URL {
    const url = new URL(request.url ?? '/', 'ws://127.0.0.1')
    this.#asked.push(url)
    if (this.#asked.length > MAX_KEPT) this.#asked.shift()
    return url
  }
}

function refuse(socket: Duplex, status: number, why?: string): void {
  const body = JSON.stringify(wavesRefusal(status, why))
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}
