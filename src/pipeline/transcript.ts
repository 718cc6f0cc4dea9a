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

export class Transcript {
  readonly #turns: Turn[] = []

  get turns(): readonly Turn[] {
    return this.#turns
  }

  /** Turns without a word are not kept. */
  add(turn: Turn): void {
    if (turn.role !== 'tool' && turn.text.trim() === '') return
    this.#turns.push(turn)
  }
}
