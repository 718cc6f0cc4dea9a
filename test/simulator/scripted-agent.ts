import formbody from '@fastify/formbody'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyRequest } from 'fastify'
import type { AddressInfo } from 'node:net'
import twilio from 'twilio'
import type { WebSocket } from '@fastify/websocket'
import { type Clock, scaledClock } from '../../src/clock.ts'
import { speakMulaw } from '../../src/simulator/tone-speech.ts'
import type { Person } from '../../src/simulator/scenario.ts'
import type { TwilioKnobs } from '../../src/simulator/twilio-knobs.ts'
import { type SimulatedTwilio, startTwilio, type TwilioEvent } from '../../src/simulator/twilio.ts'
import { Violations } from '../../src/simulator/violations.ts'
import { steadyClock } from '../../src/simulator/steady-clock.ts'
import { expect } from '../helpers/together.ts'

/** What waits for a peer's network buffers to fill needs more time than a world of this process can make. */
function clockOf(speed = 8): Clock {
  return speed > 20 ? scaledClock(speed) : steadyClock(speed)
}

export const ACCOUNT = `AC${'ab'.repeat(16)}`
export const TOKEN = 'token-of-the-account'
export const HOST = 'agent.example'
export const OWN = '+15005550006'
export const THEIRS = '+15551234567'
export const STREAM = `<Response><Connect><Stream url="wss://${HOST}/media"><Parameter name="token" value="a&amp;b"/></Stream></Connect></Response>`

/** Waits for what takes its time on a busy machine. */
export function eventually<T>(look: () => T) {
  return expect.poll(look, { timeout: 15_000, interval: 10 })
}

export type Form = Record<string, string>
type Message = {
  event: string
  sequenceNumber?: string
  streamSid?: string
  start?: Record<string, unknown>
  media?: { track: string; chunk: string; timestamp: string; payload: string }
  mark?: { name: string }
  dtmf?: { track: string; digit: string }
}

/** What the scripted agent saw of one stream, and its hands on it. */
export class AgentStream {
  readonly messages: Message[] = []
  readonly closed: Promise<number>
  onMessage: (message: Message) => void = () => undefined
  streamSid = ''
  readonly socket: WebSocket

  constructor(socket: WebSocket) {
    this.socket = socket
    this.closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Message
      this.messages.push(message)
      this.streamSid = message.streamSid ?? ''
      this.onMessage(message)
    })
  }

  send(message: Record<string, unknown>): void {
    this.socket.send(JSON.stringify({ ...message, streamSid: this.streamSid }))
  }

  say(text: string): void {
    const speech = speakMulaw(text)
    const audio = new Uint8Array(Math.ceil(speech.length / 160) * 160).fill(0xff)
    audio.set(speech)
    this.send({ event: 'media', media: { payload: Buffer.from(audio).toString('base64') } })
  }

  mark(name: string): void {
    this.send({ event: 'mark', mark: { name } })
  }

  of(event: string): Message[] {
    return this.messages.filter((message) => message.event === event)
  }

  /** All audio of the caller so far. */
  get heard(): Uint8Array {
    return Buffer.concat(this.of('media').map(({ media }) => Buffer.from(media!.payload, 'base64')))
  }
}

export type AgentScript = {
  /** The answer to the voice webhook. */
  voice?: (
    form: Form,
    request: FastifyRequest,
  ) => string | { status: number; type: string; body: string }
  /** Other pages, by path. */
  pages?: Record<string, (form: Form) => string>
  onStart?: (stream: AgentStream) => void
  /** HTTP status with which an upgrade is refused. */
  refuseUpgrade?: number
  /** An upgrade is never answered. */
  hangUpgrade?: boolean
  callbackStatus?: number
}

export type World = {
  twilio: SimulatedTwilio
  client: ReturnType<typeof twilio>
  clock: Clock
  violations: Violations
  events: TwilioEvent[]
  voiceForms: Form[]
  callbacks: Form[]
  streamCallbacks: Form[]
  streams: AgentStream[]
  upgrades: FastifyRequest['headers'][]
  requests: FastifyRequest['headers'][]
  badSignatures: string[]
  create(extra?: Record<string, unknown>): Promise<string>
  close(): Promise<void>
}

