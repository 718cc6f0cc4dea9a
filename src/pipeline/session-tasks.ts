/** What goes on in the background of a call, kept in sight until it has ended. */
export class SessionTasks {
  readonly #running = new Set<Promise<void>>()
  readonly #failed: (error: unknown) => void

  /** `failed`: told of what a task has thrown. Tasks handle their own errors; one that does not has a bug. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  run(task: () => Promise<void>): void {
    const running = task().catch(this.#failed)
    this.#running.add(running)
    void running.finally(() => this.#running.delete(running))
  }

  /** Resolves when nothing is left, not even of what was begun meanwhile. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }
}
