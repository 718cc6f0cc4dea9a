import { Readable } from 'node:stream'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { SECURITY } from './api-keys.ts'
import { ErrorBody } from './error-body.ts'
import { followerOf } from './event-stream.ts'
import { RunList, RunView, runViewOf } from './workflow-view.ts'
import { RUN_STATUSES, type RunFeedItem, type WorkflowsPort } from './workflows-port.ts'
import { routes } from './routes.ts'

const id = z.string().min(1).max(100)
const WorkflowParams = z.object({ workflow_id: id.meta({ examples: ['call-and-follow-up'] }) })
const RunParams = WorkflowParams.extend({ run_id: id })

const RunInput = z.looseObject({}).meta({
  description: 'The input of the workflow: docs/mastra.md',
  examples: [
    {
      call: { phone_number: '+15551234567', action: 'Confirm your dentist appointment' },
      approval: 'follow_up',
      attempts: 3,
      retry_after_s: 900,
      follow_up: { instructions: 'If they want another day, call again in the evening.' },
    },
  ],
})

const Answer = z
  .strictObject({
    step: z
      .array(z.string().max(100))
      .max(10)
      .optional()
      .meta({ description: 'One of `suspended`; default: the one that waits' }),
    data: z.unknown().optional().meta({ description: 'What it waits for' }),
  })
  .meta({ examples: [{ data: { approved: true, by: 'Jane' } }] })

const eventId = z
  .string()
  .regex(/^\d{1,16}$/, 'the id of an event, a whole number')
  .transform(Number)

const RunEventView = z.unknown().meta({
  title: 'WorkflowEvent',
  example: { id: 'reach-person.place-call', status: 'success', output: { attempt: 1 } },
})

const refusals = { 400: ErrorBody, 401: ErrorBody, 404: ErrorBody }
const NotWaiting = ErrorBody.meta({ description: 'The run is over, or waits for no answer' })
const schema = { tags: ['workflows'], security: SECURITY }

/** Runs belong to no key: they call by the server's own. */
const config = { access: 'admin' } as const

/** How long an `EventSource` waits before it connects again. */
const RETRY_MS = 1000

/** Workflows, for the user of the API: to start a run, to follow it, to answer what it asks, to end it. */
export function workflowRoutes({
  workflows,
}: {
  workflows: WorkflowsPort
}): FastifyPluginCallbackZod {
  return routes('workflowRoutes', (app) => {
    app.addHook('preClose', (closed) => {
      workflows.releaseFollowers()
      closed()
    })

    app.post(
      '/workflows/:workflow_id/runs',
      {
        config,
        schema: {
          ...schema,
          operationId: 'startRun',
          summary: 'Start a run of a workflow',
          params: WorkflowParams,
          body: RunInput,
          response: { 202: RunView, ...refusals },
        },
      },
      async ({ params, body }, reply) => {
        const run = await workflows.start(params.workflow_id, body)
        const location = `/api/phone/workflows/${run.workflowId}/runs/${run.runId}`
        return reply.code(202).header('location', location).send(runViewOf(run))
      },
    )

    app.get(
      '/workflows/:workflow_id/runs/:run_id',
      {
        config,
        schema: {
          ...schema,
          operationId: 'getRun',
          summary: 'How a run stands',
          params: RunParams,
          response: { 200: RunView, ...refusals },
        },
      },
      async ({ params }) => runViewOf(await workflows.get(params.workflow_id, params.run_id)),
    )

    app.register(listRoute(workflows))
    app.register(answerRoutes(workflows))
    app.register(followRoute(workflows))
  })
}

const RunListQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z
    .string()
    .regex(/^\d{1,9}$/, '`next_cursor` of the page before')
    .transform(Number)
    .optional()
    .meta({ description: '`next_cursor` of the page before, with the same `limit`' }),
  status: z.enum(RUN_STATUSES).optional(),
})

