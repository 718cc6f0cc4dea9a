import formBody from '@fastify/formbody'
import websocket from '@fastify/websocket'
import fastify from 'fastify'
import type { WebSocket } from 'ws'
import { type Config, parseConfig } from '../src/config.ts'
import { watchUsage } from './process-usage.ts'
import type { ServerQuestions } from './server-questions.ts'
import { SkeletonCall } from './skeleton-call.ts'
import { answerParent } from './worker.ts'

/**
 * The yardstick: a server that does the same calls with the same libraries and none of the features. What Parley uses
 * beyond it is what its features cost. It is no example of how to do it: it checks no signature and survives no failure.
 */
type Spec = { readonly phone_number: string; readonly action: string; readonly opening: string }

type Frame = {
  readonly event: string
  readonly start?: { readonly streamSid: string; readonly callSid: string }
  readonly media?: { readonly payload: string }
}

async function startSkeleton(config: Config) {
  const app = fastify()
  await app.register(formBody)
  await app.register(websocket)
  const specs = new Map<string, Spec>()
  const base = `${config.PUBLIC_HOST}/api/phone`

  app.post('/api/phone/call', async (request, reply) => {
    const spec = request.body as Spec
    const callSid = await dial(config, spec.phone_number, `https://${base}/twilio/voice`)
    specs.set(callSid, spec)
    return reply.code(201).send({ call_sid: callSid })
  })

  app.post('/api/phone/twilio/voice', (_, reply) =>
    reply
      .type('text/xml')
      .send(`<Response><Connect><Stream url="wss://${base}/media-stream"/></Connect></Response>`),
  )

  app.get('/api/phone/media-stream', { websocket: true }, (socket: WebSocket) => {
    let call: SkeletonCall | undefined
    socket.on('message', (message: Buffer) => {
      const { event, start, media } = JSON.parse(message.toString()) as Frame
      if (media) call?.receive(media.payload)
      else if (start) call = begin(socket, start)
      else if (event === 'stop') socket.close()
    })
    socket.once('close', () => {
      call?.close()
    })
  })

  function begin(socket: WebSocket, start: { streamSid: string; callSid: string }) {
    const spec = specs.get(start.callSid)
    specs.delete(start.callSid)
    return spec && new SkeletonCall(config, { socket, streamSid: start.streamSid, ...spec })
  }

  const url = await app.listen({ host: config.HOST, port: config.PORT })
  return { url, close: () => app.close() }
}

/** Has Twilio ring the number and ask `voiceUrl` what then. */
async function dial(config: Config, to: string, voiceUrl: string): Promise<string> {
  const account = `2010-04-01/Accounts/${config.TWILIO_ACCOUNT_SID}`
  const key = Buffer.from(`${config.TWILIO_ACCOUNT_SID}:${config.TWILIO_AUTH_TOKEN}`)
  const response = await fetch(`${config.TWILIO_BASE_URL}/${account}/Calls.json`, {
    method: 'POST',
    headers: { authorization: `Basic ${key.toString('base64')}` },
    body: new URLSearchParams({ To: to, From: config.TWILIO_PHONE_NUMBER, Url: voiceUrl }),
  })
  const { sid } = (await response.json()) as { sid?: string }
  if (sid === undefined) throw new Error(`the call was refused with ${response.status}`)
  return sid
}

const usage = watchUsage()
const { url, close } = await startSkeleton(parseConfig(process.env))
answerParent<ServerQuestions>({ url: () => url, usage }, close)
