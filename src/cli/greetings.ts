import { parseArgs, styleText } from 'node:util'
import { holdoutGreetings, tuningGreetings } from '../simulator/greetings/all.ts'
import { GATE, percent, scoresOf, shortcomings } from './greeting-scores.ts'
import { reportOf } from './greetings-report.ts'

const HELP = `Shows how well people are told from machines by how they answer the phone.

npm run greetings

Plays every labelled greeting (src/simulator/greetings) to the classifier word by word, as speech-to-text would, and prints
what each kind was taken for, in two halves: the one that the rules may be fitted to, and the one that shows whether they
hold for others. “asks model”: greetings that the rules leave to the model, which is not asked here.

Exits 1 when a person is taken for a machine at any word, or when fewer than ${percent(GATE.holdoutAccuracy)} of all and ${percent(GATE.holdoutPersonRecall)} of
the people of the second half are recognised.`

function main(): number {
  const { values } = parseArgs({
    options: { help: { type: 'boolean', short: 'h', default: false } },
  })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const tuning = scoresOf(tuningGreetings)
  const holdout = scoresOf(holdoutGreetings)
  console.log(`${reportOf('Tuning half', tuning)}\n\n${reportOf('Holdout half', holdout)}\n`)
  const problems = shortcomings(tuning, holdout)
  for (const problem of problems) console.log(styleText('red', `- ${problem}`))
  if (problems.length === 0) console.log(styleText('green', 'Good enough.'))
  return problems.length === 0 ? 0 : 1
}

try {
  process.exitCode = main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  console.error('Try: npm run greetings -- --help')
  process.exitCode = 1
}
