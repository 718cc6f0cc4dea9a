import type { Turn } from './transcript.ts'

/**
 * The words of one reply so far. The transcript gets them only when they were heard, but a model that is asked again must
 * see what it has said before it called a tool.
 */
export class SaidSoFar {
  readonly #said: () => string
  /** One for each message of the model: how many turns there were before it, and how much had been said. */
  readonly #messages: { readonly turns: number; readonly chars: number }[] = []

  constructor(said: () => string) {
    this.#said = said
  }

  /** The model is about to be asked, with this many turns on record. */
  beginMessage(turns: number): void {
    this.#messages.push({ turns, chars: this.#said().length })
  }

  /** What was said of the message that the model was asked for last. */
  get ofMessage(): string {
    return this.#said().slice(this.#messages.at(-1)?.chars ?? 0)
  }

  /** The turns with these words among them, those of each message before the tool calls that it made. */
  among(turns: readonly Turn[]): readonly Turn[] {
    const said = this.#said()
    const view: Turn[] = []
    let taken = 0
    this.#messages.forEach((message, index) => {
      const text = said.slice(message.chars, this.#messages[index + 1]?.chars).trim()
      if (text === '') return
      view.push(...turns.slice(taken, message.turns))
      taken = message.turns
      const ms = turns[message.turns - 1]?.endMs ?? 0
      view.push({ role: 'agent', text, interrupted: false, startMs: ms, endMs: ms })
    })
    return [...view, ...turns.slice(taken)]
  }
}
