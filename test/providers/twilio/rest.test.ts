import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mayRing } from '../../../src/calls/dialling.ts'
import { scaledClock } from '../../../src/clock.ts'
import { TwilioCallBook } from '../../../src/providers/twilio/call-book.ts'
import { TwilioTelephony } from '../../../src/providers/twilio/rest.ts'
import { listenOnLoopback, type Loopback } from '../../../src/simulator/loopback.ts'

const ACCOUNT = `AC${'0'.repeat(32)}`

type Asked = { line: string; auth: string; form: URLSearchParams }
type Answer = { status: number; body: unknown } | 'never'

let twilio: Loopback
let telephony: TwilioTelephony
let asked: Asked[]
let answer: Answer

beforeEach(async () => {
  asked = []
  answer = { status: 201, body: { sid: 'CA1' } }
  twilio = await listenOnLoopback((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.push({
        line: `${request.method ?? ''} ${request.url ?? ''}`,
        auth: Buffer.from(request.headers.authorization?.split(' ')[1] ?? '', 'base64').toString(),
        form: new URLSearchParams(Buffer.concat(chunks).toString()),
      })
      if (answer === 'never') return
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
    })
  })
  telephony = makeTelephony(`${twilio.url}/`)
})

afterEach(() => twilio.close())

function makeTelephony(baseUrl: string) {
  const account = {
    accountSid: ACCOUNT,
    authToken: 'secret-token',
    phoneNumber: '+15005550006',
    publicHost: 'calls.example.com',
    baseUrl,
  }
  return new TwilioTelephony(account, scaledClock(100))
}

function makeBook(): TwilioCallBook {
  const account = { accountSid: ACCOUNT, authToken: 'secret-token', baseUrl: twilio.url }
  const ours = { phoneNumber: '+15005550006', publicHost: 'calls.example.com' }
  return new TwilioCallBook({ ...account, ...ours }, scaledClock(100))
}

const request = { callId: 'call_1', to: '+15551234567', maxDurationS: 900, ringTimeoutS: 30 }
const dial = () => telephony.dial(request, {})

function refusal(status: number, code: number, message = 'no') {
  answer = { status, body: { code, message, more_info: 'https://…', status } }
}

