import { pino } from 'pino'
import type { ReplyPart } from '../../src/pipeline/ports.ts'
import type { CallBrief } from '../../src/pipeline/prompt.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'
import {
  ClaudeEngine,
  type ClaudeEngineOptions,
} from '../../src/providers/anthropic/claude-engine.ts'
import { createAnthropicClient } from '../../src/providers/anthropic/client.ts'
import { type ClaudeOptions, startClaude } from '../../src/simulator/claude.ts'
import { Violations } from '../../src/simulator/violations.ts'
import { steadyClock } from '../../src/simulator/steady-clock.ts'

export const KEY = 'sk-ant-simulated'
export const silentLog = pino({ level: 'silent' })

export const dentist: CallBrief = {
  direction: 'outbound',
  action: 'Confirm your dentist appointment Thursday at 2pm',
  context: 'Dr. Smith, Suite 200. Rescheduling available Mon-Fri.',
  calleeName: 'John',
  agentName: 'Alex',
  organization: 'Downtown Dental',
  language: 'en',
  opening: undefined,
}

/**
 * Claude's stand-in and a client that talks to it; time passes ten times as fast. Violations fail the test, unless it brings
 * its own list for them.
 */
export async function simulateClaude(options: Partial<ClaudeOptions> = {}) {
  const clock = steadyClock(10)
  const violations = options.violations ?? new Violations()
  const claude = await startClaude({ clock, apiKey: KEY, scripts: [], ...options, violations })
  const connection = createAnthropicClient({ apiKey: KEY, baseUrl: claude.url })
  return {
    clock,
    violations,
    claude,
    client: connection.client,
    async [Symbol.asyncDispose]() {
      await connection.close()
      await claude.close()
      if (!options.violations && violations.list.length > 0) {
        throw new Error(`the vendor was treated badly: ${JSON.stringify(violations.list)}`)
      }
    },
  }
}

export type Simulation = Awaited<ReturnType<typeof simulateClaude>>

/** An engine that knows what its call is for. */
export async function engineFor(
  { client, clock }: Simulation,
  { brief = dentist, ...options }: Partial<ClaudeEngineOptions> & { brief?: CallBrief } = {},
): Promise<ClaudeEngine> {
  const engine = new ClaudeEngine({
    client,
    clock,
    log: silentLog,
    model: 'claude-haiku-5-5',
    maxTokens: 300,
    // Generous: these tests share their machine.
    firstTokenTimeoutMs: 30_000,
    stallTimeoutMs: 30_000,
    ...options,
  })
  await engine.setup(brief, { signal: new AbortController().signal })
  return engine
}

export function callerSays(text: string): Turn {
  return { role: 'caller', text, startMs: 0, endMs: 0 }
}

export function agentSaid(text: string, interrupted = false): Turn {
  return { role: 'agent', text, interrupted, startMs: 0, endMs: 0 }
}

export async function collect(parts: AsyncIterable<ReplyPart>): Promise<ReplyPart[]> {
  return Array.fromAsync(parts)
}

export function textOf(parts: readonly ReplyPart[]): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('')
}
