import { systemClock } from '../src/clock.ts'
import { startClaude } from '../src/simulator/claude.ts'
import { Violations } from '../src/simulator/violations.ts'
import { ENGINE_BENCH_ACTION, type EngineVendorQuestions } from './engine-questions.ts'
import { answerParent } from './worker.ts'

/** Claude's stand-in for the bench of engines: it answers at once, so that what is measured is ours. */
const KEY = 'bench'
const violations = new Violations()
const claude = await startClaude({
  clock: systemClock,
  violations,
  apiKey: KEY,
  scripts: [
    {
      marker: ENGINE_BENCH_ACTION,
      rules: [{ when: /./, say: 'It is on the second floor. Is there anything else?' }],
    },
  ],
  knobs: { firstTokenMs: 0, tokenMs: 0 },
})

answerParent<EngineVendorQuestions>(
  {
    address: () => ({ url: claude.url, apiKey: KEY }),
    violations: () => violations.list.map(({ rule, detail }) => `${rule}: ${detail}`),
  },
  () => claude.close(),
)
