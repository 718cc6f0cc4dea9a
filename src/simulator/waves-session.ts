import type { WebSocket } from 'ws'
import type { Cancel } from '../clock.ts'
import { SocketRequest } from '../providers/smallest/waves-messages.ts'
import { Delivery } from './elevenlabs-delivery.ts'
import type { VoiceJournal } from './elevenlabs-journal.ts'
import type { WavesFault } from './smallest-knobs.ts'
import { jsonIn, type SmallestWorld } from './smallest-world.ts'
import { problemOf } from './waves-http.ts'
import { type WavesChunk, wavesChunks } from './waves-voice.ts'

const DEFAULT_BACKOFF_MS = 4000
const MAX_BACKOFF_MS = 10_000

/** Which request a piece of audio is of. */
type Sent = WavesChunk & { readonly requestId: string | undefined; readonly originMs: number }

/** One socket of `/waves/v1/tts/live`. */
export class WavesSession {
  readonly #socket: WebSocket
  readonly #world: SmallestWorld
  readonly #journal: VoiceJournal
  readonly #timeoutS: number
  readonly #spoken = { spoken: '' }
  readonly #delivery: Delivery<Sent>
  #cancelIdle: Cancel | undefined
  #cancelComplete: Cancel | undefined
  #backoffMs = DEFAULT_BACKOFF_MS
  #hasBegun = false
  #hasEnded = false
  #tellsWords = false
  #buffer = ''
  #queuedMs = 0
  #sentBytes = 0
  #fault: WavesFault | undefined

  constructor(
    socket: WebSocket,
    options: { world: SmallestWorld; journal: VoiceJournal; timeoutS: number },
  ) {
    this.#socket = socket
    this.#world = options.world
    this.#journal = options.journal
    this.#timeoutS = options.timeoutS
    const { clock, knobs } = this.#world
    this.#delivery = new Delivery<Sent>({
      clock,
      knobs,
      send: (chunk) => {
        this.#sendAudio(chunk)
      },
      onIdle: () => {
        this.#completeLater()
      },
    })
    this.#world.voiceSockets++
    socket.on('message', (bytes: Buffer) => {
      this.#receive(bytes.toString())
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#closed()
    })
    this.#watchIdle()
  }

  #receive(text: string): void {
    this.#watchIdle()
    this.#cancelComplete?.()
    const parsed = SocketRequest.safeParse(jsonIn(text))
    if (!parsed.success) {
      this.#refuse('Invalid input', text)
      return
    }
    const request = parsed.data
    const { complete_backoff_ms: backoffMs = DEFAULT_BACKOFF_MS } = request
    const isEmpty = request.text.trim() === ''
    const isEnd = isEmpty && request.continue !== true && request.flush === true
    const problem =
      backoffMs > MAX_BACKOFF_MS
        ? 'complete_backoff_ms is too large'
        : problemOf(isEnd ? { ...request, text: '-' } : request)
    if (problem !== undefined || this.#hasEnded) {
      this.#refuse(problem ?? 'text after the end', text)
      return
    }
    this.#backoffMs = backoffMs
    this.#tellsWords = request.word_timestamps === true
    this.#hasEnded = request.continue !== true
    if (!isEmpty) this.#take(request)
    else if (this.#delivery.idle && this.#fault?.kind !== 'silent') this.#completeLater()
  }

  #take(request: SocketRequest): void {
    if (!this.#begin(request.text)) return
    this.#buffer += request.text
    this.#journal.given(this.#spoken, request.text)
    if (request.flush !== true && request.continue === true) return
    const text = this.#buffer
    this.#buffer = ''
    this.#spoken.spoken += text
    if (this.#fault?.kind === 'silent') return
    if (this.#fault?.kind === 'empty') {
      this.#completeLater()
      return
    }
    const { wordOrigin } = this.#world.knobs
    const originMs = wordOrigin === 'socket' ? this.#queuedMs : 0
    const chunks = wavesChunks(text, request)
    for (const { ms } of chunks) this.#queuedMs += ms
    this.#delivery.add(
      chunks.map((chunk) => ({ ...chunk, originMs, requestId: request.request_id })),
    )
  }

  /** @returns whether it speaks */
  #begin(text: string): boolean {
    if (this.#hasBegun) return true
    const { knobs, used } = this.#world
    if (this.#world.speeches >= knobs.maxSpeeches) {
      this.#fail('Rate limit exceeded: too many concurrent requests')
      return false
    }
    this.#hasBegun = true
    this.#world.speeches++
    this.#fault = knobs.voiceFaults.find(
      (each) => (each.when === undefined || text.search(each.when) !== -1) && used.take(each, 1),
    )
    if (this.#fault?.kind === 'error') {
      this.#fail('An unexpected error occurred')
      return false
    }
    if (this.#fault?.kind === 'garbage') this.#socket.send('not json')
    return true
  }

  #sendAudio({ audio, words, requestId, originMs }: Sent): void {
    const { knobs } = this.#world
    if (this.#fault?.kind === 'cut' && this.#sentBytes >= (this.#fault.afterBytes ?? 0)) {
      this.#socket.terminate()
      return
    }
    this.#sentBytes += audio.length
    const external =
      knobs.echoesRequests && requestId !== undefined ? { external_request_id: requestId } : {}
    const frame = (status: string, data: object) => {
      this.#socket.send(
        JSON.stringify({ session_id: 'ws_1', request_id: 'task_1', ...external, status, data }),
      )
    }
    this.#journal.sent(this.#spoken)
    frame('chunk', { audio: Buffer.from(audio).toString('base64') })
    if (!this.#tellsWords || !knobs.tellsWords) return
    for (const [id, { word, startMs, endMs }] of words.entries()) {
      const start = (originMs + startMs) / 1000
      frame('word_timestamp', { id, word, start, end: (originMs + endMs) / 1000 })
    }
  }

  /** Some time after the last audio, whether or not more was announced. */
  #completeLater(): void {
    this.#cancelComplete?.()
    this.#cancelComplete = this.#world.clock.after(this.#backoffMs, () => {
      this.#socket.send(JSON.stringify({ session_id: 'ws_1', status: 'complete' }))
      this.#socket.close(1000)
    })
  }

  #refuse(problem: string, text: string): void {
    this.#world.violation(`voice socket: ${problem}`, text.slice(0, 200))
    this.#fail(problem)
  }

  #fail(message: string): void {
    this.#delivery.stop()
    this.#socket.send(JSON.stringify({ status: 'error', message }))
    this.#socket.close(1000)
  }

  #watchIdle(): void {
    this.#cancelIdle?.()
    this.#cancelIdle = this.#world.clock.after(this.#timeoutS * 1000, () => {
      this.#fail(`Connection timed out after ${this.#timeoutS} seconds of inactivity`)
    })
  }

  #closed(): void {
    this.#world.voiceSockets--
    if (this.#hasBegun) this.#world.speeches--
    this.#cancelIdle?.()
    this.#cancelComplete?.()
    this.#delivery.stop()
  }
}
