import { afterEach, expect, it } from 'vitest'
import { startApp, type TestApp } from '../helpers/parley-app.ts'

let app: TestApp

afterEach(() => app.close())

it('describes the API from the schemas that check it', async () => {
  app = await startApp()
  const { status, json } = await app.get('/docs/json')
  expect(status).toBe(200)
  const { paths, openapi } = json as unknown as {
    openapi: string
    paths: Record<string, Record<string, { requestBody?: unknown; responses: object }>>
  }
  expect(openapi).toMatch(/^3\./)
  expect(Object.keys(paths).sort()).toEqual([
    '/api/phone/call',
    '/api/phone/calls',
    '/api/phone/calls/{call_id}',
    '/api/phone/calls/{call_id}/hangup',
    '/api/phone/do-not-call',
    '/api/phone/do-not-call/{phone_number}',
    '/api/phone/health',
    '/api/phone/health/live',
    '/api/phone/health/ready',
    '/api/phone/register-call',
  ])
  const call = paths['/api/phone/call']?.['post']
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
    '422',
    '502',
    '503',
  ])
})

it('has a page to read it', async () => {
  app = await startApp()
  const { status, text } = await app.get('/docs/')
  expect(status).toBe(200)
  expect(text).toContain('swagger-ui')
})
