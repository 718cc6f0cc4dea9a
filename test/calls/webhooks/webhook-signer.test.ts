import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { WebhookSigner } from '../../../src/calls/webhooks/webhook-signer.ts'

const secretOf = (bytes: Uint8Array) => `whsec_${Buffer.from(bytes).toString('base64')}`
const secret = secretOf(new Uint8Array(24).fill(7))
const other = secretOf(new Uint8Array(32).fill(9))
const at = () => new Date()

describe('the signature of a webhook', () => {
  it('is one that receivers of Standard Webhooks accept, whatever is in the body', () => {
    const keys = fc.uint8Array({ minLength: 24, maxLength: 64 }).map(secretOf)
    fc.assert(
      fc.property(keys, fc.json(), fc.uuid(), (key, body, id) => {
        const headers = new WebhookSigner([key]).headers({ id, body, at: at() })
        expect(new Webhook(key).verify(body, headers)).toEqual(JSON.parse(body))
      }),
    )
  })

  it('is worth nothing for another body, id, time or secret', () => {
    const body = '{"type":"call.ended"}'
    const headers = new WebhookSigner([secret]).headers({ id: 'msg_1', body, at: at() })
    const receiver = new Webhook(secret)
    expect(() => receiver.verify(`${body} `, headers)).toThrow()
    expect(() => receiver.verify(body, { ...headers, 'webhook-id': 'msg_2' })).toThrow()
    const later = String(Number(headers['webhook-timestamp']) + 1)
    expect(() => receiver.verify(body, { ...headers, 'webhook-timestamp': later })).toThrow()
    expect(() => new Webhook(other).verify(body, headers)).toThrow()
  })

  it('is old after a while', () => {
    const old = new Date(Date.now() - 6 * 60_000)
    const headers = new WebhookSigner([secret]).headers({ id: 'msg_1', body: '{}', at: old })
    expect(() => new Webhook(secret).verify('{}', headers)).toThrow('too old')
  })

  it('is accepted by receivers of either secret while it is being changed', () => {
    const headers = new WebhookSigner([secret, other]).headers({ id: 'm', body: '{}', at: at() })
    expect(new Webhook(secret).verify('{}', headers)).toEqual({})
    expect(new Webhook(other).verify('{}', headers)).toEqual({})
  })
})
