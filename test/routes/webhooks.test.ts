import fastify from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CallEvents } from '../../src/calls/call-events.ts'
import { WebhookSigner } from '../../src/calls/webhooks/webhook-signer.ts'
import { Webhooks } from '../../src/calls/webhooks/webhooks.ts'
import { WebhookClient } from '../../src/providers/webhooks/webhook-client.ts'
import { answerError } from '../../src/routes/errors.ts'
import { webhookRoutes } from '../../src/routes/webhooks.ts'
import { setUpCalls, spec } from '../helpers/fake-calls.ts'
import { quiet } from '../helpers/fake-ports.ts'
import { guarded } from '../helpers/guarded.ts'
import { startReceiver } from '../helpers/webhook-receiver.ts'

const KEY = 'key-1'
const headers = { 'x-api-key': KEY }

async function setUp({ sends = true } = {}) {
  const receiver = await startReceiver(503, 200)
  const { calls, store, clock } = setUpCalls()
  const events = new CallEvents(clock, (error) => {
    throw error
  })
  const http = new WebhookClient()
  const webhooks = new Webhooks({
    events,
    records: calls,
    store,
    http,
    signer: new WebhookSigner([`whsec_${Buffer.alloc(24, 7).toString('base64')}`]),
    url: receiver.url,
    clock,
    log: quiet,
  })
  const app = fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(answerError)
  guarded(app, [KEY], { calls })
  app.register(webhookRoutes({ calls, webhooks: sends ? webhooks : undefined }), {
    prefix: '/api/phone',
  })
  onTestFinished(async () => {
    await calls.endAll()
    await webhooks.close()
    await http.close()
    await app.close()
  })
  const record = await calls.place(spec)
  events.publish(record.callId, { type: 'call.created', record })
  await webhooks.idle()
  return { app, webhooks, receiver, callId: record.callId }
}

describe('the webhooks of a call', () => {
  it('are listed, and sent again', async () => {
    const { app, webhooks, receiver, callId } = await setUp()
    const list = await app.inject({ url: `/api/phone/calls/${callId}/webhooks`, headers })
    expect(list.statusCode).toBe(200)
    expect(list.json()).toEqual({
      deliveries: [
        {
          id: `msg_${callId}_started`,
          call_id: callId,
          type: 'call.started',
          url: receiver.url,
          state: 'pending',
          attempts: 1,
          created_at: expect.any(String) as string,
          last_attempt_at: expect.any(String) as string,
          next_attempt_at: expect.any(String) as string,
          last_status: 503,
          last_error: 'answered 503',
        },
      ],
    })

    const path = `/api/phone/webhooks/msg_${callId}_started/resend`
    const again = await app.inject({ method: 'POST', url: path, headers })
    expect(again.statusCode).toBe(202)
    expect(again.json()).toMatchObject({ state: 'pending', attempts: 0 })
    await webhooks.idle()
    expect(receiver.received).toHaveLength(2)
    const after = await app.inject({ url: `/api/phone/calls/${callId}/webhooks`, headers })
    expect(after.json()).toMatchObject({
      deliveries: [
        { state: 'delivered', next_attempt_at: null, last_status: 200, last_error: null },
      ],
    })
  })

  it('are not found for calls and ids that nobody knows', async () => {
    const { app } = await setUp()
    const list = await app.inject({ url: '/api/phone/calls/call_nobody/webhooks', headers })
    expect([list.statusCode, list.json<Answer>().error.code]).toEqual([404, 'call_not_found'])
    const resend = await app.inject({
      method: 'POST',
      url: '/api/phone/webhooks/x/resend',
      headers,
    })
    expect([resend.statusCode, resend.json<Answer>().error.code]).toEqual([
      404,
      'webhook_not_found',
    ])
  })

  it('are shown to nobody without a key', async () => {
    const { app, callId } = await setUp()
    const list = await app.inject({ url: `/api/phone/calls/${callId}/webhooks` })
    const resend = await app.inject({ method: 'POST', url: '/api/phone/webhooks/x/resend' })
    expect([list.statusCode, resend.statusCode]).toEqual([401, 401])
  })

  it('are none on a server that sends none', async () => {
    const { app, callId } = await setUp({ sends: false })
    const list = await app.inject({ url: `/api/phone/calls/${callId}/webhooks`, headers })
    expect(list.json()).toEqual({ deliveries: [] })
    const path = `/api/phone/webhooks/msg_${callId}_started/resend`
    const resend = await app.inject({ method: 'POST', url: path, headers })
    expect(resend.statusCode).toBe(404)
  })
})

type Answer = { readonly error: { readonly code: string } }
