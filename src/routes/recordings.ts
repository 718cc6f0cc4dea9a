import type { FastifyReply } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { CallHistory, StoredSound } from '../calls/call-history.ts'
import { SECURITY } from './api-keys.ts'
import { byteRange } from './byte-range.ts'
import { CallParams } from './call-view.ts'
import { ErrorBody, StoreAway } from './error-body.ts'
import { routes } from './routes.ts'

const wav = (description: string) => ({
  description,
  content: {
    'audio/wav': {
      schema: z
        .string()
        .meta({ format: 'binary', example: 'RIFF…WAVE (stereo: caller left, agent right)' }),
    },
  },
})

const RangeHeaders = z.looseObject({
  range: z
    .string()
    .optional()
    .meta({ description: 'One range of bytes', examples: ['bytes=0-65535'] }),
})

/** The sound of calls. */
export function recordingRoutes({ history }: { history: CallHistory }): FastifyPluginCallbackZod {
  return routes('recordingRoutes', (app) => {
    app.get(
      '/calls/:call_id/recording.wav',
      {
        config: { access: 'calls:read' },
        schema: {
          operationId: 'getRecording',
          summary: 'The call as sound',
          description:
            'Stereo: the caller left, the agent right, as it was played. Of a call that goes on, as far as it is.',
          tags: ['recordings'],
          security: SECURITY,
          params: CallParams,
          headers: RangeHeaders,
          response: {
            200: wav('All of it'),
            206: wav('The range that was asked for'),
            400: ErrorBody,
            401: ErrorBody,
            404: ErrorBody.meta({ description: 'No such call, or it has no recording' }),
            503: StoreAway,
            416: z.undefined().meta({ description: 'Nothing of the range is there' }),
          },
        },
      },
      async ({ params, headers }, reply) => {
        const recording = await history.recording(params.call_id)
        void reply
          .header('accept-ranges', 'bytes')
          .header('cache-control', 'private, no-store')
          .header('content-disposition', `inline; filename="${params.call_id}.wav"`)
        // There is nothing to compare what a client has with: it gets all of it anew.
        return send(reply, recording, 'if-range' in headers ? undefined : headers.range)
      },
    )
  })
}

function send(reply: FastifyReply, sound: StoredSound, header: string | undefined) {
  const { size } = sound
  const range = byteRange(header, size)
  if (range === 'unsatisfiable') {
    return reply.code(416).header('content-range', `bytes */${size}`).send()
  }
  void reply.type('audio/wav')
  if (!range) {
    return reply.header('content-length', size).send(sound.stream({ start: 0, end: size - 1 }))
  }
  const { start, end } = range
  return reply
    .code(206)
    .header('content-range', `bytes ${start}-${end}/${size}`)
    .header('content-length', end - start + 1)
    .send(sound.stream({ start, end }))
}