const ANSWERING: Person = { answer: 'yes', ringMs: 100, does: [] }

/** A small server that checks every signature and does what the script says, and a simulated Twilio that rings it. */
export async function startWorld(
  script: AgentScript,
  person: Person = ANSWERING,
  options: { knobs?: Partial<TwilioKnobs>; speed?: number } = {},
): Promise<World> {
  const clock = clockOf(options.speed)
  const violations = new Violations()
  const events: TwilioEvent[] = []
  const world = {
    clock,
    violations,
    events,
    voiceForms: [] as Form[],
    callbacks: [] as Form[],
    streamCallbacks: [] as Form[],
    streams: [] as AgentStream[],
    upgrades: [] as FastifyRequest['headers'][],
    requests: [] as FastifyRequest['headers'][],
    badSignatures: [] as string[],
  }
  let release: () => void = () => undefined
  const closing = new Promise<void>((resolve) => {
    release = resolve
  })
  const app = Fastify({ forceCloseConnections: true })
  await app.register(formbody)
  await app.register(websocket, { options: { perMessageDeflate: true } })

  const check = (request: FastifyRequest, scheme: string) => {
    const form = request.method === 'POST' ? (request.body as Form) : {}
    const signature = String(request.headers['x-twilio-signature'])
    const url = `${scheme}://${HOST}${request.url}`
    if (!twilio.validateRequest(TOKEN, signature, url, form)) world.badSignatures.push(url)
    return { ...form, ...(request.query as Form) }
  }
  app.get(
    '/media',
    {
      websocket: true,
      preValidation: async (request, reply) => {
        check(request, 'wss')
        world.upgrades.push(request.headers)
        if (script.hangUpgrade) await closing
        if (script.refuseUpgrade) await reply.code(script.refuseUpgrade).send('no')
      },
    },
    (socket) => {
      const stream = new AgentStream(socket)
      world.streams.push(stream)
      stream.onMessage = ({ event }) => {
        if (event === 'start') script.onStart?.(stream)
      }
    },
  )
  app.post('/status', (request, reply) => {
    world.callbacks.push(check(request, 'https'))
    return reply.code(script.callbackStatus ?? 204).send()
  })
  app.post('/api/phone/twilio/status', (request, reply) => {
    world.callbacks.push(check(request, 'https'))
    return reply.code(204).send()
  })
  app.post('/stream-status', (request, reply) => {
    world.streamCallbacks.push(check(request, 'https'))
    return reply.code(204).send()
  })
  const voice = (request: FastifyRequest) => {
    const form = check(request, 'https')
    world.voiceForms.push(form)
    world.requests.push(request.headers)
    const answer = script.voice?.(form, request) ?? STREAM
    return typeof answer === 'string' ? { status: 200, type: 'text/xml', body: answer } : answer
  }
  for (const path of ['/voice', '/api/phone/twilio/voice']) {
    app.route({
      method: ['GET', 'POST'],
      url: path,
      handler: (request, reply) => {
        const { status, type, body } = voice(request)
        return reply.code(status).type(type).send(body)
      },
    })
  }
  for (const [path, page] of Object.entries(script.pages ?? {})) {
    app.route({
      method: ['GET', 'POST'],
      url: path,
      handler: (request, reply) => {
        const answer = page(check(request, 'https'))
        return answer.startsWith('/') ? reply.redirect(answer) : reply.type('text/xml').send(answer)
      },
    })
  }
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const simulated = await startTwilio({
    clock,
    violations,
    accountSid: ACCOUNT,
    authToken: TOKEN,
    publicHost: HOST,
    serverUrl: `http://127.0.0.1:${port}`,
    personAt: () => person,
    knobs: options.knobs ?? {},
    on: (event) => events.push(event),
  })
  const client = twilio(ACCOUNT, TOKEN)
  client.api.baseUrl = simulated.url
  const create = async (extra: Record<string, unknown> = {}) => {
    const { sid } = await client.calls.create({
      to: THEIRS,
      from: OWN,
      url: `https://${HOST}/voice`,
      statusCallback: `https://${HOST}/status`,
      statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
      ...extra,
    })
    return sid
  }
  return {
    ...world,
    twilio: simulated,
    client,
    create,
    close: async () => {
      await simulated.close()
      release()
      await app.close()
    },
  }
}
