import { createInterface } from 'node:readline/promises'
import { createAnthropic } from '@ai-sdk/anthropic'
import { Mastra } from '@mastra/core'
import { Agent } from '@mastra/core/agent'
import { LibSQLStore } from '@mastra/libsql'
import { createCallTools, ParleyClient, systemClock } from '../../src/mastra/tools.ts'

const USAGE = `usage: node app.ts "Call Maria at +15551234567 and confirm Friday"

PARLEY_URL         where Parley is (default: http://127.0.0.1:8000)
PARLEY_API_KEY     one of its keys, if it has any
ANTHROPIC_API_KEY  for the agent of this app
ANTHROPIC_BASE_URL another place than https://api.anthropic.com`

const { env } = process
const [wish] = process.argv.slice(2)
if (wish === undefined || env['ANTHROPIC_API_KEY'] === undefined) {
  process.stderr.write(`${USAGE}\n`)
  process.exit(2)
}

const phone = new ParleyClient({
  url: env['PARLEY_URL'] ?? 'http://127.0.0.1:8000',
  key: env['PARLEY_API_KEY'],
  clock: systemClock,
})
const anthropic = createAnthropic({
  apiKey: env['ANTHROPIC_API_KEY'],
  // With /v1, unlike Anthropic's own SDK.
  baseURL: new URL('/v1', env['ANTHROPIC_BASE_URL'] ?? 'https://api.anthropic.com').href,
})
const assistant = new Agent({
  id: 'assistant',
  name: 'assistant',
  instructions: `You make phone calls for the one who talks with you, and tell them what came of each: start the call, wait for it, and
say in two sentences what was agreed. Numbers are in E.164 form; never make one up.`,
  model: anthropic('claude-haiku-5-5'),
  // Nobody is rung before the person at this terminal agrees.
  tools: createCallTools(phone, { requiresApproval: true }),
})
// An agent that waits for approval is kept here meanwhile.
new Mastra({
  agents: { assistant },
  storage: new LibSQLStore({ id: 'assistant', url: ':memory:' }),
  logger: false,
})

type Output = Awaited<ReturnType<typeof assistant.stream>>

/** Prints what the agent says, until it is done or wants to ring somebody. */
async function show(output: Output): Promise<{ toolCallId: string; args: unknown } | undefined> {
  for await (const chunk of output.fullStream) {
    if (chunk.type === 'text-delta') process.stdout.write(chunk.payload.text)
    if (chunk.type === 'tool-call-approval') return chunk.payload
    // The stream never throws: what went wrong is told in it.
    if (chunk.type === 'error') throw new Error('the model could not be asked')
  }
  return undefined
}

const terminal = createInterface({ input: process.stdin, output: process.stdout })
let output = await assistant.stream(wish)
for (let asked = await show(output); asked; asked = await show(output)) {
  const answer = await terminal.question(`\nRing them? ${JSON.stringify(asked.args)} [y/N] `)
  const { runId } = output
  const { toolCallId } = asked
  const isApproved = answer.trim().toLowerCase() === 'y'
  output = isApproved
    ? await assistant.approveToolCall({ runId, toolCallId })
    : await assistant.declineToolCall({ runId, toolCallId })
}
process.stdout.write('\n')
terminal.close()
