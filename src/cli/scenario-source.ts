import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Scenario } from '../simulator/scenario.ts'

const SIMULATOR = join(import.meta.dirname, '..', 'simulator')
const LINE = 100

/**
 * A scenario as a TypeScript module.
 *
 * @param remarks sentences that stand above it
 * @param path where it will be; default: among the simulator's own scenarios
 */
export function scenarioSource(
  scenario: Scenario,
  remarks: readonly string[],
  path = join(SIMULATOR, 'scenarios', `${scenario.name}.ts`),
): string {
  const from = relative(dirname(resolve(path)), join(SIMULATOR, 'scenario.ts'))
    .split(sep)
    .join('/')
  const about = [`Made by \`npm run replay\`: ${scenario.about}.`, ...remarks]
  return `import type { Scenario } from '${from.startsWith('.') ? from : `./${from}`}'

/**
${about.map((line) => ` * ${line.replaceAll('*/', '* /')}\n`).join('')} */
export const ${constantFor(scenario.name)}: Scenario = ${sourceOf(scenario, 0)}
`
}

/** `late-question` → lateQuestion; one word gets a second one, so that it is no reserved word. */
function constantFor(name: string): string {
  const words = name.includes('-') ? name : `${name}-call`
  return words.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

/** A value as source: on one line when it fits there, with `used` columns taken. */
function sourceOf(value: unknown, indent: number, used = indent): string {
  if (typeof value === 'string') return quoted(value)
  if (value instanceof RegExp || typeof value !== 'object' || value === null) return String(value)
  const isList = Array.isArray(value)
  const parts = partsOf(value)
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  if (parts.length === 0) return open + close
  const pad = isList ? '' : ' '
  const inline = parts.map(([key, part]) => key + sourceOf(part, 0, -Infinity)).join(', ')
  const line = `${open}${pad}${inline}${pad}${close}`
  if (used + line.length < LINE) return line
  const inner = indent + 2
  const lines = parts.map(
    ([key, part]) => `${' '.repeat(inner)}${key}${sourceOf(part, inner, inner + key.length)},`,
  )
  return [open, ...lines, `${' '.repeat(indent)}${close}`].join('\n')
}

/** Each with the name of its field and a colon before it. */
function partsOf(value: object): (readonly [string, unknown])[] {
  if (Array.isArray(value)) return value.map((item: unknown) => ['', item] as const)
  return Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(
      ([key, field]) => [`${/^[a-z_$][\w$]*$/i.test(key) ? key : quoted(key)}: `, field] as const,
    )
}

/** In single quotes, unless double ones need fewer escapes. */
function quoted(text: string): string {
  const json = JSON.stringify(text)
  const single = text.split("'").length
  const double = text.split('"').length
  if (single > double) return json
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
