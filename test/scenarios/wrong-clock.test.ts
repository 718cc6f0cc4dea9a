import type { Clock } from '../../src/clock.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { steadyClock } from '../../src/simulator/steady-clock.ts'
import { scenarioWorld, textsOf } from '../helpers/scenario-world.ts'
import { expect, it } from '../helpers/together.ts'

const JUMP_MS = 600_000

it.each([
  ['ahead', JUMP_MS],
  ['back', -JUMP_MS],
])(
  'a machine whose clock is put %s in the middle of a call disturbs it in nothing',
  async (_, jumpMs) => {
    const time = steadyClock()
    let offMs = 0
    const clock: Clock = { ...time, date: () => new Date(time.date().getTime() + offMs) }
    const world = await scenarioWorld([dentist], { clock })
    const ended = world.run(dentist)
    const { twilio } = world.simulator
    await expect
      .poll(() => twilio.calls()[0]?.said.length, { interval: 1, timeout: 10_000 })
      .toBe(1)
    offMs = jumpMs
    const { record, problems } = await ended
    expect(problems).toEqual([])
    expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
    expect(textsOf(record, 'caller').length).toBeGreaterThan(1)
    expect(record['duration_s']).toBeGreaterThan(5)
    expect(record['duration_s']).toBeLessThan(120)
  },
)
