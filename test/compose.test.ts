import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import twilio from 'twilio'
import { scaledClock } from '../src/clock.ts'
import { compose } from '../src/compose.ts'
import { openStore } from '../src/store/open-store.ts'
import { parseConfig } from '../src/config.ts'
import type { Scenario } from '../src/simulator/scenario.ts'
import { startSimulator } from '../src/simulator/simulator.ts'
import { quiet } from './helpers/fake-ports.ts'
import { PATIENT } from './helpers/scenario-world.ts'

const GREETING = 'Good morning, this is a call.'
const DISPATCHED = '+15551230001'

const scenario: Scenario = {
  name: 'dispatched',
  about: 'a call that something else dials',
  direction: 'outbound',
  call: { phone_number: DISPATCHED, action: 'Say good morning' },
  person: { answer: 'yes', ringMs: 300, does: [{ hear: { text: 'call.' } }, { hangUp: true }] },
  claude: [{ when: /call was answered/i, say: GREETING }],
}

async function startWorld(environment: Record<string, string> = {}) {
  const clock = scaledClock(3)
  const simulator = await startSimulator({ clock, scenarios: [scenario] })
  const config = parseConfig({ ...simulator.environment, PORT: '0', ...PATIENT, ...environment })
  const parley = await compose(config, { log: quiet, clock })
  const url = await parley.app.listen({ host: config.HOST, port: config.PORT })
  simulator.serverAt(url)
  onTestFinished(async () => {
    await parley.close()
    await simulator.close()
  })
  const register = async (): Promise<{ call_id: string; voice_url: string }> => {
    const response = await fetch(`${url}/api/phone/register-call`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(scenario.call),
    })
    return (await response.json()) as { call_id: string; voice_url: string }
  }
  /** Dials by Twilio's own SDK, as a dispatcher of the user's would. */
  const dial = async (voiceUrl: string) => {
    const client = twilio(config.TWILIO_ACCOUNT_SID, config.TWILIO_AUTH_TOKEN)
    client.api.baseUrl = config.TWILIO_BASE_URL
    await client.calls.create({ to: DISPATCHED, from: config.TWILIO_PHONE_NUMBER, url: voiceUrl })
  }
  return { parley, simulator, register, dial }
}

it('a registered call becomes a conversation when something else dials it', async () => {
  const { parley, simulator, register, dial } = await startWorld()
  const { call_id, voice_url } = await register()
  await dial(voice_url)
  await expect
    .poll(() => parley.calls.get(call_id), { timeout: 15_000 })
    .toMatchObject({ status: 'completed', endReason: 'caller_hung_up' })
  const { turns } = await parley.calls.get(call_id)
  expect(turns[0]).toMatchObject({ role: 'agent', text: GREETING })
  expect(simulator.violations.list).toEqual([])
})

it('closing ends the calls that are left and every connection to a vendor, and their records are kept', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const url = `file:${join(folder, 'parley.db')}`
  const { parley, simulator, register, dial } = await startWorld({
    INBOUND_ACTION: 'Take a note',
    DATABASE_URL: url,
  })
  const { call_id, voice_url } = await register()
  await dial(voice_url)
  await expect
    .poll(() => parley.calls.get(call_id), { timeout: 15_000 })
    .toMatchObject({ status: 'in_progress' })
  await parley.close()
  const store = await openStore(url, { clock: scaledClock(1), log: quiet })
  onTestFinished(() => store.close())
  const record = await store.get(call_id)
  expect(record).toMatchObject({ status: 'completed', endReason: 'requested' })
  await expect
    .poll(() => simulator.deepgram.connections() + simulator.elevenLabs.connections())
    .toBe(0)
})
