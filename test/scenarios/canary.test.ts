import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type DemoWorld, startDemoWorld } from '../../src/cli/demo-world.ts'
import { type Clock, scaledClock } from '../../src/clock.ts'
import { createLogger } from '../../src/log.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { withToolServer } from '../../src/simulator/tool-server.ts'
import { otlpCollector } from '../helpers/otlp-collector.ts'
import { PATIENT } from '../helpers/scenario-world.ts'
import { startReceiver } from '../helpers/webhook-receiver.ts'

/**
 * Secrets and words of people that can be recognised anywhere, in every place where they are given to the server. Afterwards
 * everything that the server tells those who run it is searched for them.
 */

const bytes = (text: string) => Buffer.alloc(32, text).toString('base64')

const SECRETS = {
  TWILIO_SECONDARY_AUTH_TOKEN: 'canary-secondary-token',
  API_KEYS: 'canary-api-key',
  WEBHOOK_SECRET: `whsec_${bytes('canary-webhook')}`,
  TOOL_SECRETS: JSON.stringify({ CRM_TOKEN: 'Bearer canary-crm-token' }),
  ENCRYPTION_KEYS: bytes('canary-encryption'),
}
const CREDENTIALS = {
  twilio: 'canary-twilio-token',
  deepgram: 'canary-deepgram-key',
  anthropic: 'canary-anthropic-key',
  elevenlabs: 'canary-elevenlabs-key',
}

const NUMBER = '+12025550147'
const DESK = '+12025550148'

const scenario: Scenario = {
  name: 'canary',
  about: 'a call in which everything can be recognised',
  direction: 'outbound',
  call: {
    phone_number: NUMBER,
    action: 'Ask about the canaryaction',
    context: 'The canarycontext is blue.',
    callee_name: 'Canarycallee',
    agent_name: 'Canaryagent',
    organization: 'Canaryorganization',
    metadata: { order: 'canarymetadata' },
    transfer_to: [{ phone_number: DESK, name: 'desk' }],
    tools: [
      {
        name: 'look_up',
        description: 'Looks up the canarydescription',
        input_schema: { type: 'object', properties: { word: { type: 'string' } } },
        url: 'http://tools.test/canarypath?key=canaryquery',
        secret_headers: { authorization: 'CRM_TOKEN' },
        result_schema: { type: 'object', required: ['nothing'] },
      },
    ],
  },
  toolServer: {
    '/canarypath': [{ body: { said: 'canaryresult' } }, { status: 500, body: 'canarybroken' }],
  },
  person: {
    answer: 'yes',
    does: [
      { hear: 'end' },
      { say: 'A canaryquestion?' },
      { hear: 'end' },
      { say: 'Once more canaryagain.' },
      { hear: 'end' },
      { press: '47' },
      { say: 'Bye canarybye!' },
    ],
  },
  claude: [
    {
      when: /bye/i,
      say: 'Goodbye canarygoodbye!',
      tool: { name: 'end_call', input: { reason: 'done' } },
    },
    { when: /The tool failed/i, say: 'I cannot, canarysorry.' },
    {
      when: /canary(question|again)/i,
      say: 'One canarymoment.',
      tool: { name: 'look_up', input: { word: 'canaryargument' } },
    },
    { when: /call was answered/i, say: 'Hello canaryhello.' },
  ],
}

/** Whatever is found there: all words of the call begin so, and so do all secrets. */
const FOUND = /.{0,60}(canary|Y2FuYXJ5|[Zz]2FuYXJ5|2025550147|2025550148).{0,40}/gi

function found(text: string): string[] {
  return text.match(FOUND) ?? []
}

type Told = { readonly what: string; readonly text: string }

function listening(clock: Clock) {
  const lines: string[] = []
  const told: Told[] = []
  const keys = { authorization: `Bearer ${SECRETS.API_KEYS}` }
  const secrets = [
    ...Object.values(CREDENTIALS),
    ...Object.values(SECRETS).filter((secret) => !secret.startsWith('{')),
    'canary-crm-token',
  ]
  const log = createLogger({
    level: 'trace',
    secrets,
    destination: { write: (line) => lines.push(line) },
  })
  const start = async (options: Partial<Parameters<typeof startDemoWorld>[0]>) => {
    const world = await startDemoWorld({ scenarios: [scenario], clock, log, ...options })
    return world
  }
  const ask = async ({ url }: DemoWorld, method: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, { method, headers: keys, ...init })
    return { status: response.status, text: await response.text() }
  }
  const place = (world: DemoWorld) =>
    ask(world, 'POST', '/api/phone/call', {
      headers: { ...keys, 'content-type': 'application/json' },
      body: JSON.stringify(withToolServer(scenario.call, world.simulator.tools.url)),
    })
  const over = async (world: DemoWorld, callId: string) => {
    for (;;) {
      const { text } = await ask(world, 'GET', `/api/phone/calls/${callId}`)
      if (/"status":"(completed|failed)"/.test(text)) return text
      await clock.sleep(200)
    }
  }
  return { lines, told, log, start, ask, place, over }
}

