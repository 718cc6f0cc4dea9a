import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { type Clock, scaledClock } from '../../../src/clock.ts'
import type { LineListener } from '../../../src/pipeline/ports.ts'
import type { MediaStreamLine } from '../../../src/providers/twilio/media-stream.ts'
import { StreamCommand } from '../../../src/providers/twilio/messages.ts'
import {
  type Admit,
  MAX_SOCKET_MESSAGE_BYTES,
  StreamDoor,
} from '../../../src/providers/twilio/stream-door.ts'
import { mediaMessage, type StartOverrides, StreamClient } from '../../helpers/stream-client.ts'
import { anyText } from '../../helpers/any-text.ts'

type LogEntry = { readonly level: number; readonly msg: string; readonly oddity?: string }

let server: WebSocketServer
let heard: string[]
let audio: Buffer[]
let line: MediaStreamLine | undefined
let log: LogEntry[]
let onAttach: (line: MediaStreamLine) => void

/** A listener of its own for each test: the lines of earlier ones may still be closing. */
function listen(): LineListener {
  const notes: string[] = (heard = [])
  const frames: Buffer[] = (audio = [])
  return {
    audio: (frame, timestampMs) => {
      frames.push(Buffer.from(frame))
      notes.push(`audio at ${timestampMs}`)
    },
    mark: (name) => notes.push(`mark ${name}`),
    digit: (digit) => notes.push(`digit ${digit}`),
    closed: (cause) => notes.push(`closed ${cause}`),
  }
}

/** Every stream comes from the same address. */
let isFromOne = false

beforeEach(() => {
  line = undefined
  isFromOne = false
  onAttach = () => undefined
})

afterEach(async () => {
  for (const socket of server.clients) socket.terminate()
  await new Promise((resolve) => {
    server.close(resolve)
  })
})

async function open(clock: Clock = scaledClock(1)): Promise<StreamClient> {
  const entries: LogEntry[] = (log = [])
  const logger = pino(
    { level: 'trace', base: null },
    { write: (entry: string) => entries.push(JSON.parse(entry) as LogEntry) },
  )
  const listener = listen()
  const door = new StreamDoor({ accountSid: 'AC1', clock, log: logger })
  server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    maxPayload: MAX_SOCKET_MESSAGE_BYTES,
  })
  let peers = 0
  server.on('connection', (socket) => {
    const admit: Admit = (claim, newLine) => {
      if (claim.token !== 'good') return undefined
      line = newLine
      onAttach(newLine)
      return listener
    }
    door.enter(socket, admit, isFromOne ? 'one' : `peer ${++peers}`)
  })
  await once(server, 'listening')
  return connect()
}

