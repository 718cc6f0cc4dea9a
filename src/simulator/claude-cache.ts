import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { ClaudeRequest } from './claude-request.ts'

export type PromptTokens = {
  /** Read from the cache. */
  readonly read: number
  /** Written to the cache. */
  readonly written: number
  /** Neither. */
  readonly fresh: number
}

/** A shorter prefix is not cached, and nobody is told. */
const MIN_TOKENS = 512
const LIFETIME_MS = 300_000
const MAX_PREFIXES = 10_000
/** A rough figure for English; the real tokenizer is not public. */
const CHARS_PER_TOKEN = 4

/** Which prefixes of prompts the vendor remembers, as far as its counters in `usage` tell. */
export class PromptCache {
  readonly #clock: Clock
  readonly #expiry = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts a request's tokens, and remembers the prefixes that it marks. */
  account(request: ClaudeRequest): PromptTokens {
    const prefixes = prefixesOf(request)
    const now = this.#clock.now()
    let read = 0
    let marked = 0
    for (const { hash, tokens, mark } of prefixes) {
      if ((this.#expiry.get(hash) ?? -Infinity) > now) read = tokens
      if (mark && tokens >= MIN_TOKENS) {
        marked = tokens
        this.#remember(hash, now + LIFETIME_MS)
      }
    }
    const total = prefixes.at(-1)?.tokens ?? 0
    const written = Math.max(0, marked - read)
    return { read, written, fresh: total - read - written }
  }

  #remember(hash: string, expiry: number): void {
    this.#expiry.delete(hash)
    this.#expiry.set(hash, expiry)
    const [oldest] = this.#expiry.keys()
    if (this.#expiry.size > MAX_PREFIXES && oldest !== undefined) this.#expiry.delete(oldest)
  }
}

type Prefix = { readonly hash: string; readonly tokens: number; readonly mark: boolean }

/** The ends of all parts of a prompt, in the order in which the cache sees them: tools, system, messages. */
function prefixesOf({ model, tools, system, messages, cache_control }: ClaudeRequest): Prefix[] {
  const systemBlocks = typeof system === 'string' ? [{ text: system }] : (system ?? [])
  const parts = [
    { text: JSON.stringify(tools ?? []), mark: false },
    ...systemBlocks.map((block) => ({
      text: block.text,
      mark: 'cache_control' in block && isMark(block.cache_control),
    })),
    ...messages.map((message, index) => ({
      text: JSON.stringify(message),
      mark: isMark(cache_control) && index === messages.length - 1,
    })),
  ]
  const running = createHash('sha1').update(model)
  let chars = 0
  return parts.map(({ text, mark }) => {
    chars += text.length
    const hash = running.update(`\n${text.length}:${text}`).copy().digest('base64')
    return { hash, tokens: Math.ceil(chars / CHARS_PER_TOKEN), mark }
  })
}

function isMark(value: unknown): boolean {
  return value !== undefined && value !== null
}