describe('dialling', () => {
  it('asks for everything that the call needs, once', async () => {
    expect(await dial()).toEqual({ callSid: 'CA1' })
    expect(asked).toHaveLength(1)
    const [{ line, auth, form }] = asked as [Asked]
    expect(line).toBe(`POST /2010-04-01/Accounts/${ACCOUNT}/Calls.json`)
    expect(auth).toBe(`${ACCOUNT}:secret-token`)
    expect(Object.fromEntries(form)).toEqual({
      To: '+15551234567',
      From: '+15005550006',
      Url: 'https://calls.example.com/api/phone/twilio/voice?call_id=call_1#ct=2000&rt=5000&rc=2&rp=ct,rt,5xx',
      FallbackUrl: 'https://calls.example.com/api/phone/twilio/fallback?call_id=call_1',
      StatusCallback: 'https://calls.example.com/api/phone/twilio/status?call_id=call_1',
      StatusCallbackEvent: 'completed',
      Timeout: '30',
      TimeLimit: '900',
    })
    expect(form.getAll('StatusCallbackEvent')).toEqual([
      'initiated',
      'ringing',
      'answered',
      'completed',
    ])
  })

  it('asks for machine detection that keeps nobody waiting, when it is wanted', async () => {
    await telephony.dial({ ...request, detectMachine: true }, {})
    expect(Object.fromEntries(asked[0]!.form)).toMatchObject({
      MachineDetection: 'Enable',
      AsyncAmd: 'true',
      AsyncAmdStatusCallback: 'https://calls.example.com/api/phone/twilio/amd?call_id=call_1',
    })
  })

  it('has Twilio record both sides apart, when it is wanted', async () => {
    await telephony.dial({ ...request, record: true }, {})
    const { form } = asked[0]!
    expect(Object.fromEntries(form)).toMatchObject({
      Record: 'true',
      RecordingChannels: 'dual',
      RecordingStatusCallback:
        'https://calls.example.com/api/phone/twilio/recording-status?call_id=call_1',
    })
    expect(form.getAll('RecordingStatusCallbackEvent')).toEqual(['completed', 'absent'])
  })

  it.each([
    [400, 21211, 'rejected'],
    [400, 21215, 'rejected'],
    [400, 21219, 'rejected'],
    [404, 20404, 'rejected'],
    [401, 20003, 'auth'],
    [403, 20005, 'auth'],
    [403, 99999, 'auth'],
    [400, 10001, 'auth'],
    [429, 20429, 'rate_limited'],
    [429, 99999, 'rate_limited'],
    [400, 10004, 'rate_limited'],
    [400, 22005, 'rate_limited'],
    [503, 20503, 'unavailable'],
  ])('that fails with %i and code %i is an error of kind %s', async (status, code, kind) => {
    refusal(status, code, `sorry, ${code}`)
    await expect(dial()).rejects.toMatchObject({
      name: 'ProviderError',
      provider: 'twilio',
      code: kind,
      vendorCode: String(code),
      message: `sorry, ${code}`,
    })
    // Whoever is rung twice does not care that it was a retry.
    expect(asked).toHaveLength(1)
  })

  it('knows the newer form of errors as well', async () => {
    answer = {
      status: 400,
      body: { type: 'about:blank', title: 'Bad', status: 400, code: 21211, detail: 'no number' },
    }
    await expect(dial()).rejects.toMatchObject({ code: 'rejected', vendorCode: '21211' })
  })

  it('names the HTTP status when there is no code', async () => {
    answer = { status: 502, body: '<html>' }
    await expect(dial()).rejects.toMatchObject({ code: 'unavailable', vendorCode: '502' })
  })

  it('that reaches nobody is unavailable, and tells no secret', async () => {
    await twilio.close()
    const error: unknown = await dial().catch((failure: unknown) => failure)
    expect(error).toMatchObject({ code: 'unavailable', vendorCode: 'ECONNREFUSED' })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret')
    expect(error).not.toHaveProperty('cause.config')
  })

  it('does not begin when it was called off', async () => {
    const reason = new Error('called off')
    const signal = AbortSignal.abort(reason)
    await expect(telephony.dial(request, { signal })).rejects.toBe(reason)
    expect(asked).toEqual([])
  })

  it('is undone when it was called off meanwhile', async () => {
    const controller = new AbortController()
    const dialling = telephony.dial(request, { signal: controller.signal })
    controller.abort(new Error('called off'))
    await expect(dialling).rejects.toThrow('called off')
    expect(asked.map(({ line }) => line)).toEqual([
      `POST /2010-04-01/Accounts/${ACCOUNT}/Calls.json`,
      `POST /2010-04-01/Accounts/${ACCOUNT}/Calls/CA1.json`,
    ])
  })
})

describe('an answer to the dial that says nothing', () => {
  it.each([
    ['an empty object', {}],
    ['another resource', { sid: 'MZ1' }],
    ['no JSON', '<html>hello</html>'],
  ])('%s: it is an error after which the phone may ring', async (_name, body) => {
    answer = { status: 201, body }
    const error: unknown = await dial().catch((failure: unknown) => failure)
    expect(mayRing(error)).toBe(true)
    expect(asked).toHaveLength(1)
  })

  it('none in ten seconds: nobody waits longer', async () => {
    answer = 'never'
    const error: unknown = await dial().catch((failure: unknown) => failure)
    expect(error).toMatchObject({ code: 'timeout' })
    expect(mayRing(error)).toBe(true)
    expect(asked).toHaveLength(1)
  })

  it('lets the call be found: ours to that number, that we have asked for', async () => {
    const date = 'Tue, 31 Aug 2010 20:36:28 +0000'
    const call = (sid: string, status: string, direction = 'outbound-api') => ({
      sid,
      status,
      direction,
      date_created: date,
      end_time: null,
    })
    const calls = [
      call('CA1', 'ringing'),
      call('CA2', 'completed'),
      call('CA3', 'in-progress', 'inbound'),
      call('CA4', 'queued'),
    ]
    answer = { status: 200, body: { calls, page: 0, page_size: 20, next_page_uri: null } }
    const createdAt = new Date(date)
    expect(await makeBook().dialled('+15551234567')).toEqual([
      { callSid: 'CA1', status: 'ringing', createdAt },
      { callSid: 'CA2', status: 'completed', createdAt },
      { callSid: 'CA4', status: 'queued', createdAt },
    ])
    expect(asked[0]?.line).toMatch(/^GET .*Calls\.json\?.*To=%2B15551234567.*From=%2B15005550006/)
  })
})

