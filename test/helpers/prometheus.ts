export type Samples = {
  readonly text: string
  /** Names as of the `# TYPE` lines. */
  readonly names: ReadonlySet<string>
  /** Every value of every label. */
  readonly labelValues: ReadonlySet<string>
  /** The value of the one sample of this name with exactly these labels; undefined: there is none. */
  of(name: string, labels?: Readonly<Record<string, string>>): number | undefined
  /** The sum of all samples of this name. */
  sum(name: string): number
}

const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)$/
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g

/** Reads the text format of Prometheus. */
export function samplesOf(text: string): Samples {
  const samples = new Map<string, number>()
  const names = new Set<string>()
  const labelValues = new Set<string>()
  for (const line of text.split('\n')) {
    const [, type] = /^# TYPE (\w+) /.exec(line) ?? []
    if (type !== undefined) names.add(type)
    if (line === '' || line.startsWith('#')) continue
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? []
    if (name === undefined) throw new Error(`not a sample: ${line}`)
    const pairs = Array.from(labels.matchAll(LABEL), ([, key, given]) => [key!, given!] as const)
    for (const [, given] of pairs) labelValues.add(given)
    samples.set(keyOf(name, Object.fromEntries(pairs)), Number(value))
  }
  return {
    text,
    names,
    labelValues,
    of: (name, labels = {}) => samples.get(keyOf(name, labels)),
    sum: (name) =>
      Array.from(samples).reduce(
        (sum, [key, value]) => (key.startsWith(`${name}{`) ? sum + value : sum),
        0,
      ),
  }
}

function keyOf(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  return `${name}{${pairs.map(([key, value]) => `${key}=${value}`).join(',')}}`
}
