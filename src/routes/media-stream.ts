import type { FastifyPluginCallback } from 'fastify'
import type { PhoneCalls } from '../calls/phone-calls.ts'
import { errorBody } from './error-body.ts'
import type { TwilioPort } from './twilio-port.ts'
import { routes } from './routes.ts'

/** Where Twilio brings the audio of a call. */
export function mediaStreamRoute(deps: {
  calls: PhoneCalls
  twilio: TwilioPort
}): FastifyPluginCallback {
  const { calls, twilio } = deps
  return routes('mediaStreamRoute', (app) => {
    app.get(
      '/media-stream',
      {
        config: { access: 'twilio' },
        websocket: true,
        // Before the upgrade: whoever is not Twilio gets an HTTP answer and no socket.
        preValidation: async (request, reply) => {
          const signature = request.headers['x-twilio-signature']
          const target = request.raw.url ?? ''
          if (typeof signature === 'string' && twilio.isUpgradeGenuine(target, signature)) {
            const { draining, active } = calls.load
            if (!draining || active > 0) return
            // No call is left that it could belong to.
            await reply.code(503).send(errorBody('draining', 'the server is shutting down'))
            return
          }
          request.log.warn('media stream with a bad signature refused')
          await reply
            .code(403)
            .send(errorBody('bad_signature', 'not signed by Twilio for this address'))
        },
      },
      (socket, { ip }) => {
        twilio.openStream(socket, (claim, line) => calls.attachStream(claim, line), ip)
      },
    )
  })
}
