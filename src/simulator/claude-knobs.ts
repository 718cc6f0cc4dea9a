/** How the simulated Claude behaves; may be changed while it runs. */
export type ClaudeKnobs = {
  /** From a request to the first piece of its reply. */
  firstTokenMs: number
  /** Between two pieces of a reply; 0 sends them all at once. */
  tokenMs: number
  /** What goes wrong, in this order: each request takes the first fault that is for it and not used up. */
  faults: readonly ClaudeFault[]
}

export type ClaudeFault = ClaudeFaultKind & {
  /** Only for requests whose last user message fits; default: any. */
  readonly when?: RegExp
  /** Only for requests to this model; default: any. */
  readonly model?: string
  /** How many requests it hits; default 1. */
  readonly times?: number
  /** Also hits requests that only warm up the cache; default: they are left alone. */
  readonly warmUps?: boolean
}

/**
 * `after`: how many pieces of the reply come first. Without it, a `stall` or a `cut` comes before anything was answered,
 * the others right after the head of the stream.
 */
export type ClaudeFaultKind =
  /** Answers with an error, such as 401, 403, 429, 500 or 529. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly retryAfterS?: number
      /** `error.details.error_code`, such as `enforced_spend_limit_reached`. */
      readonly errorCode?: string
    }
  /** Sends nothing more, and keeps the connection. */
  | { readonly kind: 'stall'; readonly after?: number }
  /** An `error` event inside a stream that began with 200. */
  | { readonly kind: 'error_event'; readonly after?: number; readonly type?: string }
  /** The socket is reset. */
  | { readonly kind: 'cut'; readonly after?: number }
  /** The stream ends in good order, but without `message_stop`. */
  | { readonly kind: 'early_end'; readonly after?: number }
  /** Something that is no event comes, as from a proxy in between that shows its own page. */
  | { readonly kind: 'garbage'; readonly after?: number }
  /** A classifier steps in; what was said before it stays said. */
  | { readonly kind: 'refusal'; readonly after?: number }
  /** The reply is cut at the model's limit. */
  | { readonly kind: 'max_tokens'; readonly after?: number }
  /** A thinking block comes before the text. */
  | { readonly kind: 'thinking_first' }
  | { readonly kind: 'slow'; readonly firstTokenMs: number }
  /** Ends its turn without a word. */
  | { readonly kind: 'empty' }

export const CLAUDE_KNOBS: Readonly<ClaudeKnobs> = { firstTokenMs: 350, tokenMs: 15, faults: [] }

/** Deals faults out to requests, counting how often each was used. */
export class FaultDealer {
  readonly #used = new Map<ClaudeFault, number>()

  take(
    faults: readonly ClaudeFault[],
    request: { lastUserText: string; warmUp: boolean; model: string },
  ): ClaudeFault | undefined {
    const fault = faults.find(
      (candidate) =>
        (this.#used.get(candidate) ?? 0) < (candidate.times ?? 1) &&
        (!request.warmUp || candidate.warmUps === true) &&
        (candidate.model === undefined || candidate.model === request.model) &&
        (candidate.when === undefined || request.lastUserText.search(candidate.when) !== -1),
    )
    if (fault) this.#used.set(fault, (this.#used.get(fault) ?? 0) + 1)
    return fault
  }
}
