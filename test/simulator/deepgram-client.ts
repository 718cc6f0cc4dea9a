import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { KEY } from '../helpers/deepgram.ts'

export const FLUX = '/v2/listen?model=flux-general-en&encoding=mulaw&sample_rate=8000'
export const NOVA = '/v1/listen?model=nova-3&encoding=mulaw&sample_rate=8000'

export type WireMessage = Record<string, unknown> & { type: string }

/** A plain client of either endpoint, which may do anything. */
export class DeepgramClient {
  readonly messages: WireMessage[] = []
  readonly ws: WebSocket
  readonly closed: Promise<{ code: number; reason: string }>

  private constructor(ws: WebSocket) {
    this.ws = ws
    ws.on('message', (bytes: Buffer) => {
      this.messages.push(JSON.parse(bytes.toString()) as WireMessage)
    })
    this.closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() })
      })
    })
    ws.on('error', () => undefined)
  }

  static async open(url: string, path: string): Promise<DeepgramClient> {
    const client = new DeepgramClient(dial(url, path))
    await once(client.ws, 'open')
    return client
  }

  say(message: object): void {
    this.ws.send(JSON.stringify(message))
  }

  send(...audio: Uint8Array[]): void {
    for (const piece of audio) this.ws.send(piece)
  }

  ofType(type: string): WireMessage[] {
    return this.messages.filter((message) => message.type === type)
  }

  /** Of a Flux connection: the events of its turns, without the updates. */
  get turnEvents(): unknown[] {
    return this.messages.map(({ event }) => event).filter((event) => event && event !== 'Update')
  }
}

function dial(url: string, path: string, options: Record<string, unknown> = {}): WebSocket {
  return new WebSocket(`${url}${path}`, {
    headers: { authorization: `Token ${KEY}` },
    ...options,
  })
}

/** How an upgrade is refused. */
export async function refusal(
  url: string,
  path: string,
  headers: Record<string, string> = { authorization: `Token ${KEY}` },
) {
  const ws = dial(url, path, { headers })
  ws.on('error', () => undefined)
  const [, response] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage]
  let body = ''
  for await (const part of response) body += String(part)
  return {
    status: response.statusCode,
    headers: response.headers,
    body: JSON.parse(body) as { err_code: string; err_msg: string; request_id: string },
  }
}
