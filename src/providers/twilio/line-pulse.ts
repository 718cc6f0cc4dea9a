import { MULAW_BYTES_PER_MS } from '../../audio/samples.ts'
import type { Cancel, Clock } from '../../clock.ts'

/** How often it is looked whether the line is alive. */
const LOOK_EVERY_MS = 250
/** Fifty frames a second come, except from telephones that send none in silence: after this, the other end is asked. */
const QUIET_MS = 2500
/** Whoever does not answer within this is not there. */
const ANSWER_MS = 2500
/**
 * Marks come back when the audio before them has been played. One that is this late means that nothing is being played: the
 * kernels on the way take megabytes, minutes of audio, before a socket seems to be full (docs/performance.md).
 */
const OVERDUE_MS = 4500
/** What is queued for a socket that does not take a byte of it for so long is never taken. */
const BLOCKED_MS = 5000

type Pending = { readonly mark: string; dueAt: number }

export type LinePulseParts = {
  readonly clock: Clock
  /** Asks the other end for any answer. */
  readonly ask: () => void
  /** Bytes that wait for the network. */
  readonly waitingBytes: () => number
  /** Looked at regularly: what could not be sent may be sent now. */
  readonly look: () => void
  readonly stuck: (reason: string) => void
}

/**
 * Whether a line works, both ways: somebody answers, and what is sent is played. A socket that is open says neither.
 */
export class LinePulse {
  readonly #parts: LinePulseParts
  #stop: Cancel | undefined
  #heardAt: number
  #askedAt: number | undefined
  /** Clock time at which all audio sent so far will have been played. */
  #playedAt: number
  #pending: Pending[] = []
  #waitingBytes = 0
  #movedAt: number
  #lookedAt: number

  constructor(parts: LinePulseParts) {
    const { clock } = parts
    this.#parts = parts
    this.#heardAt = this.#playedAt = this.#movedAt = this.#lookedAt = clock.now()
  }

  /** The line is in use from now on. */
  begin(): void {
    this.#lookedAt = this.#parts.clock.now()
    this.#stop ??= this.#parts.clock.every(LOOK_EVERY_MS, () => {
      this.#look()
    })
  }

  /** Something came from the other end. */
  heard(): void {
    this.#heardAt = this.#parts.clock.now()
    this.#askedAt = undefined
  }

  /** So much audio is on its way. */
  sent(bytes: number): void {
    this.#playedAt = Math.max(this.#parts.clock.now(), this.#playedAt) + bytes / MULAW_BYTES_PER_MS
  }

  marked(mark: string): void {
    const dueAt = Math.max(this.#parts.clock.now(), this.#playedAt)
    this.#pending.push({ mark, dueAt })
  }

  /** The mark came back, and with it everything before it. */
  returned(mark: string): void {
    const at = this.#pending.findIndex((pending) => pending.mark === mark)
    this.#pending.splice(0, at + 1)
  }

  /** Nothing is waited to be played. */
  cleared(): void {
    this.#pending = []
    this.#playedAt = this.#parts.clock.now()
  }

  stop(): void {
    this.#stop?.()
  }

  #look(): void {
    const { clock, ask, look, stuck } = this.#parts
    look()
    const now = clock.now()
    this.#forgive(now - this.#lookedAt - LOOK_EVERY_MS)
    this.#lookedAt = now
    const reason = this.#whyStuck(now)
    if (reason !== undefined) stuck(reason)
    else if (this.#askedAt === undefined && now - this.#heardAt > QUIET_MS) {
      this.#askedAt = now
      ask()
    }
  }

  /** While this process stood still nothing could be heard of, whatever has come: that is no fault of the line. */
  #forgive(stoodStillMs: number): void {
    if (stoodStillMs <= LOOK_EVERY_MS) return
    this.#heardAt += stoodStillMs
    this.#movedAt += stoodStillMs
    if (this.#askedAt !== undefined) this.#askedAt += stoodStillMs
    for (const pending of this.#pending) pending.dueAt += stoodStillMs
  }

  #whyStuck(now: number): string | undefined {
    const [oldest] = this.#pending
    if (this.#askedAt !== undefined && now - this.#askedAt > ANSWER_MS) return 'no answer'
    if (oldest && now - oldest.dueAt > OVERDUE_MS) return 'audio is not played'
    const waitingBytes = this.#parts.waitingBytes()
    if (waitingBytes === 0 || waitingBytes < this.#waitingBytes) this.#movedAt = now
    this.#waitingBytes = waitingBytes
    return now - this.#movedAt > BLOCKED_MS ? 'audio is not taken' : undefined
  }
}
