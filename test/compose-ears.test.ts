import { expect, it } from 'vitest'
import { pino } from 'pino'
import { composeCircuits } from '../src/compose-circuits.ts'
import { checkFallbackEars } from '../src/compose-ears.ts'
import { parseConfig } from '../src/config.ts'
import { ProviderError } from '../src/errors.ts'
import { createAnthropicClient } from '../src/providers/anthropic/client.ts'
import { startSimulator } from '../src/simulator/simulator.ts'
import type { DeepgramKnobs } from '../src/simulator/deepgram.ts'
import { steadyClock } from '../src/simulator/steady-clock.ts'

async function check(knobs: Partial<DeepgramKnobs>, STT_FALLBACK = 'deepgram:nova-3') {
  const clock = steadyClock()
  const simulator = await startSimulator({ clock, scenarios: [] })
  Object.assign(simulator.deepgram.knobs, knobs)
  const log: string[] = []
  const config = parseConfig({ ...simulator.environment, STT_FALLBACK })
  try {
    await checkFallbackEars(config, {
      clock,
      log: pino({ level: 'warn' }, { write: (line: string) => log.push(line) }),
    })
    return { log, total: simulator.deepgram.total() }
  } finally {
    await expect.poll(() => simulator.deepgram.connections()).toBe(0)
    await simulator.close()
  }
}

it('a fallback that the vendor refuses is found when the server starts, not in the middle of a call', async () => {
  await expect(check({ refuseStatus: 400 })).rejects.toMatchObject({
    name: 'ConfigError',
    problems: [expect.stringMatching(/^STT_FALLBACK: deepgram:nova-3 is refused: .*HTTP 400/)],
  })
  await expect(check({ refuseStatus: 401 })).rejects.toMatchObject({ name: 'ConfigError' })
})

it('a fallback that is out of order keeps no server from starting', async () => {
  expect((await check({ refuseStatus: 503 })).log).toHaveLength(1)
  expect(await check({})).toEqual({ log: [], total: 1 })
  expect(await check({}, '')).toEqual({ log: [], total: 0 })
  await expect(check({}, 'pulse:pulse')).resolves.toEqual({ log: [], total: 0 })
})

it('calls are placed while any of the recognisers is well, and each of them is asked by itself whether it is', async () => {
  const clock = steadyClock()
  const simulator = await startSimulator({ clock, scenarios: [] })
  const config = parseConfig({
    ...simulator.environment,
    STT_PROVIDER: 'pulse',
    STT_FALLBACK: 'deepgram:nova-3, deepgram:flux-general-en',
  })
  const anthropic = createAnthropicClient({ apiKey: 'key', baseUrl: config.ANTHROPIC_BASE_URL })
  const circuits = composeCircuits(config, { anthropic, clock, log: pino({ level: 'silent' }) })
  const ears = ['pulse', 'ears-fallback-1', 'ears-fallback-2']
  expect([...circuits.positions.keys()]).toEqual(expect.arrayContaining(ears))
  try {
    for (const name of ears) {
      expect(circuits.outage).toBeUndefined()
      const provider = name === 'pulse' ? 'smallest' : 'deepgram'
      circuits.of(name).failed(new ProviderError('no such key', { provider, code: 'auth' }))
    }
    expect(circuits.outage).toMatchObject({ vendor: 'pulse' })
    const open = () => ears.filter((name) => circuits.of(name).isOpen)
    await expect.poll(open, { timeout: 5000 }).toEqual([])
    const asked = [...simulator.smallest.asked(), ...simulator.deepgram.asked()]
    expect(asked.map(({ pathname }) => pathname).sort()).toEqual([
      '/v1/listen',
      '/v2/listen',
      '/waves/v1/stt/live',
    ])
  } finally {
    await circuits.close()
    await anthropic.close()
    await simulator.close()
  }
})
