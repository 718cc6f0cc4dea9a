import type { WebSocket } from 'ws'
import { FRAME_BYTES, MULAW_SILENCE, type Mulaw8k } from '../../audio/samples.ts'
import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import { type Meters, noMeters } from '../../metrics/meters.ts'
import type { Line, LineListener } from '../../pipeline/ports.ts'
import { LinePulse } from './line-pulse.ts'
import { decodeMulaw, readMediaFrame } from './media-frame.ts'
import { StreamMessage } from './messages.ts'
import type { Oddities } from './oddities.ts'
import { Outflow } from './outflow.ts'

/** A second of audio. Twilio documents no limit; messages of this size are known to work. */
const MAX_MEDIA_BYTES = 8000

/** Told to a peer whose line is given up: it may open another one. */
const TRY_AGAIN_LATER = 1013
/** How long the peer of a stuck line has to take note of that. */
const GOODBYE_MS = 1000
/** A mark that nobody waits for, except to see that it comes back. */
const PROBE = 'probe'

const MARK_NAME = /^g(\d+):(.*)$/s

/**
 * A call's audio connection: a Twilio media stream, from its `start` message on.
 *
 * Audio is sent as soon as it is there, in whole frames: Twilio buffers up to ten minutes and plays it in order. A mark's
 * name on the wire begins with a generation that `clear` raises: Twilio echoes the marks of audio it has dropped as if that
 * had been played, and those echoes must not reach the listener.
 */
export class MediaStreamLine implements Line {
  readonly id: string
  readonly #socket: WebSocket
  readonly #clock: Clock
  readonly #outflow: Outflow
  readonly #pulse: LinePulse
  readonly #log: Logger
  readonly #oddities: Oddities
  readonly #meters: Pick<Meters, 'mediaFrames'>
  #listener: LineListener | undefined
  #generation = 0
  /** Audio that is not a whole frame yet. */
  #rest: Mulaw8k = new Uint8Array(0)
  #over = false

  constructor(options: {
    socket: WebSocket
    streamSid: string
    oddities: Oddities
    clock: Clock
    log: Logger
    meters?: Pick<Meters, 'mediaFrames'>
  }) {
    this.id = options.streamSid
    this.#socket = options.socket
    this.#clock = options.clock
    this.#log = options.log
    this.#oddities = options.oddities
    this.#meters = options.meters ?? noMeters
    this.#outflow = new Outflow(options.socket)
    this.#pulse = this.#takePulse()
  }

  /** From now on `listener` is told what comes from the stream. */
  deliverTo(listener: LineListener): void {
    this.#listener = listener
    if (!this.#over) this.#pulse.begin()
  }

  send(audio: Mulaw8k): void {
    const joined = this.#rest.length === 0 ? audio : concat(this.#rest, audio)
    const whole = joined.length - (joined.length % FRAME_BYTES)
    for (let at = 0; at < whole; at += MAX_MEDIA_BYTES) {
      this.#sendMedia(joined.subarray(at, Math.min(at + MAX_MEDIA_BYTES, whole)))
    }
    // A copy: the sender may use its buffer again.
    this.#rest = joined.slice(whole)
  }

  flush(): void {
    if (this.#rest.length === 0) return
    const frame = new Uint8Array(FRAME_BYTES).fill(MULAW_SILENCE)
    frame.set(this.#rest)
    this.#rest = new Uint8Array(0)
    this.#sendMedia(frame)
  }

  mark(name: string): void {
    const wireName = `g${this.#generation}:${name}`
    this.#pulse.marked(wireName)
    this.#sendText(JSON.stringify({ event: 'mark', streamSid: this.id, mark: { name: wireName } }))
  }

  clear(): void {
    this.#generation++
    this.#rest = new Uint8Array(0)
    this.#outflow.drop()
    this.#pulse.cleared()
    this.#sendText(JSON.stringify({ event: 'clear', streamSid: this.id }))
  }

  /** The listener hears no more of this line, not even that it was closed. */
  close(): void {
    this.#listener = undefined
    this.#end('lost')
  }

  /** A text message of the stream, as it came. */
  receive(text: string): void {
    this.#pulse.heard()
    const frame = readMediaFrame(text, this.id)
    if (frame) this.#deliverAudio(frame.audio, frame.timestampMs)
    else this.#receiveParsed(text)
  }

  /** The socket is closed. */
  disconnected(): void {
    this.#end('lost')
  }

  #receiveParsed(text: string): void {
    const message = parseMessage(text)
    if (typeof message === 'string') this.#oddities.note(message)
    else if (message.event === 'connected' || message.event === 'start') {
      this.#oddities.note('misplaced')
    } else if (message.streamSid !== this.id) this.#oddities.note('foreign')
    else this.#deliver(message)
  }

  #deliver(message: Exclude<StreamMessage, { event: 'connected' | 'start' }>): void {
    switch (message.event) {
      case 'media': {
        const { track, timestamp, payload } = message.media
        const audio = decodeMulaw(payload)
        if (track !== 'inbound') this.#oddities.note('foreign')
        else if (audio) this.#deliverAudio(audio, Number(timestamp))
        else this.#oddities.note('malformed')
        return
      }
      case 'dtmf':
        this.#listener?.digit(message.dtmf.digit)
        return
      case 'mark':
        this.#echoed(message.mark.name)
        return
      case 'stop':
        this.#end('stopped')
        return
      default:
        message satisfies never
    }
  }

  #deliverAudio(audio: Mulaw8k, timestampMs: number): void {
    this.#meters.mediaFrames('in', 1)
    this.#listener?.audio(audio, timestampMs)
  }

