import { ProviderError, type ProviderErrorCode } from '../errors.ts'
import type { ReplyPart } from './ports.ts'
import { withoutRepetition } from './repetition.ts'
import type { Turn } from './transcript.ts'

/** `broken`: the model has broken off, and goes on anew: what is not with the voice yet is never said. */
export type SpokenPart = ReplyPart | { readonly type: 'broken' }

/** Tells the model that its last line is not whole; the prompt explains it. */
export const GO_ON = '(Your line broke off there. Go on.)'

/** A model that breaks off more often than this in one message is left. */
const MOST_BREAKS = 2

/** What a reply may break off with and be gone on with; after others there is no point in it. */
const PASSING: ReadonlySet<ProviderErrorCode> = new Set([
  'disconnected',
  'timeout',
  'unavailable',
  'rate_limited',
  'protocol',
])

/**
 * One message of the model, though its stream may break. What was said of it stays said: the model is shown it, and goes on
 * behind it. When nothing was, it is asked anew. A message that never began is no matter of this: that is the engine's.
 */
export async function* unbroken(options: {
  /** Asks the model; ends quietly when `signal` is aborted. */
  readonly ask: (
    turns: readonly Turn[],
    options: { signal: AbortSignal },
  ) => AsyncIterable<ReplyPart>
  /** What the model is shown now, what was said of this message included. */
  readonly turns: () => readonly Turn[]
  /** What was said of this message so far, the words with the voice included. */
  readonly said: () => string
  readonly signal: AbortSignal
}): AsyncGenerator<SpokenPart> {
  const { ask, turns, said, signal } = options
  let parts = ask(turns(), { signal })
  for (let breaks = 0; ; breaks++) {
    let began = breaks > 0
    try {
      for await (const part of parts) {
        began = true
        yield part
      }
      return
    } catch (error) {
      const goesOn = began && breaks < MOST_BREAKS && isPassing(error) && !signal.aborted
      if (!goesOn) throw error
    }
    yield { type: 'broken' }
    const before = said()
    const isBegun = before.trim() !== ''
    const more = ask(isBegun ? [...turns(), goOn()] : turns(), { signal })
    parts = isBegun ? withoutRepetition(more, before) : more
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof ProviderError && PASSING.has(error.code)
}

function goOn(): Turn {
  return { role: 'caller', text: GO_ON, startMs: 0, endMs: 0 }
}