function connect(): Promise<StreamClient> {
  return new StreamClient(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`).opened()
}

async function openLine(overrides: StartOverrides = {}, clock?: Clock) {
  const client = await open(clock)
  client.start(overrides)
  await expect.poll(() => line, { interval: 2 }).toBeDefined()
  return { client, line: line! }
}

/** Waits until everything that was sent before has been received, by a key of its own. */
async function caughtUp(client: StreamClient): Promise<void> {
  const before = heard.length
  client.event('dtmf', { dtmf: { track: 'inbound_track', digit: '#' } })
  await expect
    .poll(() => heard.indexOf('digit #', before), { interval: 2 })
    .toBeGreaterThanOrEqual(0)
  heard.splice(heard.lastIndexOf('digit #'), 1)
}

const payloads = (client: StreamClient) =>
  client.received.flatMap((command) =>
    command.event === 'media' ? [Buffer.from(command.media.payload, 'base64')] : [],
  )

const oddities = () => log.flatMap(({ oddity }) => oddity ?? [])

describe('a media stream comes in', () => {
  it('when its start message is right', async () => {
    const { line } = await openLine({ streamSid: 'MZ7' })
    expect(line.id).toBe('MZ7')
  })

  it.each<[string, StartOverrides, string]>([
    ['a wrong account', { accountSid: 'AC2' }, 'wrong account'],
    ['another encoding', { format: { encoding: 'audio/l16' } }, 'wrong media format'],
    ['another rate', { format: { sampleRate: 16_000 } }, 'wrong media format'],
    ['two channels', { format: { channels: 2 } }, 'wrong media format'],
    ['no token', { parameters: {} }, 'no token'],
    ['a wrong token', { parameters: { token: 'guess' } }, 'unknown token'],
  ])('and is closed for %s', async (_, overrides, reason) => {
    const client = await open()
    client.start(overrides)
    expect(await client.closed).toEqual({ code: 1008, reason })
    expect(line).toBeUndefined()
    expect(heard).toEqual([])
  })

  it('and is closed when it does not say whose it is', async () => {
    const client = await open(scaledClock(50))
    client.send({ event: 'connected', protocol: 'Call', version: '1.0.0' })
    expect(await client.closed).toEqual({ code: 1008, reason: 'no start message' })
  })

  it('and may leave without a word', async () => {
    const client = await open(scaledClock(50))
    client.socket.terminate()
    await expect.poll(() => log.some(({ msg }) => msg === 'media socket closed')).toBe(true)
    await scaledClock(50).sleep(6000)
    expect(log.some(({ msg }) => msg === 'media stream refused')).toBe(false)
  })

  it('and is refused when anything else comes before its start', async () => {
    const client = await open()
    client.send('{')
    client.media(new Uint8Array(160))
    client.start()
    expect(await client.closed).toEqual({ code: 1008, reason: 'message before start' })
    expect([heard, line]).toEqual([[], undefined])
  })

  it('and keeps nobody out who comes from elsewhere', async () => {
    await open()
    isFromOne = true
    const crowd = await Promise.all(Array.from({ length: 64 }, connect))
    const another = await connect()
    expect(await another.closed).toMatchObject({ code: 1013 })
    isFromOne = false
    const elsewhere = await connect()
    elsewhere.start()
    await expect.poll(() => line, { interval: 2 }).toBeDefined()
    crowd[0]?.socket.terminate()
    await expect.poll(() => server.clients.size).toBeLessThanOrEqual(65)
    isFromOne = true
    const next = await connect()
    next.start({ parameters: { token: 'guess' } })
    expect(await next.closed).toMatchObject({ code: 1008 })
  })

  it('but not when hundreds are waiting that have not said whose they are', async () => {
    await open()
    const crowd = await Promise.all(Array.from({ length: 255 }, connect))
    const late = await connect()
    expect(await late.closed).toMatchObject({ code: 1013 })
    crowd[0]?.socket.terminate()
    await expect.poll(() => server.clients.size).toBeLessThanOrEqual(255)
    const next = await connect()
    next.start()
    await expect.poll(() => line, { interval: 2 }).toBeDefined()
  })
})

describe('what the line sends', () => {
  it('is whole frames, in order, whatever the sizes it is given', async () => {
    const { client, line } = await openLine()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 8 }),
        async (chunks) => {
          client.received.length = 0
          for (const chunk of chunks) line.send(chunk)
          line.flush()
          line.mark('end')
          await expect.poll(() => client.received.at(-1)?.event, { interval: 2 }).toBe('mark')
          const sent = payloads(client)
          expect(sent.every(({ length }) => length > 0 && length % 160 === 0)).toBe(true)
          const given = Buffer.concat(chunks)
          const all = Buffer.concat(sent)
          expect(all.length).toBe(Math.ceil(given.length / 160) * 160)
          expect(all.subarray(0, given.length).equals(given)).toBe(true)
          expect(all.subarray(given.length).every((byte) => byte === 0xff)).toBe(true)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('comes in messages of at most a second', async () => {
    const { client, line } = await openLine()
    line.send(new Uint8Array(20_000))
    line.mark('end')
    await expect.poll(() => client.received.length).toBe(4)
    expect(payloads(client).map(({ length }) => length)).toEqual([8000, 8000, 4000])
  })

  it('is nothing but what Twilio knows', async () => {
    const { client, line } = await openLine()
    line.send(new Uint8Array(161))
    line.mark('a "quoted" mark')
    line.clear()
    await expect.poll(() => client.received.length).toBe(3)
    for (const command of client.received) StreamCommand.parse(command)
    expect(client.received.map(({ streamSid }) => streamSid)).toEqual(['MZ1', 'MZ1', 'MZ1'])
  })

  it('does not depend on what becomes of the buffer it was given', async () => {
    const { client, line } = await openLine()
    const buffer = new Uint8Array(100).fill(1)
    line.send(buffer)
    buffer.fill(2)
    line.flush()
    await expect.poll(() => payloads(client).length).toBe(1)
    expect(
      payloads(client)[0]
        ?.subarray(0, 100)
        .every((byte) => byte === 1),
    ).toBe(true)
  })

  it('forgets what was held back when it is cleared', async () => {
    const { client, line } = await openLine()
    line.send(new Uint8Array(100))
    line.clear()
    line.flush()
    line.mark('end')
    await expect.poll(() => client.received.length).toBe(2)
    expect(client.received.map(({ event }) => event)).toEqual(['clear', 'mark'])
  })

  it('is lost, with the line, when nobody reads it for minutes', async () => {
    const { client, line } = await openLine()
    client.socket.pause()
    for (let i = 0; i < 2000 && heard.length === 0; i++) line.send(new Uint8Array(8000))
    expect(heard).toEqual(['closed lost'])
  })
})

describe('marks', () => {
  const echo = (client: StreamClient, name: string) => {
    client.event('mark', { mark: { name } })
  }
  const namesOf = (client: StreamClient) =>
    client.received.flatMap((command) => (command.event === 'mark' ? [command.mark.name] : []))

  it('come back under the names they were given', async () => {
    const { client, line } = await openLine()
    line.mark('reply:1\nline two')
    await expect.poll(() => namesOf(client)).toHaveLength(1)
    echo(client, namesOf(client)[0]!)
    await caughtUp(client)
    expect(heard).toEqual(['mark reply:1\nline two'])
  })

  it('that a clear has flushed do not', async () => {
    const { client, line } = await openLine()
    line.mark('before')
    line.clear()
    line.mark('after')
    await expect.poll(() => namesOf(client)).toHaveLength(2)
    for (const name of namesOf(client)) echo(client, name)
    await caughtUp(client)
    expect(heard).toEqual(['mark after'])
  })

  it('that are not ours are ignored', async () => {
    const { client } = await openLine()
    echo(client, 'whose')
    await caughtUp(client)
    expect(heard).toEqual([])
    expect(oddities()).toEqual(['foreign'])
  })
})

describe('what comes from the stream', () => {
  it('reaches the listener: audio and keys', async () => {
    const { client } = await openLine()
    client.media(new Uint8Array(160).fill(7), 171)
    client.event('dtmf', { dtmf: { track: 'inbound_track', digit: '5' } })
    await caughtUp(client)
    expect(heard).toEqual(['audio at 171', 'digit 5'])
    expect(audio[0]?.equals(Buffer.alloc(160, 7))).toBe(true)
  })

  it('may have its fields in any order', async () => {
    const { client } = await openLine()
    const media = { payload: 'AQID', timestamp: '20', chunk: '1', track: 'inbound' }
    client.send({ streamSid: 'MZ1', media, sequenceNumber: '3', event: 'media', more: 1 })
    await caughtUp(client)
    expect(heard).toEqual(['audio at 20'])
    expect(audio[0]).toEqual(Buffer.from([1, 2, 3]))
  })

  it('ends with its stop', async () => {
    const { client } = await openLine()
    client.event('stop', { stop: { accountSid: 'AC1', callSid: 'CA1' } })
    expect(await client.closed).toMatchObject({ code: 1000 })
    expect(heard).toEqual(['closed stopped'])
  })

  it('is lost when the socket goes away', async () => {
    const { client } = await openLine()
    client.socket.terminate()
    await expect.poll(() => heard).toEqual(['closed lost'])
  })

  it('is no longer told once we have closed the line, and nothing more is sent', async () => {
    const { client, line } = await openLine()
    line.close()
    line.send(new Uint8Array(160))
    line.mark('late')
    line.close()
    client.media(new Uint8Array(160))
    expect(await client.closed).toMatchObject({ code: 1000 })
    expect(client.received).toEqual([])
    expect(heard).toEqual([])
  })
})

describe('what cannot be used', () => {
  it.each<[string, string, string]>([
    ['no JSON', '{"event":', 'malformed'],
    ['JSON that is no message', '[1,2]', 'malformed'],
    ['an event that we do not know', '{"event":"party","streamSid":"MZ1"}', 'unknown'],
    ['a message without its parts', '{"event":"dtmf","streamSid":"MZ1"}', 'malformed'],
    [
      'a key that is none',
      '{"event":"dtmf","sequenceNumber":"1","streamSid":"MZ1","dtmf":{"track":"inbound_track","digit":"x"}}',
      'malformed',
    ],
    ['audio that is no base64', mediaMessage({ payload: '*' }), 'malformed'],
    ['audio of another stream', mediaMessage({ payload: 'AAAA' }, 'MZ2'), 'foreign'],
    ['audio of our own', mediaMessage({ payload: 'AAAA', track: 'outbound' }), 'foreign'],
    ['a second beginning', '{"event":"connected"}', 'misplaced'],
    ['a message of 70 kB', mediaMessage({ payload: 'A'.repeat(70_000) }), 'oversized'],
  ])('is counted and ignored: %s', async (_, message, oddity) => {
    const { client } = await openLine()
    client.send(message)
    client.send(message)
    await caughtUp(client)
    expect(heard).toEqual([])
    const noted = log.filter((entry) => entry.oddity !== undefined)
    // A warning once, then only for those who look for it.
    expect(noted).toMatchObject([
      { oddity, level: 40 },
      { oddity, level: 20, count: 2 },
    ])
    expect(JSON.stringify(log)).not.toContain('party')
  })

  it('may be binary', async () => {
    const { client } = await openLine()
    client.socket.send(Buffer.from(mediaMessage({ payload: 'AAAA' })), { binary: true })
    await caughtUp(client)
    expect(heard).toEqual([])
    expect(oddities()).toEqual(['binary'])
  })

  it('costs the line only beyond a megabyte', async () => {
    const { client } = await openLine()
    client.send('x'.repeat(MAX_SOCKET_MESSAGE_BYTES + 1))
    expect(await client.closed).toMatchObject({ code: 1009 })
    await expect.poll(() => heard).toEqual(['closed lost'])
  })

  it('costs the line when it comes ten times in ten seconds', async () => {
    const { client } = await openLine()
    for (let n = 0; n < 9; n++) client.send('{')
    client.send('{"event":"unknown"}')
    await caughtUp(client)
    client.send('[]')
    expect(await client.closed).toEqual({ code: 1007, reason: 'too many malformed messages' })
    await expect.poll(() => heard.at(-1)).toBe('closed lost')
    expect(log.filter(({ level }) => level >= 50)).toEqual([])
  })

  it('costs a socket that has not said whose it is, too', async () => {
    const client = await open()
    for (let n = 0; n < 10; n++) client.send('{')
    expect(await client.closed).toMatchObject({ code: 1007 })
  })

  it('is never fatal, whatever it is, when it comes now and then', async () => {
    let nowMs = 0
    const seldom: Clock = { ...scaledClock(1), now: () => (nowMs += 2000) }
    const { client } = await openLine({}, seldom)
    const shape = fc.record(
      {
        event: fc.constantFrom('media', 'dtmf', 'mark', 'connected', 'start', 'x', '__proto__'),
        sequenceNumber: fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
        streamSid: fc.constantFrom('MZ1', 'MZ2', ''),
        media: fc.oneof(
          fc.anything(),
          fc.record({
            track: fc.constantFrom('inbound', 'outbound'),
            chunk: fc.string(),
            timestamp: fc.oneof(fc.nat().map(String), fc.string()),
            payload: fc.oneof(fc.base64String(), fc.string()),
          }),
        ),
        dtmf: fc.anything(),
        mark: fc.oneof(fc.anything(), fc.record({ name: fc.string() })),
        start: fc.anything(),
      },
      { requiredKeys: ['event'] },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            anyText(),
            shape.map((message) => JSON.stringify(message, withoutBigInts)),
          ),
          { maxLength: 20 },
        ),
        async (messages) => {
          for (const message of messages) client.send(message)
          await caughtUp(client)
          expect(client.socket.readyState).toBe(client.socket.OPEN)
        },
      ),
      { numRuns: 60 },
    )
    heard.length = 0
    client.media(new Uint8Array(160), 999)
    await caughtUp(client)
    expect(heard).toEqual(['audio at 999'])
  })
})

const withoutBigInts = (_: string, value: unknown) =>
  typeof value === 'bigint' ? String(value) : value

it('a reply that is ready is sent the moment the line is there', async () => {
  const client = await open()
  onAttach = (newLine) => {
    newLine.send(new Uint8Array(320))
  }
  client.start()
  await expect.poll(() => payloads(client).length).toBe(1)
})
