/**
 * What was said, as it was heard: the one memory of a call. The record, the model's messages and the webhooks are all
 * made from it, so they cannot disagree.
 */
export type Turn =
  | {
      readonly role: 'caller'
      /** What the caller said, or `(pressed 1 2 #)`. */
      readonly text: string
      /** Milliseconds since the call was answered. */
      readonly startMs: number
      readonly endMs: number
    }
  | {
      readonly role: 'agent'
      /** The words that the person heard; nothing that was generated and not played. */
      readonly text: string
      /** True when the caller cut the agent off after `text`. */
      readonly interrupted: boolean
      readonly startMs: number
      readonly endMs: number
    }
  | {
      readonly role: 'tool'
      readonly id: string
      readonly name: string
      readonly input: unknown
      readonly result: string
      readonly startMs: number
      readonly endMs: number
    }

/** Keys as a turn of the caller. */
export function pressed(keys: string): string {
  return `(pressed ${Array.from(keys).join(' ')})`
}

/** What a tool call has come to as long as nobody knows. */
export const STILL_RUNNING = 'still running'

type ToolTurn = Extract<Turn, { role: 'tool' }>

/** A tool call on record; its result follows. */
export type ToolEntry = { finish(result: string, endMs: number): void }

export class Transcript {
  readonly #turns: Turn[] = []
  readonly #entries = new WeakMap<Turn, ToolEntry>()
  readonly #onTurn: (turn: Turn) => void

  /** `onTurn` is told of every turn that is kept; of a tool call twice: when it begins, and with its result. */
  constructor(onTurn: (turn: Turn) => void = () => undefined) {
    this.#onTurn = onTurn
  }

  get turns(): readonly Turn[] {
    return this.#turns
  }

  /** Turns without a word are not kept. `before`: a tool call that came later, although it was written down first. */
  add(turn: Turn, before?: ToolEntry): void {
    this.#insert(turn, this.#placeOf(before))
  }

  /**
   * A turn that the caller could talk over and not cut off. What they said since it began follows it, for it is still to be
   * answered.
   */
  addGuarded(turn: Turn, before?: ToolEntry): void {
    let at = this.#placeOf(before)
    for (; at > 0; at--) {
      const last = this.#turns[at - 1]
      if (last?.role !== 'caller' || last.startMs < turn.startMs) break
    }
    this.#insert(turn, at)
  }

  #placeOf(before: ToolEntry | undefined): number {
    const at = this.#turns.findIndex((each) => this.#entries.get(each) === before)
    return before && at !== -1 ? at : this.#turns.length
  }

  #insert(turn: Turn, at: number): void {
    if (turn.role !== 'tool' && turn.text.trim() === '') return
    this.#turns.splice(at, 0, turn)
    this.#onTurn(turn)
  }

  /** A tool has been called. */
  begin({ id, name, input }: Pick<ToolTurn, 'id' | 'name' | 'input'>, startMs: number): ToolEntry {
    const begun: ToolTurn = {
      role: 'tool',
      id,
      name,
      input,
      result: STILL_RUNNING,
      startMs,
      endMs: startMs,
    }
    let current = begun
    const entry: ToolEntry = {
      finish: (result, endMs) => {
        const at = this.#turns.indexOf(current)
        current = { ...current, result, endMs }
        this.#entries.set(current, entry)
        this.#turns[at] = current
        this.#onTurn(current)
      },
    }
    this.#entries.set(begun, entry)
    this.#turns.push(begun)
    this.#onTurn(begun)
    return entry
  }
}
