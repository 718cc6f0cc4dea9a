import { readFileSync } from 'node:fs'

/** The names of metrics that docs/metrics.md lists: the first column of its tables. */
export function documentedMetrics(): string[] {
  const page = readFileSync('docs/metrics.md', 'utf8')
  return Array.from(page.matchAll(/^\| `((?:phone|process|nodejs)_\w+)` /gm), ([, name]) => name!)
}
