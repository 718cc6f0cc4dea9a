/** How a talk with somebody else came to its end: by itself, or because we have ended the call. */
export type TalkEnd = 'over' | 'cut_off'

/** What a call has given up its line for, until it has one again: keys that the carrier presses, or a talk with somebody else. */
export class Absence {
  #cause: 'keys' | 'transfer' | undefined
  #talk: PromiseWithResolvers<TalkEnd> | undefined

  /** Undefined: for nothing; there is a line, or should be. */
  get cause(): 'keys' | 'transfer' | undefined {
    return this.#cause
  }

  get isTransfer(): boolean {
    return this.#cause === 'transfer'
  }

  /** How the talk comes to its end; from the hand-over on, unless the person was handed back. */
  get talk(): Promise<TalkEnd> | undefined {
    return this.#talk?.promise
  }

  /** The person is being handed over to somebody else. */
  handOver(): void {
    this.#cause = 'transfer'
    this.#talk = Promise.withResolvers()
  }

  /** The person is ours again. */
  handedBack(): void {
    this.#talk = undefined
  }

  endTalk(how: TalkEnd): void {
    this.#talk?.resolve(how)
  }

  /** Gives up the line by what is asked of the carrier. @throws what `ask` throws; then the line is still there */
  async leave(cause: 'keys' | 'transfer', ask: () => Promise<void>): Promise<void> {
    this.#cause = cause
    try {
      await ask()
    } catch (error) {
      this.#cause = undefined
      throw error
    }
  }

  /** There is a line again, or whoever has the person has said what became of them. */
  over(): void {
    this.#cause = undefined
  }
}
