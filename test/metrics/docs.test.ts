import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { scaledClock } from '../../src/clock.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import { documentedMetrics } from '../helpers/documented-metrics.ts'
import { samplesOf } from '../helpers/prometheus.ts'

const Panel = z.object({
  id: z.int(),
  type: z.string(),
  title: z.string().min(1),
  gridPos: z.object({ h: z.int(), w: z.int(), x: z.int(), y: z.int() }),
  targets: z.array(z.object({ expr: z.string().min(1) })).optional(),
})
const Dashboard = z.object({
  title: z.string(),
  uid: z.string(),
  schemaVersion: z.int(),
  panels: z.array(Panel),
})

const dashboard = Dashboard.parse(JSON.parse(readFileSync('docs/grafana.json', 'utf8')))
const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

async function exported() {
  const metrics = new Metrics({
    clock: scaledClock(1),
    isDraining: () => false,
    outboxDepth: () => 0,
  })
  return samplesOf(await metrics.text())
}

/** Every word of a query that is the name of a metric, with what Prometheus adds to those of a histogram. */
function metricsIn(expr: string): string[] {
  return expr.match(/\b(?:phone|process|nodejs)_\w+/g) ?? []
}

it('every metric that there is is documented, and no other', async () => {
  const { names } = await exported()
  const ours = Array.from(names).filter((name) => name.startsWith('phone_'))
  const documented = documentedMetrics()
  expect(documented.filter((name) => name.startsWith('phone_')).sort()).toEqual(ours.sort())
  for (const name of documented) expect(names).toContain(name)
})

describe('the dashboard', () => {
  it.each(expressions)('asks for what there is: %s', async (expr) => {
    const { names } = await exported()
    const asked = metricsIn(expr)
    expect(asked).not.toEqual([])
    for (const name of asked) {
      const [, base = name, part] = /^(\w+)_(bucket|sum|count)$/.exec(name) ?? []
      expect(names).toContain(base)
      // Only a histogram has parts, and it is of no use without them.
      const isHistogram = /_seconds$/.test(base) && base.startsWith('phone_')
      expect(part !== undefined).toBe(isHistogram)
    }
  })

  it('shows every metric of ours', () => {
    const asked = expressions.flatMap(metricsIn)
    const shown = new Set(asked.map((name) => name.replace(/_(bucket|sum|count)$/, '')))
    for (const name of documentedMetrics()) expect(shown).toContain(name)
  })

  it('has panels that lie side by side, each with a number of its own', () => {
    const ids = dashboard.panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const taken = new Set<string>()
    for (const { gridPos, title } of dashboard.panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken, `${title} at ${x},${y}`).not.toContain(`${x},${y}`)
          taken.add(`${x},${y}`)
        }
      }
    }
  })

  it('has the queries of docs/metrics.md among what it can answer', async () => {
    const { names } = await exported()
    const queries = Array.from(
      readFileSync('docs/metrics.md', 'utf8').matchAll(/`([^`]*\(rate\([^`]*)`/g),
      ([, query]) => query!,
    )
    expect(queries).toHaveLength(3)
    for (const name of queries.flatMap(metricsIn)) {
      expect(names).toContain(name.replace(/_(bucket|sum|count)$/, ''))
    }
  })
})
