import { systemClock } from '../clock.ts'
import type { ChaosResult } from './chaos-run.ts'

/** How often a line is printed where none can be written over. */
const EVERY_MS = 10_000

/** Says how far a long run is: one line that changes on a terminal, and one from time to time elsewhere. */
export class Progress {
  readonly #total: number
  readonly #isQuiet: boolean
  readonly #startedAt = systemClock.now()
  #saidAt = systemClock.now()
  #broken = 0

  constructor(total: number, { isQuiet }: { isQuiet: boolean }) {
    this.#total = total
    this.#isQuiet = isQuiet
  }

  show(done: number, { breaches }: ChaosResult): void {
    if (breaches.length > 0) this.#broken++
    if (this.#isQuiet) return
    const now = systemClock.now()
    const leftS = ((now - this.#startedAt) / done) * (this.#total - done) * 1e-3
    const line = `${done} of ${this.#total} calls, ${this.#broken} with a breach, about ${Math.ceil(leftS)} s to go`
    if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${line}`)
    else if (now - this.#saidAt >= EVERY_MS) {
      this.#saidAt = now
      process.stderr.write(`${line}\n`)
    }
  }

  end(): void {
    if (!this.#isQuiet && process.stderr.isTTY) process.stderr.write('\r\u001B[K')
  }
}
