import { expect, it } from 'vitest'
import { pino } from 'pino'
import { checkFallbackEars } from '../src/compose-ears.ts'
import { parseConfig } from '../src/config.ts'
import { startSimulator } from '../src/simulator/simulator.ts'
import type { DeepgramKnobs } from '../src/simulator/deepgram.ts'
import { scaledClock } from '../src/clock.ts'

async function check(knobs: Partial<DeepgramKnobs>, STT_FALLBACK = 'deepgram:nova-3') {
  const clock = scaledClock(10)
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
})
