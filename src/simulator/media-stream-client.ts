import { FRAME_BYTES, MULAW_BYTES_PER_MS, MULAW_SILENCE } from '../audio/samples.ts'
import type { Mulaw8k } from '../audio/samples.ts'
import { MEDIA_FORMAT, type StreamCommand } from '../providers/twilio/messages.ts'
import type { AudioStream, CallAudio } from './call-audio.ts'
import { readCommand } from './stream-commands.ts'
import { StreamSocket } from './stream-socket.ts'
import { newSid, recordFault, type TwilioAccount } from './twilio-account.ts'
import type { CallEvent } from './twilio-events.ts'
import { type FaultCode, TwilioFault } from './twilio-faults.ts'
import type { StreamNoun } from './twiml.ts'

/** The call a stream belongs to. */
export type StreamCall = {
  readonly callSid: string
  readonly audio: CallAudio
  /** Milliseconds since the answer; everything up to then has been heard and sent. */
  nowMs(): number
  tell(event: CallEvent): void
}

const FRAME_MS = 20
const SILENT_PAYLOAD = Buffer.alloc(FRAME_BYTES, MULAW_SILENCE).toString('base64')
/** More than this unsent means that the server has stopped reading: about 13 s of audio. */
const CONGESTION_BYTES = 256 * 1024

/** Twilio's side of one media stream: sends what the person says, plays what the server sends. */
export class MediaStreamClient implements AudioStream {
  readonly streamSid = newSid('MZ')
  marksReturned = 0
  /** The fault that ended the stream was asked for. */
  brokenOnPurpose = false
  readonly #account: TwilioAccount
  readonly #call: StreamCall
  readonly #noun: StreamNoun
  /** What was complained of already: Twilio warns once a stream. */
  readonly #complaints = new Set<string>()
  #socket: StreamSocket | undefined
  #sequence = 0
  #chunk = 0
  readonly #firstTimestampMs: number
  /** When the first frame that can be of this stream ends, in milliseconds since the answer. */
  #firstEndMs = 0

  constructor(account: TwilioAccount, call: StreamCall, noun: StreamNoun) {
    this.#account = account
    this.#call = call
    this.#noun = noun
    this.#firstTimestampMs = account.knobs.firstTimestampMs
  }

  /**
   * Opens the stream and runs it until `signal` stops it.
   *
   * @throws {TwilioFault} when it could not be opened, or ended otherwise
   */
  async run(signal: AbortSignal, started: () => void): Promise<void> {
    const { clock, knobs, violations } = this.#account
    const url = streamUrl(this.#noun, (rule) => {
      violations.add('twilio', rule, this.#noun.url)
    })
    await clock.sleep(knobs.streamConnectMs, { signal })
    const socket = new StreamSocket({
      account: this.#account,
      url,
      onMessage: (data, isBinary) => {
        this.#receive(data, isBinary)
      },
    })
    await socket.open(signal)
    this.#socket = socket
    this.#call.nowMs()
    this.#firstEndMs = this.#call.audio.mouth.position / MULAW_BYTES_PER_MS + FRAME_MS
    this.#greet(socket)
    this.#call.audio.attach(this)
    started()
    try {
      await socket.stay(signal, () => {
        this.#sendStop()
      })
    } finally {
      this.#socket = undefined
      this.#call.audio.detach()
    }
  }

  /** Frames that are missing leave a gap in the timestamps, and none in the numbers. */
  callerFrame(frame: Mulaw8k | undefined, endMs: number): void {
    // What was under way when the stream opened was never on it.
    if (this.#socket === undefined || endMs < this.#firstEndMs) return
    const timestamp = this.#firstTimestampMs + endMs - this.#firstEndMs
    if (this.#socket.unsentBytes > CONGESTION_BYTES) {
      this.#complain(31930, `${this.#socket.unsentBytes} bytes are unread`)
      return
    }
    const payload = frame ? Buffer.from(frame).toString('base64') : SILENT_PAYLOAD
    this.#socket.send(
      `{"event":"media","sequenceNumber":"${++this.#sequence}","media":{"track":"inbound","chunk":"${++this.#chunk}","timestamp":"${timestamp}","payload":"${payload}"},"streamSid":"${this.streamSid}"}`,
    )
  }

  markPlayed(name: string): void {
    this.marksReturned++
    this.#send({ event: 'mark', mark: { name } })
  }

