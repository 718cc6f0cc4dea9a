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
      /** Words that only filled a wait, and answer nothing. */
      readonly filler?: true
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

  /** Turns without a word are not kept. `place`: of a turn that began before others which are written down already. */
  add(turn: Turn, place = this.#turns.length): void {
    if (turn.role !== 'tool' && turn.text.trim() === '') return
    this.#turns.splice(place, 0, turn)
    this.#onTurn(turn)
  }

  /** What an earlier process has put on record; nobody is told of it again. */
  restore(turns: readonly Turn[]): void {
    this.#turns.push(...turns)
  }

  /** The tool calls on record that have no result yet. */
  get running(): readonly ToolTurn[] {
    return this.#turns
      .filter((turn) => turn.role === 'tool')
      .filter(({ result }) => result === STILL_RUNNING)
  }

  /** A tool call that stands on record already. */
  reopen(turn: ToolTurn): ToolEntry {
    return this.#entryOf(turn)
  }

  /** Where a tool call stands among the turns. */
  placeOf(entry: ToolEntry): number {
    return this.#turns.findIndex((turn) => this.#entries.get(turn) === entry)
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
    const entry = this.#entryOf(begun)
    this.#turns.push(begun)
    this.#onTurn(begun)
    return entry
  }

  #entryOf(begun: ToolTurn): ToolEntry {
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
    return entry
  }
}
