import { describe, expect, it } from 'vitest'
import {
  connectStream,
  dial,
  hangUp,
  pressKeys,
  reject,
  sayAndHangUp,
} from '../../../src/providers/twilio/twiml.ts'

const body = (document: string) => document.replace(/^<\?xml[^>]*\?>/, '')

describe('the documents for Twilio', () => {
  it('connect a call to its stream with nothing but a token', () => {
    expect(body(connectStream('calls.example.com', 'tok-1'))).toBe(
      '<Response><Connect action="https://calls.example.com/api/phone/twilio/stream-ended#ct=2000&amp;rt=5000&amp;rc=2&amp;rp=ct,rt,5xx">' +
        '<Stream url="wss://calls.example.com/api/phone/media-stream"' +
        ' statusCallback="https://calls.example.com/api/phone/twilio/stream-status">' +
        '<Parameter name="token" value="tok-1"/></Stream></Connect></Response>',
    )
  })

  it('press keys, and connect the call to a new stream', () => {
    const connected = body(connectStream('calls.example.com', 'tok-2'))
    expect(body(pressKeys('calls.example.com', 'ww1#', 'tok-2'))).toBe(
      connected.replace('<Response>', '<Response><Play digits="ww1#"/>'),
    )
  })

  it('ring somebody else, and ask what comes next', () => {
    const request = { to: '+15557654321', ringTimeoutS: 25, callerId: '+15005550006' }
    expect(body(dial('calls.example.com', request))).toBe(
      '<Response><Dial action="https://calls.example.com/api/phone/twilio/transfer-ended#ct=2000&amp;rt=5000&amp;rc=2&amp;rp=ct,rt,5xx"' +
        ' timeout="25" callerId="+15005550006" answerOnBridge="true">' +
        '<Number>+15557654321</Number></Dial></Response>',
    )
  })

  it('hang up, and turn away', () => {
    expect(body(hangUp())).toBe('<Response><Hangup/></Response>')
    expect(body(reject('busy'))).toBe('<Response><Reject reason="busy"/></Response>')
  })

  it('say something in the voice of the likeliest region, with everything escaped', () => {
    expect(body(sayAndHangUp('Tom & "Jerry" <b>', 'en'))).toBe(
      '<Response><Say language="en-US">Tom &amp; "Jerry" &lt;b&gt;</Say><Hangup/></Response>',
    )
    expect(sayAndHangUp('Tschüss', 'de-AT')).toContain('<Say language="de-AT">Tschüss</Say>')
    expect(sayAndHangUp('Hi', 'not a language')).toContain('<Say>Hi</Say>')
    expect(sayAndHangUp('Hi', 'zzz')).toContain('<Say language="zzz">Hi</Say>')
  })

  it('say no more than Twilio takes', () => {
    const [, said] = /<Say[^>]*>(.*)<\/Say>/.exec(sayAndHangUp('x'.repeat(5000), 'en')) ?? []
    expect(said).toHaveLength(4096)
  })
})
