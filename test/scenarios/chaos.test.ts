import { fileURLToPath } from 'node:url'
import { CHAOS_AREAS } from '../../src/cli/chaos-fault.ts'
import { runNode } from '../helpers/node-process.ts'
import { expect, it } from '../helpers/together.ts'

const CHAOS = fileURLToPath(new URL('../../src/cli/chaos.ts', import.meta.url))

/** A short run of `npm run chaos`, from a seed in which every area breaks. */
it('a dozen calls that break at random keep every promise', async () => {
  const args = '--calls 12 --seed 16 --at-once 12 --json'
  const { code, stdout } = await runNode([CHAOS, ...args.split(' ')])
  const summary = JSON.parse(stdout) as { breaches: unknown; faults: object }
  expect(summary).toMatchObject({ calls: 12, sockets_left: 0, timers_left: 0, breaches: [] })
  const areas = Object.keys(summary.faults).map((name) => name.split(':')[0])
  expect(new Set(areas)).toEqual(new Set(CHAOS_AREAS))
  expect(code).toBe(0)
}, 60_000)
