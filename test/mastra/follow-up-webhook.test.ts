import { Webhook } from 'standardwebhooks'
import { expect, it, onTestFinished } from 'vitest'
import { WebhookSigner } from '../../src/calls/webhooks/webhook-signer.ts'
import { scaledClock } from '../../src/clock.ts'
import { FollowUpWebhook } from '../../src/mastra/follow-up/follow-up-webhook.ts'
import { WebhookClient } from '../../src/providers/webhooks/webhook-client.ts'
import { quiet } from '../helpers/fake-ports.ts'
import { type ReceiverAnswer, startReceiver } from '../helpers/webhook-receiver.ts'

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`

async function sendTo(...answers: ReceiverAnswer[]) {
  const { url, received } = await startReceiver(...answers)
  const http = new WebhookClient()
  onTestFinished(() => http.close())
  const signer = new WebhookSigner([SECRET])
  const webhook = new FollowUpWebhook({ http, signer, clock: scaledClock(100), log: quiet })
  const { signal } = new AbortController()
  const message = { id: 'msg_1', url, type: 'workflow.finished', runId: 'run_1', data: { a: 1 } }
  return { sent: await webhook.send(message, { signal }), received }
}

it('what came of a run is told, signed, until it is taken', async () => {
  const { sent, received } = await sendTo(503, 'drop', 204)
  expect(sent).toBe('delivered')
  expect(received).toHaveLength(3)
  for (const { body, headers } of received) {
    expect(headers['webhook-id']).toBe('msg_1')
    expect(new Webhook(SECRET).verify(body, headers as Record<string, string>)).toMatchObject({
      type: 'workflow.finished',
      data: { run_id: 'run_1', result: { a: 1 } },
    })
  }
})

it.each([
  [500, 5],
  [410, 1],
])('a receiver who answers %i is asked %i times', async (status, times) => {
  const { sent, received } = await sendTo(status)
  expect(sent).toBe('failed')
  expect(received).toHaveLength(times)
})
