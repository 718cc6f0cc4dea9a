import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { MastraEngine, type MastraEngineOptions } from './mastra/engine/mastra-engine.ts'
import type { MindThread } from './mastra/engine/mind-thread.ts'
import { meteredMind } from './metrics/metered-ports.ts'
import { type Meters, noMeters } from './metrics/meters.ts'
import { closedCircuit } from './pipeline/circuit.ts'
import { FallbackMind, type Mind } from './pipeline/fallback-mind.ts'
import type { ConversationEngine } from './pipeline/ports.ts'
import { ClaudeEngine } from './providers/anthropic/claude-engine.ts'
import type { AnthropicConnection } from './providers/anthropic/client.ts'
import type { ReplyUsage } from './providers/anthropic/reply-assembler.ts'
import type { Circuits } from './calls/circuits/circuits.ts'

export type MindSurroundings = {
  readonly anthropic: AnthropicConnection
  readonly circuits?: Circuits
  /** Where Mastra's agent thinks, if it is to. */
  readonly mindThread?: MindThread | undefined
  /** Whose memory Mastra's agent may read during the call. */
  readonly person?: MastraEngineOptions['person'] | undefined
  readonly meters?: Meters
  readonly clock: Clock
  readonly log: Logger
}

/**
 * The models of a call: the one that it talks with, and the one that stands in for it. Mastra's agent is the first of them only:
 * when its thread has ended, the other one is still there.
 */
export function composeMind(config: Config, surroundings: MindSurroundings): ConversationEngine {
  const { circuits, meters = noMeters, clock, log } = surroundings
  const mind = (model: string, { isFirst }: { isFirst: boolean }): Mind => ({
    name: model,
    vendor: 'anthropic',
    engine: meteredMind(engine(config, model, { ...surroundings, isFirst }), meters),
    circuit: circuits?.of(isFirst ? 'anthropic' : 'anthropic-fallback') ?? closedCircuit,
  })
  return new FallbackMind({
    minds: [
      mind(config.ANTHROPIC_MODEL, { isFirst: true }),
      // The same model again is a second chance of its own: another connection, another machine.
      mind(config.ANTHROPIC_FALLBACK_MODEL, { isFirst: false }),
    ],
    slowMs: config.BROWN_OUT_MS,
    clock,
    log,
  })
}

function engine(
  config: Config,
  model: string,
  parts: MindSurroundings & { isFirst: boolean },
): ConversationEngine {
  const { anthropic, mindThread, person, isFirst, meters = noMeters, clock, log } = parts
  const shared = {
    model,
    maxTokens: config.ANTHROPIC_MAX_TOKENS,
    firstTokenTimeoutMs: config.ANTHROPIC_FIRST_TOKEN_TIMEOUT_MS,
    stallTimeoutMs: config.ANTHROPIC_STALL_TIMEOUT_MS,
    onUsage: ({ inputTokens, cachedTokens, cacheWriteTokens = 0, outputTokens }: ReplyUsage) => {
      meters.tokens('input', inputTokens)
      meters.tokens('cached', cachedTokens)
      meters.tokens('cache_write', cacheWriteTokens)
      meters.tokens('output', outputTokens)
    },
    clock,
  }
  if (isFirst && mindThread) return new MastraEngine({ ...shared, thread: mindThread, person })
  return new ClaudeEngine({
    ...shared,
    client: anthropic.client,
    warmsUp: isFirst,
    onRetry: () => {
      meters.vendorReconnected('anthropic')
    },
    log,
  })
}
