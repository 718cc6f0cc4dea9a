import { connect } from 'node:net'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scaledClock } from '../src/clock.ts'
import { startDemoWorld, type DemoWorld } from '../src/cli/demo-world.ts'
import { dentist } from '../src/simulator/scenarios/dentist.ts'
import twilio from 'twilio'
import { StreamClient } from './helpers/stream-client.ts'

/**
 * What hostile or careless people send, over HTTP and the media socket. Whatever it is: it is refused with a code that
 * programs can rely on, nothing is dialled, nothing is logged as an error, and the server is as well as before.
 */

const KEY = 'adversarial-key'
const HOST = 'parley.example'
const STREAM = '/api/phone/media-stream'
const ACCOUNT = `AC${'0123456789abcdef'.repeat(2)}`

let world: DemoWorld
const errors: string[] = []

beforeAll(async () => {
  world = await startDemoWorld({
    scenarios: [dentist],
    clock: scaledClock(4),
    log: pino({ level: 'error' }, { write: (line: string) => errors.push(line) }),
    environment: {
      API_KEYS: KEY,
      WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 's').toString('base64')}`,
      ALLOW_LOOPBACK_URLS: 'false',
    },
  })
})

afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

/** Nothing has come of it. */
async function expectWell(): Promise<void> {
  const health = await fetch(`${world.url}/api/phone/health/live`)
  expect(health.status).toBe(200)
  expect(world.simulator.twilio.calls()).toEqual([])
  expect(errors).toEqual([])
}

type Sent = { method?: string; path?: string; headers?: Record<string, string>; body?: string }

async function send({ method = 'POST', path = '/api/phone/call', headers = {}, body }: Sent) {
  const response = await fetch(world.url + path, {
    method,
    redirect: 'manual',
    headers: {
      authorization: `Bearer ${KEY}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  })
  const text = await response.text()
  const parsed: unknown = text.startsWith('{') ? JSON.parse(text) : {}
  const { error } = parsed as { error?: { code?: string } }
  return { status: response.status, code: error?.code, text }
}

/** A call that would be placed, but for this. */
const spec = (change: object) =>
  JSON.stringify({ phone_number: '+12345678900', action: 'Say hello', ...change })
const tool = (change: object) =>
  spec({
    tools: [
      {
        name: 'look_up',
        description: 'Looks up',
        input_schema: { type: 'object' },
        url: 'https://crm.example.com/',
        ...change,
      },
    ],
  })
const raw = (text: string) => `{"phone_number":"+12345678900","action":"Say hello",${text}}`
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

const INVALID = [400, 'invalid_request'] as const

