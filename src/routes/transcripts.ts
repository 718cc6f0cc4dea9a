import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { CallHistory } from '../calls/call-history.ts'
import { speakersOf, transcriptText, transcriptVtt } from '../calls/transcript-text.ts'
import { SECURITY } from './api-keys.ts'
import { CallParams } from './call-view.ts'
import { ErrorBody, StoreAway } from './error-body.ts'
import { summaryExample, transcriptExample } from './examples.ts'
import { TurnView, turnOf } from './turn-view.ts'
import { routes } from './routes.ts'

const TranscriptView = z
  .object({
    call_id: z.string(),
    speakers: z.object({ agent: z.string(), caller: z.string() }),
    turns: z.array(TurnView),
  })
  .meta({
    title: 'Transcript',
    examples: [
      {
        call_id: summaryExample.call_id,
        speakers: { agent: 'Alex', caller: 'John' },
        turns: transcriptExample,
      },
    ],
  })

const TXT_EXAMPLE = `[00:04.8] John: Yes, Thursday works.
[00:07.4] Alex: Wonderful, see you on Thursday at two p.m. Goodbye!
`
const VTT_EXAMPLE = `WEBVTT

1
00:00:04.800 --> 00:00:06.300
<v John>Yes, Thursday works.
`

const file = (type: string, description: string, example: string) => ({
  description,
  content: { [type]: { schema: z.string().meta({ example }) } },
})

const OF_CALL = { tags: ['transcripts'], security: SECURITY, params: CallParams }
const refusals = { 400: ErrorBody, 401: ErrorBody, 404: ErrorBody, 503: StoreAway }

/** What was said in a call, as files; of a call that goes on, as far as it is. */
export function transcriptRoutes({ history }: { history: CallHistory }): FastifyPluginCallbackZod {
  return routes('transcriptRoutes', (app) => {
    app.get(
      '/calls/:call_id/transcript.json',
      {
        config: { access: 'calls:read' },
        schema: {
          operationId: 'getTranscript',
          summary: 'What was said, as JSON',
          ...OF_CALL,
          response: { 200: TranscriptView, ...refusals },
        },
      },
      async ({ params }) => {
        const { callId, spec, turns } = await history.record(params.call_id)
        return { call_id: callId, speakers: speakersOf(spec), turns: turns.map(turnOf) }
      },
    )

    app.get(
      '/calls/:call_id/transcript.txt',
      {
        config: { access: 'calls:read' },
        schema: {
          operationId: 'getTranscriptText',
          summary: 'What was said, as text',
          description: 'One line a turn: `[mm:ss.t] Name: words`. A dash ends what was cut off.',
          ...OF_CALL,
          response: { 200: file('text/plain', 'One line a turn', TXT_EXAMPLE), ...refusals },
        },
      },
      async ({ params }, reply) => {
        const { spec, turns } = await history.record(params.call_id)
        return reply.type('text/plain; charset=utf-8').send(transcriptText(turns, speakersOf(spec)))
      },
    )

    app.get(
      '/calls/:call_id/transcript.vtt',
      {
        config: { access: 'calls:read' },
        schema: {
          operationId: 'getTranscriptVtt',
          summary: 'What was said, as WebVTT',
          description: 'Subtitles for the recording: a cue a turn, with its speaker.',
          ...OF_CALL,
          response: { 200: file('text/vtt', 'A cue a turn', VTT_EXAMPLE), ...refusals },
        },
      },
      async ({ params }, reply) => {
        const { spec, turns } = await history.record(params.call_id)
        return reply.type('text/vtt; charset=utf-8').send(transcriptVtt(turns, speakersOf(spec)))
      },
    )
  })
}
