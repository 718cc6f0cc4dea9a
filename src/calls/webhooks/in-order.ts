/** Runs tasks of one key after another, and those of different keys side by side. */
export class InOrder {
  readonly #last = new Map<string, Promise<void>>()

  get size(): number {
    return this.#last.size
  }

  /** @returns what the task returns; one that fails does not stop those after it */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const result = before.then(task)
    const done = result.then(ignore, ignore).then(() => {
      if (this.#last.get(key) === done) this.#last.delete(key)
    })
    this.#last.set(key, done)
    return result
  }

  /** Resolves when no task is left. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values())
  }
}

/** Whoever asked for the task is told. */
function ignore(): void {
  return undefined
}
