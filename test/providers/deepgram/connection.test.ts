import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { scaledClock } from '../../../src/clock.ts'
import { StreamingStt } from '../../../src/providers/deepgram/streaming-stt.ts'
import { Ears, sttOptions } from '../../helpers/deepgram.ts'
import { describe, expect, it } from '../../helpers/together.ts'

/** A server that does what no healthy Deepgram does. */
async function misbehave(
  onClient: (client: WebSocket, socket: Socket) => void,
  { speed = 1, ...options }: { speed?: number; model?: string; autoPong?: boolean } = {},
) {
  const http = createServer()
  const server = new WebSocketServer({ server: http, autoPong: options.autoPong ?? true })
  const received: { text: string; isBinary: boolean }[] = []
  server.on('connection', (client, request) => {
    client.on('error', () => undefined)
    client.on('message', (bytes: Buffer, isBinary) =>
      received.push({ text: isBinary ? `${bytes.length} bytes` : bytes.toString(), isBinary }),
    )
    onClient(client, request.socket)
  })
  const url = await listen(http)
  const clock = scaledClock(speed)
  const ears = new Ears()
  const stt = new StreamingStt(sttOptions(url, { clock, model: options.model ?? 'nova-3' }))
  return {
    clock,
    ears,
    stt,
    received,
    start: () => stt.start(ears.listener, { signal: new AbortController().signal }),
    async [Symbol.asyncDispose]() {
      await stt.close()
      for (const client of server.clients) client.terminate()
      server.close()
      http.close()
      await once(http, 'close')
    },
  }
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const turnInfo = {
  type: 'TurnInfo',
  event: 'Update',
  turn_index: 0,
  audio_window_start: 0,
  audio_window_end: 1,
  transcript: 'Hi',
}

describe('a connection', () => {
  it('whose other end is gone is noticed', async () => {
    await using world = await misbehave(() => undefined, { speed: 50, autoPong: false })
    await world.start()
    const { error } = await world.ears.next('failed')
    expect(error).toMatchObject({ code: 'timeout', retryable: true })
  })

  it('on which anything at all is received is not given up', async () => {
    await using world = await misbehave(
      (client) => {
        client.on('ping', () => {
          client.send('{"type":"Metadata"}')
        })
      },
      { speed: 100, autoPong: false },
    )
    await world.start()
    await world.clock.sleep(40_000)
    expect(world.ears.events).toEqual([])
  })

  it.each(['flux-general-en', 'nova-3'])(
    'with %s survives what it does not understand',
    async (model) => {
      await using world = await misbehave(
        (client) => {
          client.send('{"type":"Connected","request_id":"r","sequence_id":0}')
          client.send('no JSON')
          client.send('null')
          client.send('{"type":"TurnInfo"}')
          client.send('{"type":"Results"}')
          client.send('{"type":"Brand new"}')
          client.send(Buffer.from('{"type":"Error"}'))
          client.send('{"type":"ConfigureSuccess","request_id":"r"}')
          const alternatives = [{ transcript: 'Hi' }]
          const results = { type: 'Results', start: 0, duration: 1, channel: { alternatives } }
          client.send(JSON.stringify(results))
          client.send(JSON.stringify(turnInfo))
        },
        { model },
      )
      await world.start()
      expect(await world.ears.next('words')).toEqual({ type: 'words', text: 'Hi' })
      expect(world.ears.events).toHaveLength(1)
    },
  )

  it.each(['flux-general-en', 'nova-3'])(
    'with %s ends with an error message, told once',
    async (model) => {
      await using world = await misbehave(
        (client) => {
          client.send('{"type":"Connected","request_id":"r","sequence_id":0}')
          client.send('{"type":"Error","code":"INTERNAL_SERVER_ERROR","description":"oh"}')
          client.close()
        },
        { model },
      )
      await world.start()
      const { error } = await world.ears.next('failed')
      expect(error).toMatchObject({ code: 'unavailable', vendorCode: 'INTERNAL_SERVER_ERROR' })
      await world.clock.sleep(50)
      expect(world.ears.types).toEqual(['failed'])
    },
  )

  it('that breaks the WebSocket protocol is given up as such', async () => {
    await using world = await misbehave((_client, socket) => {
      // A frame with reserved bits set.
      socket.write(Uint8Array.of(0xf1, 0x00))
    })
    await world.start()
    const { error } = await world.ears.next('failed')
    expect(error.code).toBe('protocol')
    expect(error.vendorCode).toMatch(/^WS_ERR/)
  })

  it('is never sent an empty frame of audio, and gets its messages as text', async () => {
    await using world = await misbehave(() => undefined, { speed: 50 })
    await world.start()
    world.stt.sendAudio(new Uint8Array(0))
    world.stt.sendAudio(new Uint8Array(160).fill(1))
    await world.clock.sleep(10_000)
    await world.stt.close()
    expect(world.received[0]).toEqual({ text: '160 bytes', isBinary: true })
    expect(world.received.at(-1)).toEqual({ text: '{"type":"CloseStream"}', isBinary: false })
    const between = world.received.slice(1, -1)
    expect(between.length).toBeGreaterThanOrEqual(1)
    expect(new Set(between.map(({ text }) => text))).toEqual(new Set(['{"type":"KeepAlive"}']))
    expect(between.every(({ isBinary }) => !isBinary)).toBe(true)
  })

  it('to Flux is fed in packets of 80 ms, the last one shorter, and never kept alive by messages', async () => {
    await using world = await misbehave(
      (client) => {
        client.send('{"type":"Connected","request_id":"r","sequence_id":0}')
      },
      { speed: 50, model: 'flux-general-en' },
    )
    await world.start()
    for (let i = 0; i < 9; i++) world.stt.sendAudio(new Uint8Array(160))
    await world.clock.sleep(10_000)
    await world.stt.close()
    expect(world.received.map(({ text }) => text)).toEqual([
      '640 bytes',
      '640 bytes',
      '160 bytes',
      '{"type":"CloseStream"}',
    ])
  })

  it('that is refused without a word is told as such', async () => {
    const http = createServer((_request, response) => response.writeHead(403).end())
    const stt = new StreamingStt(sttOptions(await listen(http)))
    const started = stt.start(() => undefined, { signal: new AbortController().signal })
    await expect(started).rejects.toMatchObject({ code: 'auth', vendorCode: '403' })
    http.close()
  })
})
