import { systemClock } from '../../src/clock.ts'
import type { HttpTool, HttpToolAnswer } from '../../src/pipeline/http-tool.ts'
import type { ReplyPart } from '../../src/pipeline/ports.ts'
import { ToolBox } from '../../src/pipeline/tool-box.ts'
import { type ToolHandler, ToolRuns } from '../../src/pipeline/tool-runs.ts'
import { STILL_RUNNING, type ToolCall, toolsFor } from '../../src/pipeline/tools.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'
import { quiet } from './fake-ports.ts'

/** A tool of the user's own that takes anything. */
export function httpTool(name: string): HttpTool {
  return {
    name,
    description: name,
    inputSchema: { type: 'object' },
    url: 'https://tools.test/',
    method: 'POST',
    headers: {},
    secretHeaders: {},
    timeoutMs: 10_000,
  }
}

let calls = 0
export function toolCall(name: string, input: unknown = {}) {
  return { type: 'tool_call', id: `toolu_${++calls}`, name, input } as const
}

/** A whole message of the model. */
export function message(...parts: (string | ReplyPart)[]): ReplyPart[] {
  const given = parts.map((part) => (typeof part === 'string' ? textPart(part) : part))
  const isCall = given.some(({ type }) => type === 'tool_call')
  return [...given, { type: 'done', reason: isCall ? 'tool_call' : 'end' }]
}

function textPart(text: string): ReplyPart {
  return { type: 'text', text }
}

/** What a tool was asked; the test answers when it likes. */
export type PendingRun = {
  readonly name: string
  readonly input: unknown
  answer(text: string): void
  readonly signal: AbortSignal
}

/** The tools of a call whose endpoints answer when the test says so. */
export function toolCalls({ handlers = {} }: { handlers?: Record<string, ToolHandler> } = {}) {
  const tools = [httpTool('look_up'), httpTool('book')]
  const over = new AbortController()
  const turns: Turn[] = []
  const runs: PendingRun[] = []
  const late: string[] = []
  const tasks: Promise<void>[] = []
  const toolRuns = new ToolRuns({
    box: new ToolBox({
      definitions: toolsFor({
        direction: 'outbound',
        transferTargets: [{ name: 'Ann' }],
        httpTools: tools,
      }),
      httpTools: tools,
      runner: {
        run: (tool, input, { signal }) =>
          new Promise<HttpToolAnswer>((resolve) => {
            const answer = (text: string) => {
              resolve({ ok: true, text, value: text })
            }
            runs.push({ name: tool.name, input, answer, signal })
          }),
      },
      clock: systemClock,
      log: quiet,
    }),
    handlers: { record_outcome: () => 'noted', ...handlers },
    ledger: {
      begin: (call) => {
        const at = turns.length
        turns.push(toolTurn(call, STILL_RUNNING))
        return {
          finish: (result) => {
            turns[at] = toolTurn(call, result)
          },
        }
      },
    },
    turns: () => turns,
    signal: over.signal,
    log: quiet,
    run: (task) => {
      tasks.push(task())
    },
    onLate: ({ name }) => {
      late.push(name)
    },
  })
  return { toolRuns, turns, runs, late, tasks, over }
}

function toolTurn({ id, name, input }: ToolCall, result: string): Turn {
  return { role: 'tool', id, name, input, result, startMs: 0, endMs: 0 }
}

export function resultsOf(turns: readonly Turn[]): string[] {
  return turns.flatMap((turn) => (turn.role === 'tool' ? [turn.result] : []))
}
