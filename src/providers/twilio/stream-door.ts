import type { RawData, WebSocket } from 'ws'
import type { Cancel, Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import { type Meters, noMeters } from '../../metrics/meters.ts'
import type { LineListener } from '../../pipeline/ports.ts'
import { MediaStreamLine, parseMessage } from './media-stream.ts'
import { MEDIA_FORMAT, type StreamStart } from './messages.ts'
import { Oddities } from './oddities.ts'

/** `start` follows the upgrade within milliseconds; whoever has not sent it by now is not Twilio. */
const START_TIMEOUT_MS = 5000

/** Sockets that have not said whose they are. Two hundred calls answered in the same second stay far below. */
const MAX_WAITING = 256

/** The largest message of Twilio is `start`, well below 8 KiB. */
const MAX_MESSAGE_BYTES = 64 * 1024

/**
 * What the WebSocket server itself must refuse, by closing the connection. Above `MAX_MESSAGE_BYTES`, so that a message
 * which is merely too large is ignored and does not cost the call its line.
 */
export const MAX_SOCKET_MESSAGE_BYTES = 1024 * 1024

const NO_TOKEN = 'no token'
const UNKNOWN_TOKEN = 'unknown token'

const POLICY_VIOLATION = 1008
const TRY_AGAIN_LATER = 1013

/** What a stream says of itself when it starts. */
export type StreamClaim = { readonly callSid: string; readonly token: string }

/** Whose line it is: the listener of that call, or undefined when the claim is not true. */
export type Admit = (claim: StreamClaim, line: MediaStreamLine) => LineListener | undefined

/**
 * Where media streams come in. A stream becomes a call's line when its `start` message names our account, the only audio
 * format there is, and a token that `admit` knows. Until then nothing is opened or spent for it; if not, it is closed.
 */
export class StreamDoor {
  readonly #accountSid: string
  readonly #clock: Clock
  readonly #log: Logger
  readonly #meters: Meters
  #waiting = 0

  constructor(options: { accountSid: string; clock: Clock; log: Logger; meters?: Meters }) {
    this.#accountSid = options.accountSid
    this.#clock = options.clock
    this.#log = options.log
    this.#meters = options.meters ?? noMeters
  }

  /** Takes over a socket that was just opened. Listens at once: `connected` and `start` come together. */
  enter(socket: WebSocket, admit: Admit): void {
    if (this.#waiting >= MAX_WAITING) {
      this.#meters.mediaRejected('too_many_streams')
      socket.close(TRY_AGAIN_LATER, 'too many streams')
      return
    }
    const visit = new Visit({
      socket,
      clock: this.#clock,
      log: this.#log,
      meters: this.#meters,
      start: (start) => this.#claimOf(start),
      admit,
      decided: () => {
        this.#waiting--
        cancelDeadline()
      },
    })
    this.#waiting++
    const cancelDeadline: Cancel = this.#clock.after(START_TIMEOUT_MS, () => {
      visit.refuse('no start message')
    })
  }

  #claimOf(start: StreamStart['start']): StreamClaim | string {
    const { encoding, sampleRate, channels } = start.mediaFormat
    if (start.accountSid !== this.#accountSid) return 'wrong account'
    if (
      encoding !== MEDIA_FORMAT.encoding ||
      sampleRate !== MEDIA_FORMAT.sampleRate ||
      channels !== MEDIA_FORMAT.channels
    ) {
      return 'wrong media format'
    }
    const token = start.customParameters['token']
    return token === undefined ? NO_TOKEN : { callSid: start.callSid, token }
  }
}

type VisitParts = {
  readonly socket: WebSocket
  readonly clock: Clock
  readonly log: Logger
  readonly meters: Meters
  /** The claim of a `start` message, or why there is none. */
  readonly start: (start: StreamStart['start']) => StreamClaim | string
  readonly admit: Admit
  /** The stream was let in, was refused or has left. */
  readonly decided: () => void
}

/** One socket, from the door to its end. */
class Visit {
  readonly #parts: VisitParts
  readonly #oddities: Oddities
  #line: MediaStreamLine | undefined
  #decided = false

  constructor(parts: VisitParts) {
    this.#parts = parts
    this.#oddities = new Oddities(parts.log, parts.meters)
    const { socket, log } = parts
    const unwatch = parts.meters.watchSocket(() => socket.bufferedAmount)
    socket.on('message', (data, isBinary) => {
      const text = this.#textOf(data, isBinary)
      if (text === undefined) return
      if (this.#line) this.#line.receive(text)
      else if (!this.#decided) this.#awaitStart(text)
    })
    socket.on('error', (error) => {
      log.warn({ err: error }, 'media socket failed')
      // `close` follows, but only when the peer has closed its side too.
      this.#line?.disconnected()
    })
    socket.once('close', () => {
      unwatch()
      this.#decide()
      this.#line?.disconnected()
      log.debug({ ignored: this.#oddities.counts }, 'media socket closed')
    })
  }

  refuse(reason: string): void {
    const { log, meters } = this.#parts
    log.warn({ reason }, 'media stream refused')
    meters.mediaRejected(reason.replaceAll(' ', '_'))
    if (reason === NO_TOKEN) meters.streamTokenRejected('missing')
    if (reason === UNKNOWN_TOKEN) meters.streamTokenRejected('unknown')
    this.#decide()
    this.#parts.socket.close(POLICY_VIOLATION, reason)
  }

  #textOf(data: RawData, isBinary: boolean): string | undefined {
    // `ws` hands over one buffer per message; its type allows for other settings as well.
    if (isBinary || !Buffer.isBuffer(data)) this.#oddities.note('binary')
    else if (data.length > MAX_MESSAGE_BYTES) this.#oddities.note('oversized')
    else return data.toString()
    return undefined
  }

  #awaitStart(text: string): void {
    const message = parseMessage(text)
    if (typeof message === 'string') this.#oddities.note(message)
    else if (message.event === 'start') this.#start(message)
    else if (message.event !== 'connected') this.#oddities.note('misplaced')
  }

  #start({ streamSid, start }: StreamStart): void {
    const { socket, log, meters, admit } = this.#parts
    const claim = this.#parts.start(start)
    if (typeof claim === 'string') {
      this.refuse(claim)
      return
    }
    const { clock } = this.#parts
    const oddities = this.#oddities
    const line = new MediaStreamLine({ socket, streamSid, oddities, meters, clock, log })
    const listener = admit(claim, line)
    if (!listener) {
      this.refuse(UNKNOWN_TOKEN)
      return
    }
    line.deliverTo(listener)
    this.#line = line
    this.#decide()
  }

  #decide(): void {
    if (this.#decided) return
    this.#decided = true
    this.#parts.decided()
  }
}
