import { pino } from 'pino'
import { systemClock } from '../src/clock.ts'
import { MastraEngine } from '../src/mastra/engine/mastra-engine.ts'
import { MindThread } from '../src/mastra/engine/mind-thread.ts'
import type { ConversationEngine } from '../src/pipeline/ports.ts'
import type { CallBrief } from '../src/pipeline/prompt.ts'
import { toolsFor } from '../src/pipeline/tools.ts'
import type { Turn } from '../src/pipeline/transcript.ts'
import { ClaudeEngine } from '../src/providers/anthropic/claude-engine.ts'
import { createAnthropicClient } from '../src/providers/anthropic/client.ts'
import { ENGINE_BENCH_ACTION, type EngineVendorQuestions } from './engine-questions.ts'
import { spreadOf } from './percentiles.ts'
import { Worker } from './worker.ts'

/**
 * What a turn costs when a Mastra agent thinks instead of Claude asked directly: both engines, turn by turn in one run, with one
 * stand-in of Claude in a process of its own that answers at once.
 *
 * usage: node bench/engines.ts [TURNS]
 */
const TURNS = Number(process.argv[2] ?? 300)
const WARM_UP = 20
const MODEL = 'claude-haiku-5-5'

const brief: CallBrief = {
  direction: 'outbound',
  action: ENGINE_BENCH_ACTION,
  context: 'Suite 200. Open from nine to five.',
  calleeName: 'John',
  agentName: 'Alex',
  organization: 'Downtown Dental',
  language: 'en',
  opening: undefined,
}

/** A conversation of twenty turns that ends with a question. */
const turns: readonly Turn[] = Array.from({ length: 21 }, (_, n): Turn => {
  const text = `This is what was said in turn ${n} of the call, in a sentence or two.`
  const at = { startMs: n, endMs: n }
  return n % 2 === 0
    ? { role: 'caller', text, ...at }
    : { role: 'agent', text, interrupted: false, ...at }
})

type Cost = { readonly firstMs: number[]; readonly wholeMs: number[]; cpuMs: number }

async function ask(engine: ConversationEngine, cost: Cost): Promise<void> {
  const { signal } = new AbortController()
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  let firstMs: number | undefined
  for await (const part of engine.streamResponse(turns, { signal })) {
    if (part.type === 'text') firstMs ??= performance.now() - startMs
  }
  cost.firstMs.push(firstMs ?? Number.NaN)
  cost.wholeMs.push(performance.now() - startMs)
  const { user, system } = process.cpuUsage(cpu)
  cost.cpuMs += (user + system) / 1000
}

const newCost = (): Cost => ({ firstMs: [], wholeMs: [], cpuMs: 0 })

const STDERR = 2
await using vendor = await Worker.start<EngineVendorQuestions>(
  new URL('./engine-vendor.ts', import.meta.url),
  { environment: {}, log: STDERR },
)
const { url: baseUrl, apiKey } = await vendor.ask('address', undefined)
const connection = createAnthropicClient({ apiKey, baseUrl })
const thread = new MindThread({
  settings: { apiKey, baseUrl },
  clock: systemClock,
  log: pino({ level: 'silent' }),
})
const beforeLoadMs = performance.now()
await thread.ready
const loadMs = performance.now() - beforeLoadMs
const shared = {
  model: MODEL,
  maxTokens: 300,
  firstTokenTimeoutMs: 30_000,
  stallTimeoutMs: 30_000,
  clock: systemClock,
}
const engines = [
  new ClaudeEngine({ ...shared, client: connection.client, log: pino({ level: 'silent' }) }),
  new MastraEngine({ ...shared, thread }),
]
const tools = toolsFor({ direction: 'outbound' })
for (const engine of engines) {
  await engine.setup(brief, { signal: new AbortController().signal, tools })
}
let costs = engines.map(newCost)
for (let turn = -WARM_UP; turn < TURNS; turn++) {
  if (turn === 0) costs = engines.map(newCost)
  // One after the other, so that whatever disturbs one disturbs both.
  for (const [n, engine] of engines.entries()) await ask(engine, costs[n] ?? newCost())
}
const violations = await vendor.ask('violations', undefined)
if (violations.length > 0) throw new Error(violations.join('\n'))
await thread.close()
await connection.close()

const [direct = newCost(), mastra = newCost()] = costs
const rows: readonly [string, (cost: Cost) => number][] = [
  ['to the first words, half of the turns (ms)', ({ firstMs }) => spreadOf(firstMs).p50],
  ['to the first words, 95 of 100 (ms)', ({ firstMs }) => spreadOf(firstMs).p95],
  ['to the end, half of the turns (ms)', ({ wholeMs }) => spreadOf(wholeMs).p50],
  ['processor time a turn, all threads (ms)', ({ cpuMs }) => cpuMs / TURNS],
]
console.log(`${TURNS} turns of each engine; the thread was up after ${Math.round(loadMs)} ms\n`)
for (const [what, of] of rows) {
  const [a, b] = [of(direct), of(mastra)]
  const ratio = `${(b / a).toFixed(1)} times`
  console.log(
    `${what.padEnd(44)} direct ${a.toFixed(1).padStart(6)}   mastra ${b.toFixed(1).padStart(6)}   ${ratio}`,
  )
}
