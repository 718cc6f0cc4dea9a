import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { voicemail } from '../../src/simulator/scenarios/machines.ts'
import { scenarioWorld } from '../helpers/scenario-world.ts'
import { expect, it } from '../helpers/together.ts'

/** As a server says it that was told nothing. */
const DEFAULTS = { AI_DISCLOSURE: '', RECORDING_ANNOUNCEMENT: '' }

it('whoever is rung hears first of all that an AI speaks', async () => {
  const world = await scenarioWorld([dentist, voicemail], { environment: DEFAULTS })
  const { call, record } = await world.run(dentist)
  expect(record.failure).toBeNull()
  expect(call.heardText()).toMatch(/^This is an AI assistant calling\. .*This is Alex/i)
  // Whoever listens to their messages, too.
  const left = await world.run(voicemail)
  expect(left.call.heardText()).toMatch(/^This is an AI assistant calling\. .+/i)
})
