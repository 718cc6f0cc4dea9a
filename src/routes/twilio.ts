import formbody from '@fastify/formbody'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Answer } from '../calls/answered-call.ts'
import type { PhoneCalls } from '../calls/phone-calls.ts'
import { stockPhrases } from '../pipeline/stock-phrases.ts'
import { errorBody } from './error-body.ts'
import type { TwilioPort } from './twilio-port.ts'
import { routes } from './routes.ts'

const OurCall = z.object({ call_id: z.string().max(64).optional() })

const OF_TWILIO = { config: { access: 'twilio' }, schema: { hide: true } } as const
const OF_OUR_CALL = { ...OF_TWILIO, schema: { hide: true, querystring: OurCall } }

/** What Twilio asks and tells by signed forms. */
export function twilioRoutes(deps: {
  calls: PhoneCalls
  twilio: TwilioPort
}): FastifyPluginCallbackZod {
  const { calls, twilio } = deps
  return routes('twilioRoutes', (app) => {
    // Only here: a form can be sent by any web page without asking, so the API for people reads JSON alone.
    app.register(formbody)
    app.addHook('preValidation', signatureGuard(twilio))

    app.post('/voice', OF_OUR_CALL, async (request, reply) => {
      const call = { ...twilio.readVoice(request.body), ...ourCall(request.query) }
      if (await calls.isElsewhere(call)) return xml(reply).send(twilio.askAgain(call.callId))
      const answer = calls.answered(call)
      return xml(reply).send(twimlFor(answer, { calls, direction: call.direction, twilio }))
    })

    fallbackRoute(app, deps)
    app.post('/status', OF_OUR_CALL, (request, reply) => {
      calls.statusChanged({ ...twilio.readStatus(request.body), ...ourCall(request.query) })
      return reply.code(204).send()
    })

    app.post('/amd', OF_OUR_CALL, (request, reply) => {
      calls.carrierHeard({ ...twilio.readAmd(request.body), ...ourCall(request.query) })
      return reply.code(204).send()
    })

    app.post('/stream-status', OF_TWILIO, (request, reply) => {
      const { callSid, event, failure } = twilio.readStreamStatus(request.body)
      if (failure) {
        request.log.warn({ callSid, reason: failure.message }, 'media stream failed')
        calls.streamFailed(callSid, failure)
      } else request.log.debug({ callSid, event }, 'media stream reported')
      return reply.code(204).send()
    })

    app.post('/stream-ended', OF_TWILIO, async (request, reply) => {
      const ended = twilio.readStreamEnded(request.body)
      if (await calls.isElsewhere(ended)) return xml(reply).send(twilio.askAgain())
      return xml(reply).send(twimlToGoOn(calls.streamEnded(ended), twilio))
    })

    app.post('/recording-status', OF_OUR_CALL, (request, reply) => {
      const recording = {
        ...ourCall(request.query),
        ...twilio.readRecordingStatus(request.body),
      }
      const isKept = recording.status !== 'absent' && recording.status !== 'failed'
      request.log[isKept ? 'info' : 'warn'](recording, 'recording by the carrier reported')
      return reply.code(204).send()
    })

    app.post('/transfer-ended', OF_TWILIO, async (request, reply) => {
      const ended = twilio.readTransferEnded(request.body)
      if (await calls.isElsewhere(ended)) return xml(reply).send(twilio.askAgain())
      return xml(reply).send(twimlToGoOn(calls.transferEnded(ended), twilio))
    })
  })
}

/** What Twilio asks when the voice url did not answer as it should. */
function fallbackRoute(
  app: Parameters<FastifyPluginCallbackZod>[0],
  { calls, twilio }: { calls: PhoneCalls; twilio: TwilioPort },
): void {
  // The same question has the same answer, and failing that …
  app.post('/fallback', OF_OUR_CALL, async (request, reply) => {
    const call = { ...twilio.readVoice(request.body), ...ourCall(request.query) }
    request.log.warn({ callSid: call.callSid, ...twilio.readError(request.body) }, 'fallback asked')
    if (await calls.isElsewhere(call)) return xml(reply).send(twilio.askAgain(call.callId))
    try {
      const answer = calls.answered(call)
      const document = twimlFor(answer, { calls, direction: call.direction, twilio })
      return await xml(reply).send(document)
    } catch (error) {
      request.log.error({ err: error }, 'call cannot be answered')
      // … somebody who has picked up is told so, by the carrier's own voice.
      return xml(reply).send(twilio.apologise())
    }
  })
}

/** Nothing is read or done for a request that Twilio did not sign. */
function signatureGuard(twilio: TwilioPort) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const signature = request.headers['x-twilio-signature']
    const isGenuine = twilio.isWebhookGenuine(
      request.raw.url ?? '',
      typeof signature === 'string' ? signature : undefined,
      formOf(request.body),
    )
    if (isGenuine) return
    request.log.warn({ url: request.routeOptions.url }, 'webhook with a bad signature refused')
    await reply.code(403).send(errorBody('bad_signature', 'not signed by Twilio for this address'))
  }
}

function formOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null ? Object.fromEntries(Object.entries(body)) : {}
}

function ourCall({ call_id }: z.infer<typeof OurCall>) {
  return call_id === undefined ? {} : { callId: call_id }
}

function twimlFor(
  answer: Answer,
  {
    calls,
    direction,
    twilio,
  }: { calls: PhoneCalls; direction: 'inbound' | 'outbound'; twilio: TwilioPort },
): string {
  if ('token' in answer) return twilio.connect(answer.token)
  // Only a call that has not been answered yet can be rejected.
  if (direction === 'outbound') return twilio.hangUp()
  // Whoever rings while the server stops would take a busy tone for ours for good.
  if (answer.refused === 'closing') {
    const { language } = calls
    return twilio.sayAndHangUp(stockPhrases(language).callAgain, language)
  }
  return twilio.reject(answer.refused === 'busy' ? 'busy' : 'rejected')
}

/** A call whose stream or transfer is over goes on with a new stream, or is over itself. */
function twimlToGoOn(token: string | undefined, twilio: TwilioPort): string {
  return token === undefined ? twilio.hangUp() : twilio.connect(token)
}

function xml(reply: FastifyReply): FastifyReply {
  return reply.type('text/xml; charset=utf-8')
}
