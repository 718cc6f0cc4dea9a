import type { Clock } from '../clock.ts'
import type { ClaudeRule, PersonStep, Scenario } from './scenario.ts'
import { SYMBOL_MS } from './tone-speech.ts'

export type AtomsTurn = { readonly role: 'agent' | 'user'; readonly content: string }

export type TalkParts = {
  readonly scenario: Pick<Scenario, 'person' | 'claude'>
  readonly clock: Clock
  /** Ends the call, whoever is talking. */
  readonly signal: AbortSignal
  /** Somebody begins to say this. */
  readonly begins: (turn: AtomsTurn) => void
  /** Somebody has said this. */
  readonly said: (turn: AtomsTurn) => void
}

/** How long the agent waits for a person who says nothing more. */
const PATIENCE_MS = 3000

/**
 * The conversation of a call that Atoms carries, as words without sound: the scenario's person speaks when they would, and the
 * agent answers by the scenario's rules. Nobody interrupts anybody.
 *
 * @returns who ended it
 */
export async function talk(parts: TalkParts): Promise<'agent' | 'user'> {
  const { scenario, clock, signal } = parts
  const say = async (role: AtomsTurn['role'], content: string) => {
    parts.begins({ role, content })
    await clock.sleep(Buffer.byteLength(content) * SYMBOL_MS, { signal })
    parts.said({ role, content })
  }
  const used = new Map<ClaudeRule, number>()
  const answer = async (told: string) => {
    const rule = scenario.claude.find(
      (each) => each.when.test(told) && (used.get(each) ?? 0) < (each.times ?? Infinity),
    )
    if (rule) used.set(rule, (used.get(rule) ?? 0) + 1)
    await say('agent', rule?.say ?? 'All right. Is there anything else?')
    return rule?.tool?.name === 'end_call'
  }
  if (await answer('(The call was answered.)')) return 'agent'
  for (const step of stepsOf(scenario.person.does)) {
    if ('hangUp' in step) return 'user'
    if ('pause' in step) await clock.sleep(step.pause, { signal })
    if (!('say' in step)) continue
    await say('user', step.say)
    if (await answer(step.say)) return 'agent'
  }
  await clock.sleep(PATIENCE_MS, { signal })
  return 'agent'
}

function stepsOf(steps: readonly PersonStep[]): readonly PersonStep[] {
  return steps.flatMap((step) =>
    'repeat' in step ? Array.from({ length: step.repeat }, () => stepsOf(step.do)).flat() : [step],
  )
}
