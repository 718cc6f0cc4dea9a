import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listenOnLoopback, type Loopback } from '../src/simulator/loopback.ts'
import { nodeProcess } from './helpers/node-process.ts'
import { describe, expect, it, onTestFinished } from './helpers/together.ts'

const SERVER = fileURLToPath(new URL('../src/server.ts', import.meta.url))

const needed = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'twilio-secret',
  TWILIO_PHONE_NUMBER: '+15551234567',
  DIAL_ALLOWED_PREFIXES: '+1555',
  DEEPGRAM_API_KEY: 'deepgram-secret',
  ANTHROPIC_API_KEY: 'anthropic-secret',
  ELEVENLABS_API_KEY: 'elevenlabs-secret',
  ELEVENLABS_VOICE_ID: 'voice',
  PUBLIC_HOST: 'calls.example.com',
  PORT: '0',
  // The vendors are not there: nothing is spoken ahead of need.
  STOCK_PHRASES: 'off',
}

/** Listens until the test is over. */
async function listen(...options: Parameters<typeof listenOnLoopback>): Promise<Loopback> {
  const vendor = await listenOnLoopback(...options)
  onTestFinished(() => vendor.close())
  return vendor
}

/** The server as a process of its own, with nothing in its environment but this, in an empty folder. */
function start(environment: Record<string, string>, args: string[] = [], dotenv?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  if (dotenv !== undefined) writeFileSync(join(folder, '.env'), dotenv)
  const server = nodeProcess([SERVER, ...args], { env: environment, cwd: folder })
  const says = (pattern: RegExp) =>
    expect.poll(() => server.output(), { timeout: 15_000 }).toMatch(pattern)
  return { ...server, says }
}

function urlIn(output: string): string {
  return /"url":"([^"]+)"/.exec(output)?.[1] ?? ''
}

describe('the server as a process', () => {
  it('says what is wrong with its configuration, all of it, and the way out', async () => {
    const { exited, output } = start({ TWILIO_AUTH_TOKEN: 'twilio-secret', PORT: 'http' })
    expect(await exited).toBe(1)
    for (const key of ['TWILIO_ACCOUNT_SID is missing', 'PUBLIC_HOST is missing', 'PORT: ']) {
      expect(output()).toContain(`  - ${key}`)
    }
    expect(output()).toContain('npm run demo')
    expect(output()).not.toContain('twilio-secret')
  })

  it('helps', async () => {
    const help = start({}, ['--help'])
    expect(await help.exited).toBe(0)
    expect(help.output()).toContain('.env.example')
    const unknown = start({}, ['--prot', '80'])
    expect(await unknown.exited).toBe(1)
    expect(unknown.output()).toContain('unknown argument: --prot 80')
  })

  it('reads .env, tells where it listens, and stops when it is asked to', async () => {
    const { PUBLIC_HOST, ...rest } = needed
    const { child, exited, says, output } = start(rest, [], `PUBLIC_HOST=${PUBLIC_HOST}\n`)
    await says(/"url":"[^"]+"/)
    expect(output()).toContain('https://calls.example.com/api/phone/twilio/voice')
    const health = await fetch(`${urlIn(output())}/api/phone/health/ready`)
    expect(health.status).toBe(200)
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
    expect(output()).toContain('"msg":"shut down"')
    expect(output()).not.toMatch(/-secret/)
  })

  it('cannot listen where somebody else does', async () => {
    const taken = await listen(() => undefined)
    const { exited, output } = start({ ...needed, PORT: String(taken.port) })
    expect(await exited).toBe(1)
    expect(output()).toContain('Parley cannot listen: listen EADDRINUSE')
  })

  it('lets a call finish when it is asked to stop, and leaves at once when asked again', async () => {
    // Twilio takes the call, and no vendor answers: the call just goes on ringing.
    const twilio = await listen((_, response) => {
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"sid":"CA1"}')
    })
    const silent = await listen(() => undefined)
    const { child, exited, says, output } = start({
      ...needed,
      TWILIO_BASE_URL: twilio.url,
      ANTHROPIC_BASE_URL: silent.url,
      ELEVENLABS_BASE_URL: silent.url,
      ANTHROPIC_FIRST_TOKEN_TIMEOUT_MS: '60000',
      CONNECT_TIMEOUT_MS: '60000',
      DIAL_ALLOWED_PREFIXES: '+',
    })
    await says(/"url":"[^"]+"/)
    const url = urlIn(output())
    const placed = await fetch(`${url}/api/phone/call`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ phone_number: '+15551234567', action: 'talk' }),
    })
    expect(placed.status).toBe(201)
    child.kill('SIGINT')
    await says(/"msg":"shutting down"/)
    const ready = await fetch(`${url}/api/phone/health/ready`)
    expect(ready.status).toBe(503)
    child.kill('SIGINT')
    expect(await exited).toBe(1)
  })
})