/** What is sent, and the status and code that it is answered with. */
const REQUESTS: readonly (readonly [string, Sent, number, string])[] = [
  // Who asks.
  ['no key', { headers: { authorization: '' }, body: spec({}) }, 401, 'unauthorized'],
  [
    'a wrong key',
    { headers: { authorization: 'Bearer nope' }, body: spec({}) },
    401,
    'unauthorized',
  ],
  [
    'a key twice as long',
    { headers: { authorization: `Bearer ${KEY}${KEY}` }, body: spec({}) },
    401,
    'unauthorized',
  ],
  [
    'basic auth',
    { headers: { authorization: `Basic ${btoa(`x:${KEY}`)}` }, body: spec({}) },
    401,
    'unauthorized',
  ],
  [
    'the key in the query',
    { path: `/api/phone/call?api_key=${KEY}`, headers: { authorization: '' }, body: spec({}) },
    401,
    'unauthorized',
  ],
  [
    'a claim to come from this machine',
    { headers: { authorization: '', 'x-forwarded-for': '127.0.0.1' }, body: spec({}) },
    401,
    'unauthorized',
  ],
  // What the body is.
  ['no body', {}, ...INVALID],
  ['an empty body', { body: '' }, ...INVALID],
  ['no JSON', { body: '{"phone_number":' }, ...INVALID],
  ['a list', { body: '[]' }, ...INVALID],
  ['null', { body: 'null' }, ...INVALID],
  ['a number', { body: '42' }, ...INVALID],
  ['a string', { body: '"+12345678900"' }, ...INVALID],
  ['__proto__', { body: raw('"__proto__":{"isAdmin":true}') }, ...INVALID],
  ['a nested __proto__', { body: raw('"metadata":{"__proto__":{"x":"y"}}') }, ...INVALID],
  ['constructor.prototype', { body: raw('"constructor":{"prototype":{"x":1}}') }, ...INVALID],
  ['a thousand levels', { body: raw(`"metadata":${deep(1000)}`) }, ...INVALID],
  ['thirty thousand levels', { body: deep(30_000) }, ...INVALID],
  ['64 KiB and more', { body: spec({ context: 'x'.repeat(70_000) }) }, 413, 'payload_too_large'],
  [
    'a form',
    { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'phone_number=1' },
    415,
    'unsupported_media_type',
  ],
  [
    'plain text',
    { headers: { 'content-type': 'text/plain' }, body: spec({}) },
    415,
    'unsupported_media_type',
  ],
  [
    'XML with an entity',
    {
      headers: { 'content-type': 'application/xml' },
      body: '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    },
    415,
    'unsupported_media_type',
  ],
  // What stands in it.
  ['an unknown field', { body: spec({ admin: true }) }, ...INVALID],
  ['a number that is none', { body: spec({ phone_number: 'not a number' }) }, ...INVALID],
  ['a SIP address', { body: spec({ phone_number: 'sip:x@evil.example' }) }, ...INVALID],
  ['a client of Twilio', { body: spec({ phone_number: 'client:alice' }) }, ...INVALID],
  ['full-width digits', { body: spec({ phone_number: '+１２３４５６７８９００' }) }, ...INVALID],
  [
    'a number with an extension',
    { body: spec({ phone_number: '+12345678900;ext=9' }) },
    ...INVALID,
  ],
  [
    'a number and a line break',
    { body: spec({ phone_number: '+12345678900\nTo: +19005550100' }) },
    ...INVALID,
  ],
  [
    'a list of numbers',
    { body: spec({ phone_number: ['+12345678900', '+12345678901'] }) },
    ...INVALID,
  ],
  ['no action', { body: spec({ action: '  ' }) }, ...INVALID],
  ['an action of 3,000 characters', { body: spec({ action: 'x'.repeat(3000) }) }, ...INVALID],
  ['a context of 9,000 characters', { body: spec({ context: 'x'.repeat(9000) }) }, ...INVALID],
  ['a name of 1,000 characters', { body: spec({ callee_name: 'x'.repeat(1000) }) }, ...INVALID],
  ['a voice that is a path', { body: spec({ voice_id: '../../v1/user' }) }, ...INVALID],
  ['a language with markup', { body: spec({ language: '<script>' }) }, ...INVALID],
  ['a call of a day', { body: spec({ max_duration_s: 86_400 }) }, ...INVALID],
  ['a call of no time', { body: spec({ max_duration_s: -1 }) }, ...INVALID],
  ['a number for a duration that is none', { body: raw('"max_duration_s":1e999') }, ...INVALID],
  [
    'a hundred metadata',
    {
      body: spec({
        metadata: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`k${n}`, 'v'])),
      }),
    },
    ...INVALID,
  ],
  [
    'a transfer to a SIP address',
    { body: spec({ transfer_to: [{ name: 'x', phone_number: 'sip:x@y' }] }) },
    ...INVALID,
  ],
  // Where tools and webhooks lead.
  ['a tool by http', { body: tool({ url: 'http://crm.example.com/' }) }, ...INVALID],
  ['a tool on this machine', { body: tool({ url: 'https://127.0.0.1/' }) }, ...INVALID],
  ['a tool on this machine, in hex', { body: tool({ url: 'https://0x7f.1/' }) }, ...INVALID],
  [
    'a tool on this machine, as one number',
    { body: tool({ url: 'https://2130706433/' }) },
    ...INVALID,
  ],
  [
    'a tool on this machine, mapped',
    { body: tool({ url: 'https://[::ffff:127.0.0.1]/' }) },
    ...INVALID,
  ],
  [
    'a tool that is the metadata service',
    { body: tool({ url: 'https://169.254.169.254/latest/' }) },
    ...INVALID,
  ],
  ['a tool that is a file', { body: tool({ url: 'file:///etc/passwd' }) }, ...INVALID],
  ['a tool with a password', { body: tool({ url: 'https://a:b@crm.example.com/' }) }, ...INVALID],
  ['a tool that hides a built-in one', { body: tool({ name: 'end_call' }) }, ...INVALID],
  [
    'a tool with a header that breaks its line',
    { body: tool({ headers: { 'x\r\ny': 'z' } }) },
    ...INVALID,
  ],
  [
    'a tool with a secret that the server has not',
    { body: tool({ secret_headers: { a: 'TWILIO_AUTH_TOKEN' } }) },
    ...INVALID,
  ],
  [
    'a tool with a schema that refers elsewhere',
    { body: tool({ input_schema: { type: 'object', $ref: 'https://evil.example/schema' } }) },
    ...INVALID,
  ],
  [
    'a webhook inside the network',
    { body: spec({ webhook_url: 'https://10.0.0.1/hook' }) },
    ...INVALID,
  ],
  [
    'a webhook at localhost',
    { body: spec({ webhook_url: 'http://localhost:8000/api/phone/call' }) },
    ...INVALID,
  ],
  [
    'an outcome schema that is none',
    { body: spec({ outcome_schema: { type: 'objekt' } }) },
    ...INVALID,
  ],
  // Elsewhere.
  [
    'a call that is not there',
    { method: 'GET', path: '/api/phone/calls/call_unknown' },
    404,
    'call_not_found',
  ],
  [
    'a path that leads out',
    { method: 'GET', path: '/api/phone/calls/..%2f..%2fetc%2fpasswd/recording.wav' },
    404,
    'call_not_found',
  ],
  ['a path that is no text', { method: 'GET', path: '/api/phone/calls/%ff%fe' }, ...INVALID],
  ['a page of a million', { method: 'GET', path: '/api/phone/calls?limit=1000000' }, ...INVALID],
  [
    'a filter with SQL',
    { method: 'GET', path: `/api/phone/calls?status=${encodeURIComponent("x' OR 1=1 --")}` },
    ...INVALID,
  ],
  ['another method', { method: 'PATCH', body: '{}' }, 404, 'not_found'],
  ['another path', { method: 'GET', path: '/.env' }, 404, 'not_found'],
  [
    'a form that Twilio did not sign',
    {
      path: '/api/phone/twilio/voice',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'CallSid=CA1',
    },
    403,
    'bad_signature',
  ],
  [
    'a form with a guessed signature',
    {
      path: '/api/phone/twilio/status',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': 'a'.repeat(28),
      },
      body: 'CallSid=CA1',
    },
    403,
    'bad_signature',
  ],
  [
    'JSON in place of a form',
    { path: '/api/phone/twilio/voice', body: '{"CallSid":"CA1"}' },
    403,
    'bad_signature',
  ],
  ['a socket that is none', { method: 'GET', path: STREAM }, 403, 'bad_signature'],
]