it('nobody who runs the server learns what was said, to whom, or a secret, from what it tells them', async () => {
  const clock = scaledClock(4)
  const { lines, told, start, ask, place, over } = listening(clock)
  const collector = await otlpCollector()
  const receiver = await startReceiver(500, 500, 'drop', 204)
  const folder = mkdtempSync(join(tmpdir(), 'canary-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  const tell = (what: string, text: string) => told.push({ what, text })
  const environment = {
    ...PATIENT,
    ...SECRETS,
    WEBHOOK_URL: receiver.url,
    FLIGHT_RECORD_DIR: join(folder, 'flights'),
    DATABASE_URL: `file:${folder}/calls.db`,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  }

  const world = await start({ credentials: CREDENTIALS, environment })
  const placed = await place(world)
  expect(placed.status).toBe(201)
  const { call_id: callId } = JSON.parse(placed.text) as { call_id: string }
  const record = await over(world, callId)
  // All of it has been there: what is not found below was left out.
  for (const word of ['hello', 'question', 'moment', 'argument', 'sorry', 'again', 'goodbye']) {
    expect(record.includes(`canary${word}`), word).toBe(true)
  }
  expect(world.simulator.tools.requests()[0]?.headers.authorization).toContain('canary-crm-token')
  await expect.poll(() => receiver.received.length).toBeGreaterThan(0)

  // Requests that are refused, each with a secret or a person in it.
  const wrong = {
    key: { authorization: 'Bearer canary-wrong-key' },
    json: { authorization: `Bearer ${SECRETS.API_KEYS}`, 'content-type': 'application/json' },
  }
  const refused = await Promise.all([
    ask(world, 'GET', '/api/phone/calls', { headers: wrong.key }),
    ask(world, 'POST', '/api/phone/call', {
      headers: wrong.json,
      body: '{"action":not-json',
    }),
    ask(world, 'POST', '/api/phone/call', { headers: wrong.json, body: '{"other": 1}' }),
    ask(world, 'GET', '/api/phone/calls/call_unknown'),
    ask(world, 'POST', '/api/phone/twilio/voice', {
      headers: { 'x-twilio-signature': 'canary-signature' },
      body: new URLSearchParams({ AccountSid: 'AC1', CallSid: 'CA1', From: NUMBER, To: DESK }),
    }),
    ask(world, 'GET', '/api/phone/media-stream', {
      headers: { 'x-twilio-signature': 'canary-signature' },
    }),
    ask(world, 'GET', `/api/phone/calls?phone_number=${encodeURIComponent(NUMBER)}&limit=many`),
  ])
  for (const [at, { status, text }] of refused.entries()) {
    expect(status, text).toBeGreaterThanOrEqual(400)
    tell(`refusal ${at}`, text)
  }
  tell('metrics', (await ask(world, 'GET', '/metrics')).text)
  tell('health', (await ask(world, 'GET', '/api/phone/health')).text)
  await world[Symbol.asyncDispose]()
  tell('traces', collector.bodies.join('\n'))
  const flights = readdirSync(join(folder, 'flights'))
  expect(flights).toHaveLength(1)
  for (const name of flights)
    tell('flight record', readFileSync(join(folder, 'flights', name), 'utf8'))
  for (const name of readdirSync(folder).filter((each) => each.startsWith('calls.db'))) {
    tell('database', readFileSync(join(folder, name), 'latin1'))
  }

  // Vendors that refuse our keys, and a carrier that does.
  const asked = { ...PATIENT, ...SECRETS }
  const deaf = await start({
    environment: {
      ...asked,
      DEEPGRAM_API_KEY: CREDENTIALS.deepgram,
      ANTHROPIC_API_KEY: CREDENTIALS.anthropic,
      ELEVENLABS_API_KEY: CREDENTIALS.elevenlabs,
    },
  })
  const broken = JSON.parse((await place(deaf)).text) as { call_id: string }
  expect(await over(deaf, broken.call_id)).toContain('"status":"failed"')
  tell('health of broken vendors', (await ask(deaf, 'GET', '/api/phone/health')).text)
  await deaf[Symbol.asyncDispose]()
  const cutOff = await start({ environment: { ...asked, TWILIO_AUTH_TOKEN: CREDENTIALS.twilio } })
  const undialled = await place(cutOff)
  expect(undialled.status).toBe(502)
  tell('dial that failed', undialled.text)
  await cutOff[Symbol.asyncDispose]()

  tell('log', lines.join(''))
  expect(lines.length).toBeGreaterThan(15)
  expect(told.map(({ what }) => what)).toEqual(expect.arrayContaining(['traces', 'metrics', 'log']))
  expect(told.filter(({ text }) => text === '').map(({ what }) => what)).toEqual([])
  for (const { what, text } of told) expect(found(text), what).toEqual([])
}, 60_000)
