import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import { type Clock, scaledClock } from '../../../src/clock.ts'
import { type Meters, noMeters } from '../../../src/metrics/meters.ts'
import { TwilioEdge } from '../../../src/providers/twilio/edge.ts'
import type { MediaStreamLine } from '../../../src/providers/twilio/media-stream.ts'
import { quiet } from '../../helpers/fake-ports.ts'
import { type StartOverrides, StreamClient } from '../../helpers/stream-client.ts'

/** Our side of Twilio behind a socket server; what it counts is noted. */
async function open({ clock = scaledClock(1) }: { clock?: Clock } = {}) {
  const noted: string[] = []
  const frames = { in: 0, out: 0 }
  const sockets = new Set<() => number>()
  const meters: Meters = {
    ...noMeters,
    mediaFrames: (direction, count) => {
      frames[direction] += count
    },
    mediaRejected: (reason) => noted.push(`media ${reason}`),
    streamTokenRejected: (reason) => noted.push(`token ${reason}`),
    signatureFailed: () => noted.push('signature'),
    watchSocket: (bufferedBytes) => {
      sockets.add(bufferedBytes)
      return () => sockets.delete(bufferedBytes)
    },
  }
  const edge = new TwilioEdge({
    publicHost: 'calls.example.com',
    accountSid: 'AC1',
    authTokens: ['secret'],
    clock,
    log: quiet,
    meters,
  })
  const lines: MediaStreamLine[] = []
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket) => {
    edge.openStream(socket, ({ token }, line) => {
      if (token !== 'good') return undefined
      lines.push(line)
      const ignore = () => undefined
      return { audio: ignore, mark: ignore, digit: ignore, closed: ignore }
    })
  })
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of server.clients) socket.terminate()
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve()
      })
    })
  })
  const { port } = server.address() as AddressInfo
  const client = await new StreamClient(`ws://127.0.0.1:${port}`).opened()
  return { edge, noted, frames, sockets, lines, client }
}

it('counts the frames of a stream, both ways', async () => {
  const { client, frames, lines, sockets } = await open()
  client.start()
  for (let i = 0; i < 5; i++) client.media(new Uint8Array(160), i * 20)
  await expect.poll(() => frames.in).toBe(5)
  expect(Array.from(sockets, (bytes) => bytes())).toEqual([0])
  // A second and a half, and 10 ms that are filled up to a frame.
  lines[0]?.send(new Uint8Array(75 * 160 + 80))
  lines[0]?.flush()
  expect(frames.out).toBe(76)
  client.socket.close()
  await expect.poll(() => sockets.size).toBe(0)
})

it.each<[StartOverrides, string[]]>([
  [{ accountSid: 'AC2' }, ['media wrong_account']],
  [{ format: { channels: 2 } }, ['media wrong_media_format']],
  [{ parameters: {} }, ['media no_token', 'token missing']],
  [{ parameters: { token: 'guess' } }, ['media unknown_token', 'token unknown']],
])('counts a stream that is refused for %j', async (overrides, expected) => {
  const { client, noted } = await open()
  client.start(overrides)
  await client.closed
  expect(noted).toEqual(expected)
})

it('counts a stream that does not say whose it is', async () => {
  const { client, noted } = await open({ clock: scaledClock(50) })
  await client.closed
  expect(noted).toEqual(['media no_start_message'])
})

it('counts what cannot be used', async () => {
  const { client, noted } = await open()
  client.start()
  client.send('{')
  client.send('{')
  await expect.poll(() => noted).toEqual(['media malformed', 'media malformed'])
})

it('counts requests that Twilio has not signed', async () => {
  const { edge, noted } = await open()
  expect(edge.isWebhookGenuine('/api/phone/twilio/voice', 'forged', { AccountSid: 'AC1' })).toBe(
    false,
  )
  expect(edge.isUpgradeGenuine('/api/phone/media-stream', undefined)).toBe(false)
  expect(noted).toEqual(['signature', 'signature'])
})
