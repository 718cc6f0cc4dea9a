import { readFileSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What starts processes for a test is named for it. */
const STARTS_PROCESSES = /\/(?:[a-z-]+-process(?:es)?|postgres-server)\.ts'/
/** They begin among so much of the other files; what is left at the end is short. */
const AMONG_FIRST = 0.7

/**
 * The order of the test files: as vitest has it, but those that wait for processes come one by one among those that compute. In vitest's
 * own order they meet, because they are about as long, and while all workers wait the processors have nothing to do.
 */
export class TestOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const waits = new Map(sorted.map((file) => [file, startsProcesses(file)]))
    return spread(
      sorted.filter((file) => waits.get(file)),
      sorted.filter((file) => !waits.get(file)),
    )
  }
}

/** All of both, in their orders: the few at even distances among the first of the many. */
export function spread<Item>(few: readonly Item[], many: readonly Item[]): Item[] {
  const distance = (many.length * AMONG_FIRST) / few.length
  const order: Item[] = []
  let given = 0
  for (const [at, item] of many.entries()) {
    while (given < few.length && given * distance <= at) order.push(few[given++]!)
    order.push(item)
  }
  return [...order, ...few.slice(given)]
}

function startsProcesses({ moduleId }: TestSpecification): boolean {
  return STARTS_PROCESSES.test(readFileSync(moduleId, 'utf8'))
}
