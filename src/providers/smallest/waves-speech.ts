import { MULAW_BYTES_PER_MS, type Mulaw8k } from '../../audio/samples.ts'
import type { Cancel, Clock } from '../../clock.ts'
import type { ProviderError } from '../../errors.ts'
import type { Speech, SpeechListener } from '../../pipeline/ports.ts'
import { failure, failureOfWords } from './failure.ts'
import type { WavesDecoder } from './waves-audio.ts'
import type { SocketFrame, SocketRequest } from './waves-messages.ts'
import type { WavesSocket } from './waves-socket.ts'
import { WordTimes } from './word-times.ts'

/** How often what was not spoken is said again on another socket. */
const MAX_SOCKETS = 4

export type WavesSpeechOptions = {
  /** Letters, digits, `-` */
  readonly id: string
  readonly listener: SpeechListener
  readonly decoder: WavesDecoder
  /** What every request says of the voice. */
  readonly voice: Omit<SocketRequest, 'text'>
  /** How long the voice may be silent while it owes audio. */
  readonly silenceMs: number
  readonly clock: Clock
  /** A socket of its own, asked for when there is something to say; none when the voice was closed. */
  readonly socket: () => WavesSocket | undefined
}

/**
 * The speech of one reply: each phrase is a request that is spoken at once, and the last one says that no more follows. The
 * server may take a long pause between two phrases for the end and close: what it has not begun to speak by then is said
 * again on another socket.
 */
export class WavesSpeech implements Speech {
  readonly #options: WavesSpeechOptions
  readonly #times = new WordTimes()
  #socket: WavesSocket | undefined
  #sockets = 0
  /** Phrases of which nothing was heard yet. */
  #unspoken: { readonly id: string; readonly text: string }[] = []
  #sent = 0
  #deliveredBytes = 0
  #isFlushed = false
  #isOver = false
  #cancelWatchdog: Cancel | undefined

  constructor(options: WavesSpeechOptions) {
    this.#options = options
  }

  sendText(text: string): void {
    const phrase = text.trim()
    if (phrase === '' || this.#isFlushed || this.#isOver) return
    const isFirst = this.#sent === 0
    const request = { id: `${this.#options.id}-${++this.#sent}`, text: phrase }
    this.#unspoken.push(request)
    if (isFirst) this.#watch()
    if (this.#socket) this.#request(request)
    else this.#connect()
  }

  flush(): void {
    if (this.#isFlushed || this.#isOver) return
    this.#isFlushed = true
    if (this.#sent > 0) {
      if (this.#socket) this.#sayEnd()
      // All of it was spoken before, and the server has closed.
      else {
        queueMicrotask(() => {
          this.#complete()
        })
      }
      this.#watch()
      return
    }
    // Nothing was to be said. Whoever calls `flush` is not called back before it returns.
    queueMicrotask(() => {
      if (!this.#isOver) this.#finish().done()
    })
  }

  cancel(): void {
    if (this.#isOver) return
    this.#finish()
    void this.#socket?.leave()
  }

  #connect(): void {
    if (++this.#sockets > MAX_SOCKETS) {
      this.#fail(failure('empty', 'the speech ended again and again without being spoken'))
      return
    }
    const socket = this.#options.socket()
    this.#socket = socket
    if (!socket) {
      // Whoever calls `sendText` is not called back before it returns.
      queueMicrotask(() => {
        this.#fail(failure('disconnected', 'closed'))
      })
      return
    }
    this.#times.restart(this.#deliveredBytes / MULAW_BYTES_PER_MS)
    socket.listen({
      frame: (frame) => {
        this.#receive(frame)
      },
      lost: (error) => {
        this.#fail(error)
      },
    })
    for (const request of this.#unspoken) this.#request(request)
    if (this.#isFlushed) this.#sayEnd()
  }

  #request({ id, text }: { readonly id: string; readonly text: string }): void {
    const { voice } = this.#options
    this.#socket?.send({ ...voice, text: `${text} `, continue: true, flush: true, request_id: id })
  }

  #sayEnd(): void {
    this.#socket?.send({ ...this.#options.voice, text: ' ', continue: false, flush: true })
  }

  #receive(frame: SocketFrame): void {
    if (this.#isOver) return
    switch (frame.status) {
      case 'chunk':
        this.#noteSpoken(frame.external_request_id)
        this.#hear(Buffer.from(frame.data.audio, 'base64'))
        return
      case 'word_timestamp': {
        const alignment = this.#times.alignment(
          frame.data,
          this.#deliveredBytes / MULAW_BYTES_PER_MS,
        )
        this.#options.listener.audio(NO_AUDIO, alignment)
        return
      }
      case 'complete':
        this.#socket = undefined
        if (this.#unspoken.length > 0) this.#connect()
        else if (this.#isFlushed) this.#complete()
        return
      case 'error': {
        const { message, error } = frame
        const words = message ?? (typeof error === 'string' ? error : error?.message)
        this.#fail(failureOfWords(words ?? 'no reason given'))
        return
      }
    }
  }

  /** Of a server that does not say which request its audio is of, all that was sent counts as spoken. */
  #noteSpoken(id: string | undefined): void {
    const at = this.#unspoken.findIndex((request) => request.id === id)
    if (id === undefined) this.#unspoken = []
    else if (at !== -1) this.#unspoken.splice(0, at + 1)
  }

  #hear(audio: Uint8Array): void {
    // Before the flush a pause is the writer's; after it, the voice's.
    this.#cancelWatchdog?.()
    if (this.#isFlushed) this.#watch()
    this.#deliver(this.#options.decoder.push(audio))
  }

  #deliver(audio: Mulaw8k): void {
    if (audio.length === 0) return
    this.#deliveredBytes += audio.length
    this.#options.listener.audio(audio)
  }

  #complete(): void {
    if (this.#isOver) return
    if (this.#deliveredBytes === 0) {
      this.#finish().failed(failure('empty', 'the speech ended without a sound'))
      return
    }
    this.#deliver(this.#options.decoder.flush())
    this.#finish().done()
  }

  #fail(error: ProviderError): void {
    if (this.#isOver) return
    this.#finish().failed(error)
    void this.#socket?.leave()
  }

  #watch(): void {
    const { clock, silenceMs } = this.#options
    this.#cancelWatchdog?.()
    this.#cancelWatchdog = clock.after(silenceMs, () => {
      const error = failure('timeout', `no audio within ${silenceMs} ms`)
      const socket = this.#socket
      this.#fail(error)
      socket?.abandon(error)
    })
  }

  #finish(): SpeechListener {
    this.#isOver = true
    this.#cancelWatchdog?.()
    return this.#options.listener
  }
}

const NO_AUDIO: Mulaw8k = new Uint8Array(0)
