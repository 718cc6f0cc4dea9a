import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { Scenario } from '../simulator/scenario.ts'

/** As much as tells a scenario from anything else that a module may export. */
const Recognised = z.looseObject({
  name: z.string(),
  about: z.string(),
  direction: z.enum(['outbound', 'inbound']),
  call: z.looseObject({ phone_number: z.string(), action: z.string() }),
  person: z.looseObject({
    answer: z.enum(['yes', 'busy', 'no-answer', 'failed']),
    does: z.array(z.looseObject({})),
  }),
  claude: z.array(z.looseObject({ when: z.instanceof(RegExp) })),
})

/**
 * The scenario that a module exports, such as `npm run replay -- FILE --scenario NAME --out FILE.ts` writes.
 *
 * @throws {Error} when it exports none, or several
 */
export async function loadScenario(path: string): Promise<Scenario> {
  const exported: unknown = await import(pathToFileURL(resolve(path)).href)
  const values = typeof exported === 'object' && exported !== null ? Object.values(exported) : []
  const [scenario, another] = values.filter(isScenario)
  if (scenario === undefined) throw new Error(`${path} exports no scenario`)
  if (another !== undefined) throw new Error(`${path} exports more than one scenario`)
  return scenario
}

function isScenario(value: unknown): value is Scenario {
  return Recognised.safeParse(value).success
}