describe('hanging up', () => {
  it('completes the call', async () => {
    answer = { status: 200, body: { sid: 'CA1' } }
    await telephony.hangUp('CA1')
    expect(asked[0]?.line).toBe(`POST /2010-04-01/Accounts/${ACCOUNT}/Calls/CA1.json`)
    expect(asked[0]?.form.toString()).toBe('Status=completed')
  })

  it('of a call that is over already is a success', async () => {
    refusal(400, 21220)
    await telephony.hangUp('CA1')
    refusal(404, 20404)
    await telephony.hangUp('CA1')
    expect(asked).toHaveLength(2)
  })

  it('that fails is an error', async () => {
    refusal(503, 20500)
    await expect(telephony.hangUp('CA1')).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('can be done after last words', async () => {
    answer = { status: 200, body: { sid: 'CA1' } }
    await telephony.sayAndHangUp('CA1', 'Sorry & bye', 'en')
    expect(asked[0]?.form.get('Twiml')).toContain(
      '<Say language="en-US">Sorry &amp; bye</Say><Hangup/>',
    )
  })
})

describe('leaving the line', () => {
  const transfer = (to = '+15557654321') => telephony.transfer('CA1', { to, ringTimeoutS: 25 })
  const pressKeys = (keys = 'ww1*2#') => telephony.pressKeys('CA1', keys, 'tok-1')

  it('presses keys and asks for a stream with the token', async () => {
    answer = { status: 200, body: { sid: 'CA1' } }
    await pressKeys()
    expect(asked[0]?.line).toBe(`POST /2010-04-01/Accounts/${ACCOUNT}/Calls/CA1.json`)
    expect(asked[0]?.form.get('Twiml')).toMatch(
      /<Response><Play digits="ww1\*2#"\/><Connect .*<Parameter name="token" value="tok-1"\/>/,
    )
  })

  it('rings somebody else from our number', async () => {
    answer = { status: 200, body: { sid: 'CA1' } }
    await transfer()
    expect(asked[0]?.line).toBe(`POST /2010-04-01/Accounts/${ACCOUNT}/Calls/CA1.json`)
    expect(asked[0]?.form.get('Twiml')).toMatch(
      /<Dial [^>]*timeout="25" callerId="\+15005550006"[^>]*><Number>\+15557654321<\/Number>/,
    )
  })

  it.each(['', 'W', '1 2', '1,2', 'A', '１', '1\n', '"/><Hangup/>', '1'.repeat(33)])(
    'presses no keys that are none: %j',
    async (keys) => {
      await expect(pressKeys(keys)).rejects.toMatchObject({ code: 'rejected', retryable: false })
      expect(asked).toEqual([])
    },
  )

  it.each(['', '911', '15551234567', '+15551234567,,1', '+1 555', 'sip:a@b', '</Number>'])(
    'rings nothing but telephone numbers: %j',
    async (to) => {
      await expect(transfer(to)).rejects.toMatchObject({ code: 'rejected' })
      expect(asked).toEqual([])
    },
  )

  it.each([
    [400, 21220],
    [404, 20404],
  ])(
    'of a call that has ended (%i, %i) is told apart, and not worth a retry',
    async (status, code) => {
      refusal(status, code, 'Call is not in-progress. Cannot redirect.')
      const expected = {
        name: 'ProviderError',
        provider: 'twilio',
        code: 'call_over',
        vendorCode: String(code),
        message: 'Call is not in-progress. Cannot redirect.',
        retryable: false,
      }
      await expect(pressKeys()).rejects.toMatchObject(expected)
      await expect(transfer()).rejects.toMatchObject(expected)
      expect(asked).toHaveLength(2)
    },
  )

  it('that fails otherwise is an error, and asked for once', async () => {
    refusal(503, 20500)
    await expect(pressKeys()).rejects.toMatchObject({ code: 'unavailable' })
    expect(asked).toHaveLength(1)
  })
})

it('goes where it is told, whatever the environment says of edges and regions', async () => {
  process.env['TWILIO_EDGE'] = 'dublin'
  process.env['TWILIO_REGION'] = 'ie1'
  try {
    telephony = makeTelephony(twilio.url.replace('127.0.0.1', 'localhost'))
    await dial()
  } finally {
    delete process.env['TWILIO_EDGE']
    delete process.env['TWILIO_REGION']
  }
  expect(asked).toHaveLength(1)
})
