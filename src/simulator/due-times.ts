/** Something that is to happen at a time. */
export type Due<What> = {
  readonly at: number
  readonly what: What
  readonly isCancelled: boolean
}

/** What is to happen when, in order; of two things at the same time, the one that was added first. */
export class DueTimes<What> {
  readonly #dues: (Due<What> & { isCancelled: boolean })[] = []

  get isEmpty(): boolean {
    return this.#dues.length === 0
  }

  add(at: number, what: What): Due<What> {
    const due = { at, what, isCancelled: false }
    this.#dues.splice(this.#firstAfter(at), 0, due)
    return due
  }

  /** Also one that was taken already: whoever has it can tell. */
  cancel(due: Due<What>): void {
    for (let i = this.#firstAfter(due.at) - 1; this.#dues[i]?.at === due.at; i--) {
      if (this.#dues[i] === due) this.#dues.splice(i, 1)
    }
    Object.assign(due, { isCancelled: true })
  }

  /** Takes out all that is due by then. */
  takeUntil(time: number): Due<What>[] {
    return this.#dues.splice(0, this.#firstAfter(time))
  }

  /** The index of the first one that is due after `time`. */
  #firstAfter(time: number): number {
    let low = 0
    let high = this.#dues.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const at = this.#dues[middle]?.at ?? Infinity
      if (at <= time) low = middle + 1
      else high = middle
    }
    return low
  }
}
