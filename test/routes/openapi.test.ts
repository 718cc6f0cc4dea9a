import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { CallSpecBody } from '../../src/calls/spec.ts'
import { CallView } from '../../src/routes/call-details.ts'
import { CallList } from '../../src/routes/call-view.ts'
import { EventView } from '../../src/routes/event-view.ts'
import {
  callExample,
  eventExamples,
  outcomeExample,
  specExample,
  summaryExample,
} from '../../src/routes/examples.ts'
import { OutcomeView } from '../../src/calls/outcome/outcome-view.ts'
import { startApp, type TestApp } from '../helpers/parley-app.ts'

let app: TestApp

afterEach(() => app.close())

type Media = {
  readonly example?: unknown
  readonly examples?: object
  readonly schema?: { readonly example?: unknown; readonly examples?: readonly unknown[] }
}

type Content = Readonly<Record<string, Media>>

type Operation = {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly security?: readonly object[]
  readonly requestBody?: { readonly content: Content }
  readonly parameters?: readonly { readonly name: string }[]
  readonly responses: Readonly<
    Record<string, { readonly description?: string; readonly content?: Content }>
  >
}

async function operations(): Promise<ReadonlyMap<string, Operation>> {
  app = await startApp()
  const { status, json } = await app.get('/docs/json')
  expect(status).toBe(200)
  const { paths, openapi } = json as unknown as {
    openapi: string
    paths: Record<string, Record<string, Operation>>
  }
  expect(openapi).toMatch(/^3\./)
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
      ),
    ),
  )
}

function hasExample({ example, examples, schema }: Media): boolean {
  return [example, examples, schema?.example, schema?.examples?.[0]].some(
    (each) => each !== undefined,
  )
}

function withoutExamples(content: Content | undefined): string[] {
  return Object.entries(content ?? {}).flatMap(([type, media]) => (hasExample(media) ? [] : [type]))
}

describe('the description of the API', () => {
  it('is made from the schemas that check it', async () => {
    const described = await operations()
    const call = described.get('POST /api/phone/call')
    expect(call?.requestBody).toMatchObject({
      content: {
        'application/json': {
          schema: {
            required: ['phone_number', 'action'],
            additionalProperties: false,
            properties: { first_speaker: { enum: ['agent', 'callee', 'auto'] } },
          },
        },
      },
    })
    expect(Object.keys(call?.responses ?? {})).toEqual([
      '201',
      '400',
      '401',
      '403',
      '409',
      '422',
      '429',
      '502',
      '503',
    ])
  })

  it('has every route', async () => {
    const described = Array.from((await operations()).keys())
    for (const route of [
      'POST /api/phone/call',
      'POST /api/phone/register-call',
      'GET /api/phone/calls',
      'GET /api/phone/calls/{call_id}',
      'DELETE /api/phone/calls/{call_id}',
      'POST /api/phone/calls/{call_id}/hangup',
      'GET /api/phone/calls/{call_id}/events',
      'GET /api/phone/calls/{call_id}/recording.wav',
      'GET /api/phone/calls/{call_id}/transcript.json',
      'GET /api/phone/calls/{call_id}/transcript.txt',
      'GET /api/phone/calls/{call_id}/transcript.vtt',
      'GET /api/phone/events',
      'GET /api/phone/numbers/{phone_number}/export',
      'DELETE /api/phone/numbers/{phone_number}',
      'GET /api/phone/do-not-call',
      'PUT /api/phone/do-not-call/{phone_number}',
      'DELETE /api/phone/do-not-call/{phone_number}',
      'GET /api/phone/health',
      'POST /api/phone/workflows/{workflow_id}/runs',
      'GET /api/phone/workflows/{workflow_id}/runs',
      'GET /api/phone/workflows/{workflow_id}/runs/{run_id}',
      'GET /api/phone/workflows/{workflow_id}/runs/{run_id}/events',
      'POST /api/phone/workflows/{workflow_id}/runs/{run_id}/cancel',
      'POST /api/phone/workflows/{workflow_id}/runs/{run_id}/resume',
    ]) {
      expect(described).toContain(route)
    }
  })

  it('tells of every route what it does, and what it answers, by example', async () => {
    const problems: string[] = []
    for (const [route, operation] of await operations()) {
      if (!operation.summary) problems.push(`${route} has no summary`)
      if (!operation.tags?.length) problems.push(`${route} has no tags`)
      for (const type of withoutExamples(operation.requestBody?.content)) {
        problems.push(`${route} has no example of its body (${type})`)
      }
      for (const [status, { content }] of Object.entries(operation.responses)) {
        for (const type of withoutExamples(content)) {
          problems.push(`${route} has no example of its answer ${status} (${type})`)
        }
      }
    }
    expect(problems).toEqual([])
  })

  it('names every operation once', async () => {
    const ids = Array.from((await operations()).values(), ({ operationId }) => operationId)
    const named = ids.filter((id) => id !== undefined)
    expect(new Set(named).size).toBe(named.length)
  })

  it('says what a stream of events is', async () => {
    const follow = (await operations()).get('GET /api/phone/calls/{call_id}/events')
    expect(follow?.responses['200']?.content).toHaveProperty('text/event-stream')
    expect(follow?.responses['204']?.content).toBeUndefined()
    expect(follow?.parameters?.map(({ name }) => name)).toEqual([
      'after',
      'call_id',
      'last-event-id',
    ])
  })

  it('has a page to read it', async () => {
    app = await startApp()
    const { status, text } = await app.get('/docs/')
    expect(status).toBe(200)
    expect(text).toContain('swagger-ui')
  })
})

it.each<[string, z.ZodType, unknown]>([
  ['a spec', CallSpecBody, specExample],
  ['a call', CallView, callExample],
  ['a list', CallList, { calls: [summaryExample], next_cursor: null }],
  ['an event', z.array(EventView), eventExamples],
  ['an outcome', OutcomeView, outcomeExample],
])('the example of %s is one', async (_, schema, example) => {
  app = await startApp()
  expect(schema.parse(example)).toEqual(example)
})
