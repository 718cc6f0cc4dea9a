import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { StreamCommand } from '../../src/providers/twilio/messages.ts'

/** Twilio's side of a media stream, as far as a test needs one. */
export class StreamClient {
  readonly socket: WebSocket
  readonly received: StreamCommand[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  #sequence = 0

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, { headers, perMessageDeflate: false })
    this.socket.on('message', (data: Buffer) => {
      this.received.push(JSON.parse(data.toString()) as StreamCommand)
    })
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() })
      })
    })
  }

  async opened(): Promise<this> {
    await once(this.socket, 'open')
    return this
  }

  /** Status of the answer that refuses the upgrade. */
  async refused(): Promise<number> {
    const [, response] = (await once(this.socket, 'unexpected-response')) as [
      unknown,
      { statusCode: number; destroy: () => void },
    ]
    response.destroy()
    return response.statusCode
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  start(overrides: StartOverrides = {}): void {
    this.send({ event: 'connected', protocol: 'Call', version: '1.0.0' })
    this.send({
      event: 'start',
      sequenceNumber: String(++this.#sequence),
      start: {
        accountSid: overrides.accountSid ?? 'AC1',
        streamSid: overrides.streamSid ?? 'MZ1',
        callSid: overrides.callSid ?? 'CA1',
        tracks: ['inbound'],
        mediaFormat: {
          encoding: 'audio/x-mulaw',
          sampleRate: 8000,
          channels: 1,
          ...overrides.format,
        },
        customParameters: overrides.parameters ?? { token: 'good' },
      },
      streamSid: overrides.streamSid ?? 'MZ1',
    })
  }

  media(audio: Uint8Array, timestampMs = 100): void {
    this.send(
      mediaMessage({
        payload: Buffer.from(audio).toString('base64'),
        timestamp: String(timestampMs),
      }),
    )
  }

  event(event: string, rest: object, streamSid = 'MZ1'): void {
    this.send({ event, sequenceNumber: String(++this.#sequence), streamSid, ...rest })
  }
}

export type StartOverrides = {
  accountSid?: string
  streamSid?: string
  callSid?: string
  format?: Record<string, unknown>
  parameters?: Record<string, string>
}

/** A media message in the order of fields in which Twilio sends it. */
export function mediaMessage(
  media: { payload: string; timestamp?: string; track?: string },
  streamSid = 'MZ1',
) {
  return JSON.stringify({
    event: 'media',
    sequenceNumber: '2',
    media: { track: 'inbound', chunk: '1', timestamp: '100', ...media },
    streamSid,
  })
}