describe('over HTTP', () => {
  it.each(REQUESTS)('%s is refused', async (_, sent, status, code) => {
    const answer = await send(sent)
    expect(answer).toMatchObject({ status, code })
    expect(answer.text).not.toMatch(/node_modules|\.ts:\d|root:/)
    await expectWell()
  })

  it('whoever says something in the name of a proxy is not believed', async () => {
    const headers = { 'x-forwarded-host': HOST, 'x-forwarded-proto': 'https', forwarded: 'for=1' }
    const answer = await send({
      method: 'GET',
      path: '/api/phone/calls',
      headers: { ...headers, authorization: '' },
    })
    expect(answer).toMatchObject({ status: 401, code: 'unauthorized' })
    await expectWell()
  })
})

/** What the server answers to bytes that are no proper request, until it closes the connection. */
function exchange(bytes: string): Promise<string> {
  const { hostname, port } = new URL(world.url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.on('data', (data) => (answer += data.toString()))
    socket.on('close', () => {
      resolve(answer)
    })
    socket.on('error', reject)
  })
}

describe('what is no HTTP', () => {
  it.each([
    ['noise', '\u0000\u0001\u0002\r\n\r\n', 400],
    ['headers of 20 kB', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
    [
      'two lengths',
      'POST /api/phone/call HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      400,
    ],
    [
      'a length and chunks',
      'POST /api/phone/call HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    [
      'a chunk that is none',
      'POST /api/phone/call HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
    [
      'a header with a line break of its own',
      'GET / HTTP/1.1\r\nhost: x\r\na: b\rc: d\r\n\r\n',
      400,
    ],
  ])('%s is refused', async (_, bytes, status) => {
    expect(await exchange(bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    await expectWell()
  })
})

const signature = (url: string) => twilio.getExpectedTwilioSignature('twilio-demo', url, {})
const streamUrl = () => world.url.replace('http', 'ws') + STREAM
const genuine = () =>
  new StreamClient(streamUrl(), { 'x-twilio-signature': signature(`wss://${HOST}${STREAM}`) })

/** What is sent over a socket that Twilio could have opened, and the code that it is closed with. */
const MESSAGES: readonly (readonly [string, (client: StreamClient) => void, number])[] = [
  [
    'a guessed token',
    (client) => {
      client.start({ accountSid: ACCOUNT, parameters: { token: 'guess' } })
    },
    1008,
  ],
  [
    'no token',
    (client) => {
      client.start({ accountSid: ACCOUNT, parameters: {} })
    },
    1008,
  ],
  [
    'another account',
    (client) => {
      client.start({ accountSid: 'AC2' })
    },
    1008,
  ],
  [
    'another format',
    (client) => {
      client.start({ accountSid: ACCOUNT, format: { encoding: 'audio/opus' } })
    },
    1008,
  ],
  [
    'a token that is __proto__',
    (client) => {
      client.start({ accountSid: ACCOUNT, parameters: { token: '__proto__' } })
    },
    1008,
  ],
  [
    'audio before its start',
    (client) => {
      client.media(new Uint8Array(160))
    },
    1008,
  ],
  [
    'an end before its start',
    (client) => {
      client.event('stop', { stop: { accountSid: ACCOUNT, callSid: 'CA1' } })
    },
    1008,
  ],
  [
    'keys before its start',
    (client) => {
      client.event('dtmf', { dtmf: { track: 'inbound_track', digit: '1' } })
    },
    1008,
  ],
  [
    'ten malformed messages',
    (client) => {
      for (let n = 0; n < 10; n++) client.send('{')
    },
    1007,
  ],
  [
    'ten that are no objects',
    (client) => {
      for (let n = 0; n < 10; n++) client.send('[1]')
    },
    1007,
  ],
  [
    'ten starts without anything',
    (client) => {
      for (let n = 0; n < 10; n++) client.send('{"event":"start"}')
    },
    1007,
  ],
  [
    'more than a megabyte',
    (client) => {
      client.send('x'.repeat(1_100_000))
    },
    1009,
  ],
  [
    'a frame that is no text',
    (client) => {
      client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false })
    },
    1007,
  ],
  ['nothing', () => undefined, 1008],
]

describe('over the media socket', () => {
  it.each(MESSAGES)('%s closes it', async (_, act, code) => {
    const client = await genuine().opened()
    act(client)
    expect((await client.closed).code).toBe(code)
    await expectWell()
  })

  it.each([
    ['no signature', ''],
    ['a guessed one', 'a'.repeat(28)],
    ['one for another host', signature(`wss://evil.example${STREAM}`)],
    ['one for another path', signature(`wss://${HOST}/api/phone/other`)],
  ])('it does not open with %s', async (_, given) => {
    const client = new StreamClient(streamUrl(), { 'x-twilio-signature': given })
    expect(await client.refused()).toBe(403)
    await expectWell()
  })
})

it('there are at least sixty of them', () => {
  expect(REQUESTS.length + MESSAGES.length).toBeGreaterThanOrEqual(60)
})