  #echoed(wireName: string): void {
    this.#pulse.returned(wireName)
    const [, generation, name] = MARK_NAME.exec(wireName) ?? []
    if (name === undefined) this.#oddities.note('foreign')
    else if (name === PROBE) return
    else if (Number(generation) === this.#generation) this.#listener?.mark(name)
  }

  #end(cause: 'stopped' | 'lost'): void {
    if (this.#over) return
    this.#over = true
    this.#pulse.stop()
    this.#outflow.drop()
    this.#socket.close(1000)
    this.#listener?.closed(cause)
    this.#listener = undefined
  }

  /** By hand, not by `JSON.stringify`: neither base64 nor a stream id holds anything to escape. */
  #sendMedia(audio: Mulaw8k): void {
    this.#meters.mediaFrames('out', audio.length / FRAME_BYTES)
    this.#pulse.sent(audio.length)
    const bytes = Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength)
    this.#sendText(
      `{"event":"media","streamSid":"${this.id}","media":{"payload":"${bytes.toString('base64')}"}}`,
    )
  }

  #sendText(text: string): void {
    if (this.#over || this.#socket.readyState !== this.#socket.OPEN) return
    if (!this.#outflow.send(text)) this.#giveUp('too much audio waits')
  }

  #takePulse(): LinePulse {
    const pulse = new LinePulse({
      clock: this.#clock,
      ask: () => {
        this.#ask()
      },
      waitingBytes: () => this.#outflow.waitingBytes,
      look: () => {
        if (this.#socket.readyState === this.#socket.OPEN) this.#outflow.resume()
      },
      stuck: (reason) => {
        this.#giveUp(reason)
      },
    })
    this.#socket.on('pong', () => {
      pulse.heard()
    })
    return pulse
  }

  /** Nobody has seen whether Twilio answers pings; that it sends back a mark when there is nothing to play is documented. */
  #ask(): void {
    if (this.#over || this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.ping()
    this.mark(PROBE)
  }

  /** The carrier opens another line when it sees that this one is closed, or has gone. */
  #giveUp(reason: string): void {
    if (this.#over) return
    this.#log.warn({ reason }, 'media stream is stuck, given up')
    this.#socket.close(TRY_AGAIN_LATER, reason)
    const cancel = this.#clock.after(GOODBYE_MS, () => {
      this.#socket.terminate()
    })
    this.#socket.once('close', cancel)
    this.#end('lost')
  }
}

/** A message of the stream, or what is wrong with it. */
export function parseMessage(text: string): StreamMessage | 'malformed' | 'unknown' {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // Whoever called decides what to do about it.
    return 'malformed'
  }
  const parsed = StreamMessage.safeParse(json)
  if (parsed.success) return parsed.data
  const isUnknownEvent = parsed.error.issues[0]?.code === 'invalid_union'
  return isUnknownEvent ? 'unknown' : 'malformed'
}

function concat(first: Mulaw8k, second: Mulaw8k): Mulaw8k {
  const joined = new Uint8Array(first.length + second.length)
  joined.set(first)
  joined.set(second, first.length)
  return joined
}
