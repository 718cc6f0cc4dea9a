import { readFileSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What starts processes for a test is named for it. */
const STARTS_PROCESSES = /\/(?:[a-z-]+-process(?:es)?|postgres-server)\.ts'/
/** Loads all of the server in one process, and keeps what Node has compiled for all the others (`node-process.ts`). */
export const WARMS_UP = '/loaded-when-used.test.ts'
/** Waits longer than any other, for many processes. */
export const LONGEST = '/whole-processes.test.ts'

/**
 * The order of the test files. In vitest's own order, by length, those meet that wait for processes, and while all workers wait the
 * processors have nothing to do. Here they come one by one, and so do whole calls, which compute. What is left for the end is short.
 */
export class TestOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const kinds = Map.groupBy(await super.sort(files), kindOf)
    const of = (kind: Kind) => kinds.get(kind) ?? []
    const rest = spread(of('whole calls'), of('short'), 0.85)
    const meanwhile = rest.splice(0, rest.length / 20)
    return [
      ...of('warms up'),
      ...meanwhile.splice(0, 4),
      ...of('longest'),
      ...meanwhile,
      ...spread(of('waits'), rest, 0.7),
    ]
  }
}

type Kind = 'warms up' | 'longest' | 'waits' | 'whole calls' | 'short'

function kindOf({ moduleId }: TestSpecification): Kind {
  if (moduleId.endsWith(WARMS_UP)) return 'warms up'
  if (moduleId.endsWith(LONGEST)) return 'longest'
  if (STARTS_PROCESSES.test(readFileSync(moduleId, 'utf8'))) return 'waits'
  return moduleId.includes('/scenarios/') ? 'whole calls' : 'short'
}

/** All of both, in their orders: the few at even distances among so much of the many. */
export function spread<Item>(few: readonly Item[], many: readonly Item[], among: number): Item[] {
  const distance = (many.length * among) / few.length
  const order: Item[] = []
  let given = 0
  for (const [at, item] of many.entries()) {
    while (given < few.length && given * distance <= at) order.push(few[given++]!)
    order.push(item)
  }
  return [...order, ...few.slice(given)]
}
