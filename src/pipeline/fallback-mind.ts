import type { Clock } from '../clock.ts'
import { type Provider, ProviderError, type ProviderErrorCode } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Circuit } from './circuit.ts'
import type { ConversationEngine, ReplyPart } from './ports.ts'
import type { CallBrief } from './prompt.ts'
import type { ToolDefinition } from './tools.ts'
import type { Turn } from './transcript.ts'

/** A model that may be asked. */
export type Mind = {
  /** As it is called in the log. */
  readonly name: string
  readonly vendor: Provider
  readonly engine: ConversationEngine
  readonly circuit: Circuit
}

/** Whoever has failed is asked last for so long: what has broken it is seldom over with the next turn. */
const AVOIDED_MS = 10_000
/** An answer that begins later than this is counted against the vendor: the person has heard the silence. */
const SLOW_MS = 1500

/** What a key or an account is refused for, it is refused for with every model of the vendor. */
const OF_VENDOR: ReadonlySet<ProviderErrorCode> = new Set(['auth', 'quota'])

/**
 * Several models as one mind: the first that is well is asked, and the next one when it fails before it has said anything.
 * A reply that breaks off later is the reply's to go on with (`unbroken.ts`); the next model is then asked first.
 */
export class FallbackMind implements ConversationEngine {
  readonly #parts: FallbackMindParts
  readonly #failedAt = new Map<Mind, number>()

  constructor(parts: FallbackMindParts) {
    this.#parts = parts
  }

  async setup(
    brief: CallBrief,
    options: { signal: AbortSignal; tools?: readonly ToolDefinition[] },
  ): Promise<void> {
    await Promise.all(this.#parts.minds.map(({ engine }) => engine.setup(brief, options)))
  }

  getOpening(options: { signal: AbortSignal }): AsyncIterable<ReplyPart> {
    return this.#ask((engine) => engine.getOpening(options), options)
  }

  streamResponse(
    turns: readonly Turn[],
    options: { signal: AbortSignal },
  ): AsyncIterable<ReplyPart> {
    return this.#ask((engine) => engine.streamResponse(turns, options), options)
  }

  async getResponse(turns: readonly Turn[], options: { signal: AbortSignal }): Promise<string> {
    let text = ''
    for await (const part of this.streamResponse(turns, options)) {
      if (part.type === 'text') text += part.text
    }
    options.signal.throwIfAborted()
    return text.trim()
  }

  async *#ask(
    ask: (engine: ConversationEngine) => AsyncIterable<ReplyPart>,
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<ReplyPart> {
    let left = this.#inOrder()
    for (let mind = left.shift(); mind; mind = left.shift()) {
      let began = false
      const askedMs = this.#parts.clock.now()
      try {
        for await (const part of ask(mind.engine)) {
          if (!began) this.#noteBegin(mind, askedMs)
          began = true
          yield part
        }
        return
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof ProviderError) || error.code === 'empty') throw error
        this.#noteFailure(mind, error)
        if (OF_VENDOR.has(error.code)) left = left.filter(({ vendor }) => vendor !== error.provider)
        if (began || left.length === 0) throw error
      }
    }
  }

  #inOrder(): Mind[] {
    const now = this.#parts.clock.now()
    const doubt = (mind: Mind) =>
      (mind.circuit.isOpen ? 2 : 0) +
      (now - (this.#failedAt.get(mind) ?? -Infinity) < AVOIDED_MS ? 1 : 0)
    return this.#parts.minds.toSorted((a, b) => doubt(a) - doubt(b))
  }

  #noteBegin({ circuit, vendor, name }: Mind, askedMs: number): void {
    const waitedMs = this.#parts.clock.now() - askedMs
    if (waitedMs <= (this.#parts.slowMs ?? SLOW_MS)) circuit.succeeded()
    else {
      const slow = new ProviderError(`${name} was slow`, { provider: vendor, code: 'timeout' })
      circuit.failed(slow)
    }
  }

  #noteFailure(mind: Mind, error: ProviderError): void {
    mind.circuit.failed(error)
    this.#failedAt.set(mind, this.#parts.clock.now())
    const { code, vendorCode } = error
    this.#parts.log.warn({ mind: mind.name, code, vendorCode }, 'model failed')
  }
}

export type FallbackMindParts = {
  /** In the order in which they are asked when all are well; at least one. */
  readonly minds: readonly Mind[]
  /** Default: 1,500 ms. */
  readonly slowMs?: number
  readonly clock: Clock
  readonly log: Logger
}