function listRoute(workflows: WorkflowsPort): FastifyPluginCallbackZod {
  return routes('listRoute', (app) => {
    app.get(
      '/workflows/:workflow_id/runs',
      {
        config,
        schema: {
          ...schema,
          operationId: 'listRuns',
          summary: 'Runs, newest first, without their steps',
          params: WorkflowParams,
          querystring: RunListQuery,
          response: { 200: RunList, ...refusals },
        },
      },
      async ({ params, query: { limit, cursor, status } }) => {
        const page = await workflows.list(params.workflow_id, { limit, after: cursor, status })
        return { runs: page.runs.map(runViewOf), next_cursor: page.nextAfter?.toString() ?? null }
      },
    )
  })
}

function answerRoutes(workflows: WorkflowsPort): FastifyPluginCallbackZod {
  return routes('answerRoutes', (app) => {
    app.post(
      '/workflows/:workflow_id/runs/:run_id/resume',
      {
        config,
        schema: {
          ...schema,
          operationId: 'resumeRun',
          summary: 'Answer what a run waits for',
          description:
            'An approval (`{"approved": true}`), or, while it waits for a time, `{}`: go on at once. A run that waits for a call goes on by itself.',
          params: RunParams,
          body: Answer,
          response: { 202: RunView, ...refusals, 409: NotWaiting },
        },
      },
      async ({ params, body }, reply) => {
        const run = await workflows.resume(params.workflow_id, params.run_id, {
          step: body.step,
          data: body.data,
        })
        return reply.code(202).send(runViewOf(run))
      },
    )

    app.post(
      '/workflows/:workflow_id/runs/:run_id/cancel',
      {
        config,
        schema: {
          ...schema,
          operationId: 'cancelRun',
          summary: 'End a run, and the call that it waits for',
          params: RunParams,
          response: { 200: RunView, ...refusals, 409: NotWaiting },
        },
      },
      async ({ params }) => runViewOf(await workflows.cancel(params.workflow_id, params.run_id)),
    )
  })
}

function followRoute(workflows: WorkflowsPort): FastifyPluginCallbackZod {
  return routes('followRoute', (app) => {
    app.get(
      '/workflows/:workflow_id/runs/:run_id/events',
      {
        // A HEAD would read a stream that may never end.
        exposeHeadRoute: false,
        config,
        schema: {
          ...schema,
          operationId: 'followRun',
          summary: 'Follow a run, step by step',
          description:
            'Server-sent events: `id`, `event` (such as `workflow-step-start`, `workflow-step-result`, `workflow-step-suspended`) and `data`, a JSON object. They begin with the run (or after `Last-Event-ID`) and end with it. What is no longer in memory is told as one event `run`, which shows the whole run as it is.',
          params: RunParams,
          querystring: z.strictObject({
            after: eventId.optional().meta({
              description: 'Begin after the event with this `id`; `Last-Event-ID` goes before it',
            }),
          }),
          headers: z.looseObject({ 'last-event-id': eventId.optional() }),
          response: {
            200: {
              description: 'What happens in the run',
              content: { 'text/event-stream': { schema: RunEventView } },
            },
            204: z.undefined().meta({ description: 'The run is over and all is told' }),
            ...refusals,
          },
        },
      },
      async ({ params, query, headers }, reply) => {
        const after = headers['last-event-id'] ?? query.after ?? 0
        const { signal } = followerOf(reply)
        const { workflow_id: workflowId, run_id: runId } = params
        const items = await workflows.follow(workflowId, runId, { after, signal })
        if (!items) return reply.code(204).send()
        return reply
          .header('content-type', 'text/event-stream; charset=utf-8')
          .header('cache-control', 'no-store')
          .header('x-accel-buffering', 'no') // nginx would keep events back until it has some kilobytes
          .send(Readable.from(lines(items)))
      },
    )
  })
}

async function* lines(items: AsyncIterable<RunFeedItem>): AsyncGenerator<string> {
  yield `retry: ${RETRY_MS}\n\n`
  for await (const { event, comment } of items) {
    yield comment === undefined
      ? `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`
      : `: ${comment}\n\n`
  }
}
