import { describe, expect, it } from 'vitest'
import twilio from 'twilio'
import { SignatureCheck } from '../../../src/providers/twilio/signature.ts'

const ACCOUNT = 'AC1'
const HOST = 'calls.example.com'
const TARGET = '/api/phone/twilio/voice?call_id=call_1'
const form = { AccountSid: ACCOUNT, CallSid: 'CA1', Called: '', From: '+1 ', Tags: ['b', 'a', 'b'] }

const check = new SignatureCheck({
  publicHost: HOST,
  accountSid: ACCOUNT,
  authTokens: ['old', 'new'],
})
const sign = (url: string, params: object = {}, token = 'new') =>
  twilio.getExpectedTwilioSignature(token, url, { ...params })

describe('the signature of a webhook', () => {
  it('is good over the public address and the whole form, by any of our tokens', () => {
    for (const token of ['old', 'new']) {
      const signature = sign(`https://${HOST}${TARGET}`, form, token)
      expect(check.isWebhookGenuine(TARGET, signature, form)).toBe(true)
    }
    const withPort = sign(`https://${HOST}:443${TARGET}`, form)
    expect(check.isWebhookGenuine(TARGET, withPort, form)).toBe(true)
  })

  it.each([
    ['missing', undefined, form],
    ['empty', '', form],
    ['made with another token', sign(`https://${HOST}${TARGET}`, form, 'guess'), form],
    ['for another host', sign(`https://evil.example${TARGET}`, form), form],
    ['for another path', sign(`https://${HOST}/api/phone/twilio/status`, form), form],
    ['for http', sign(`http://${HOST}${TARGET}`, form), form],
    ['without a field', sign(`https://${HOST}${TARGET}`, form), { ...form, CallStatus: 'busy' }],
    ['before a field was trimmed', sign(`https://${HOST}${TARGET}`, form), { ...form, From: '+1' }],
  ])('that is %s is no good', (_, signature, params) => {
    expect(check.isWebhookGenuine(TARGET, signature, params)).toBe(false)
  })

  it('of another account is no good', () => {
    const other = { ...form, AccountSid: 'AC2' }
    const signature = sign(`https://${HOST}${TARGET}`, other)
    expect(check.isWebhookGenuine(TARGET, signature, other)).toBe(false)
    expect(check.isWebhookGenuine(TARGET, sign(`https://${HOST}${TARGET}`), {})).toBe(false)
  })

  it('does not stumble over a target that is no path', () => {
    for (const target of ['', 'http://x/', '*', '//', '/%']) {
      expect(check.isWebhookGenuine(target, 'x', form)).toBe(false)
    }
    const odd = new SignatureCheck({
      publicHost: 'a b:x',
      accountSid: ACCOUNT,
      authTokens: ['new'],
    })
    expect(odd.isWebhookGenuine('/', 'x', form)).toBe(false)
  })
})

describe('the signature of an upgrade', () => {
  const target = '/api/phone/media-stream'

  it.each([`wss://${HOST}`, `wss://${HOST}:443`, `https://${HOST}`, `https://${HOST}:443`])(
    'is good over %s',
    (origin) => {
      expect(check.isUpgradeGenuine(target, sign(origin + target))).toBe(true)
    },
  )

  it.each([`ws://${HOST}`, `wss://other.example`])('is no good over %s', (origin) => {
    expect(check.isUpgradeGenuine(target, sign(origin + target))).toBe(false)
  })

  it('is no good for a path with a slash at its end, or when it is missing', () => {
    expect(check.isUpgradeGenuine(target, sign(`wss://${HOST}${target}/`))).toBe(false)
    expect(check.isUpgradeGenuine(target, undefined)).toBe(false)
  })

  it('is good for a public host with a port of its own', () => {
    const onPort = new SignatureCheck({
      publicHost: `${HOST}:8443`,
      accountSid: ACCOUNT,
      authTokens: ['new'],
    })
    expect(onPort.isUpgradeGenuine(target, sign(`wss://${HOST}:8443${target}`))).toBe(true)
  })

  it('equals the vector that is known for it', () => {
    const known = new SignatureCheck({
      publicHost: 'voice.example.com',
      accountSid: ACCOUNT,
      authTokens: ['12345'],
    })
    expect(known.isUpgradeGenuine(target, '82iN+INzvcvrG3icGUz6rMb2w6M=')).toBe(true)
  })
})
