import { parseArgs } from 'node:util'

export const USAGE = `npm run bench -- [options]

Measures a real server under simultaneous calls at real-time pace. Server, vendors and callers are processes of their own.

  --calls 25,50,100,200   steps: how many calls at once (this is the default); "" leaves them out
  --seconds 30            how long all calls of a step are up together
  --against 50            calls for the comparison with a bare skeleton: so many for each of the two; 0 leaves it out
  --speculation 10        calls for what speculation saves and costs: so many with it and without; 0 leaves it out
  --quick                 no steps, small comparisons, about a minute: shows that everything works, measures little
  --json FILE             where the figures go; default bench/results/<time>.json
  --profile               writes a CPU profile of each server into bench/results/
  --help                  this text
`

export type BenchOptions = {
  /** Ascending; none: only the comparison. */
  readonly steps: readonly number[]
  readonly seconds: number
  readonly against: number
  readonly speculation: number
  readonly json: string | undefined
  readonly profile: boolean
}

/** @throws {Error} that tells what is wrong with the arguments; `undefined` when help was asked for */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      calls: { type: 'string' },
      seconds: { type: 'string' },
      against: { type: 'string' },
      speculation: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const usual = values.quick
    ? { calls: '', seconds: '3', against: '10', speculation: '4' }
    : { calls: '25,50,100,200', seconds: '30', against: '50', speculation: '10' }
  const calls = values.calls ?? usual.calls
  const steps = calls === '' ? [] : calls.split(',').map((step) => wholeNumber('--calls', step, 1))
  return {
    steps: steps.toSorted((a, b) => a - b),
    seconds: wholeNumber('--seconds', values.seconds ?? usual.seconds, 1),
    against: wholeNumber('--against', values.against ?? usual.against, 0),
    speculation: wholeNumber('--speculation', values.speculation ?? usual.speculation, 0),
    json: values.json,
    profile: values.profile,
  }
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new Error(`${option}: expected a whole number of at least ${least}, got "${text}"`)
}
