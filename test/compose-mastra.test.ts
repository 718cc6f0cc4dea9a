import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { compose } from '../src/compose.ts'
import { parseConfig } from '../src/config.ts'
import { systemClock } from '../src/clock.ts'
import { bareEnvironment } from './helpers/bare-environment.ts'

it('a key of its own lets the workflows in, and nobody else', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'parley-mastra-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const config = parseConfig({
    ...bareEnvironment,
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
