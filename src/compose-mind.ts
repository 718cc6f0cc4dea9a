import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { meteredMind } from './metrics/metered-ports.ts'
import { type Meters, noMeters } from './metrics/meters.ts'
import { closedCircuit } from './pipeline/circuit.ts'
import { FallbackMind, type Mind } from './pipeline/fallback-mind.ts'
import type { ConversationEngine } from './pipeline/ports.ts'
import { ClaudeEngine } from './providers/anthropic/claude-engine.ts'
import type { AnthropicConnection } from './providers/anthropic/client.ts'
import type { Circuits } from './calls/circuits/circuits.ts'

export type MindSurroundings = {
  readonly anthropic: AnthropicConnection
  readonly circuits?: Circuits
  readonly meters?: Meters
  readonly clock: Clock
  readonly log: Logger
}

/** The models of a call: the one that it talks with, and the one that stands in for it. */
export function composeMind(config: Config, surroundings: MindSurroundings): ConversationEngine {
  const { circuits, meters = noMeters, clock, log } = surroundings
  const mind = (model: string, { isFirst }: { isFirst: boolean }): Mind => ({
    name: model,
    vendor: 'anthropic',
    engine: meteredMind(claude(config, model, { ...surroundings, isFirst }), meters),
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

function claude(
  config: Config,
  model: string,
  parts: MindSurroundings & { isFirst: boolean },
): ClaudeEngine {
  const { anthropic, isFirst, meters = noMeters, clock, log } = parts
  return new ClaudeEngine({
    client: anthropic.client,
    model,
    maxTokens: config.ANTHROPIC_MAX_TOKENS,
    warmsUp: isFirst,
    firstTokenTimeoutMs: config.ANTHROPIC_FIRST_TOKEN_TIMEOUT_MS,
    stallTimeoutMs: config.ANTHROPIC_STALL_TIMEOUT_MS,
    onUsage: ({ inputTokens, cachedTokens, cacheWriteTokens = 0, outputTokens }) => {
      meters.tokens('input', inputTokens)
      meters.tokens('cached', cachedTokens)
      meters.tokens('cache_write', cacheWriteTokens)
      meters.tokens('output', outputTokens)
    },
    onRetry: () => {
      meters.vendorReconnected('anthropic')
    },
    clock,
    log,
  })
}
