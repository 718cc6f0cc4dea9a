import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { compose } from '../src/compose.ts'
import { parseConfig } from '../src/config.ts'
import { systemClock } from '../src/clock.ts'

const environment = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'x',
  TWILIO_PHONE_NUMBER: '+15005550006',
  DEEPGRAM_API_KEY: 'x',
  ANTHROPIC_API_KEY: 'x',
  ELEVENLABS_API_KEY: 'x',
  ELEVENLABS_VOICE_ID: 'x',
  PUBLIC_HOST: 'calls.example.com',
  DATABASE_URL: 'file::memory:',
  STOCK_PHRASES: 'off',
}

it('a key of its own lets the workflows in, and nobody else', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'parley-mastra-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const config = parseConfig({
    ...environment,
    API_KEYS: 'k1',
    MASTRA_ENABLED: 'true',
    MASTRA_DATABASE_URL: `file:${join(dir, 'data', 'mastra.db')}`,
    // Nothing listens there: whatever asks it is told so at once.
    TWILIO_BASE_URL: 'http://127.0.0.1:9',
  })
  const parley = await compose(config, { log: pino({ level: 'silent' }), clock: systemClock })
  onTestFinished(() => parley.close())
  const runs = '/api/phone/workflows/call-and-follow-up/runs'
  const ask = async (key: string, payload?: object) => {
    const { statusCode, json } = await parley.app.inject({
      method: payload ? 'POST' : 'GET',
      url: payload ? runs : `${runs}/${runId}`,
      headers: { 'x-api-key': key },
      ...(payload && { payload }),
    })
    return { statusCode, body: json<{ run_id: string }>() }
  }
  let runId = ''
  const call = { phone_number: '+15551234567', action: 'Say hello' }
  expect(await ask('k2', { call })).toMatchObject({ statusCode: 401 })
  const { body } = await ask('k1', { call, attempts: 1 })
  runId = body.run_id
  // The carrier cannot be reached: the run was let in, and tells what came of it.
  await expect
    .poll(() => ask('k1'), { timeout: 20_000 })
    .toMatchObject({ body: { status: 'success', result: { outcome: 'refused' } } })
})