  press(digit: string): void {
    this.#send({ event: 'dtmf', dtmf: { track: 'inbound_track', digit } })
  }

  /** The network between Twilio and the server breaks: the server sees no `stop`. */
  cut(): void {
    this.#break()
    this.#socket?.cut()
  }

  /** Twilio gives the stream up, but leaves the socket half open for a while, silent. */
  freeze(): void {
    this.#break()
    this.#socket?.freeze()
  }

  /**
   * What the server sends from now on never arrives, and Twilio does not know; what it has is played. `both`: nothing passes
   * the other way either.
   */
  stall(ways: 'out' | 'both'): void {
    this.brokenOnPurpose = true
    if (ways === 'both') this.#socket?.hang()
  }

  /** From this moment on nothing of the stream is played, although its socket may take a while to notice. */
  #break(): void {
    this.brokenOnPurpose = true
    this.#call.nowMs()
    this.#call.audio.detach()
    this.#call.audio.ear.lineBroke()
  }

  /** `connected` and `start` leave together; the server must be listening by then. */
  #greet(socket: StreamSocket): void {
    const { accountSid } = this.#account
    const { callSid } = this.#call
    socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
    this.#send({
      event: 'start',
      start: {
        accountSid,
        streamSid: this.streamSid,
        callSid,
        tracks: ['inbound'],
        mediaFormat: MEDIA_FORMAT,
        customParameters: this.#noun.parameters,
      },
    })
  }

  #sendStop(): void {
    const { accountSid } = this.#account
    this.#send({ event: 'stop', stop: { accountSid, callSid: this.#call.callSid } })
  }

  #send({ event, ...content }: { event: string } & Record<string, unknown>): void {
    const sequenceNumber = String(++this.#sequence)
    const message = { event, sequenceNumber, ...content, streamSid: this.streamSid }
    this.#socket?.send(JSON.stringify(message))
  }

  #receive(data: Buffer, isBinary: boolean): void {
    // Not before `start` and not after the end: the server cannot know the stream then.
    if (this.#socket === undefined || this.brokenOnPurpose) return
    const read = readCommand(data, isBinary, this.streamSid)
    if ('fault' in read) {
      this.#complain(read.fault, read.detail)
      return
    }
    this.#call.tell({ type: 'command_arrived', command: read.command.event })
    // What arrives takes its place behind what has been played up to this moment.
    this.#call.nowMs()
    this.#carryOut(read.command)
  }

  #carryOut(command: StreamCommand): void {
    const { audio } = this.#call
    switch (command.event) {
      case 'media': {
        const bytes = Buffer.from(command.media.payload, 'base64')
        if (bytes.length % FRAME_BYTES !== 0) this.#complainOfLength(bytes.length)
        if (!audio.play(bytes)) this.#complain(31931, 'discarded')
        return
      }
      case 'mark':
        audio.mark(command.mark.name)
        return
      case 'clear': {
        const droppedMs = audio.waitingMs
        audio.clear()
        this.#call.tell({ type: 'cleared', droppedMs })
        return
      }
      default:
        command satisfies never
    }
  }

  /** Twilio takes any length; in the field, odd ones made words jitter at their beginning. */
  #complainOfLength(bytes: number): void {
    const rule = 'frame not a multiple of 20 ms'
    if (this.#isNew(rule)) this.#account.violations.add('twilio', rule, `${bytes} bytes`)
  }

  #complain(code: FaultCode, detail: string): void {
    if (this.#isNew(String(code))) recordFault(this.#account, code, detail)
  }

  #isNew(complaint: string): boolean {
    const isNew = !this.#complaints.has(complaint)
    this.#complaints.add(complaint)
    return isNew
  }
}

/** The url that is dialled: a query string does not survive. */
function streamUrl(noun: StreamNoun, warn: (rule: string) => void): URL {
  if (noun.track !== undefined && noun.track !== 'inbound_track') {
    throw new TwilioFault(31941, noun.track)
  }
  if (!URL.canParse(noun.url)) throw new TwilioFault(31923, noun.url)
  const url = new URL(noun.url)
  if (url.protocol !== 'wss:') throw new TwilioFault(31922, noun.url)
  if (url.search !== '') {
    warn('query string on the url of a stream')
    url.search = ''
  }
  return url
}
