import type { Cancel, Clock } from '../clock.ts'
import { pressed } from './transcript.ts'

/** People press the keys of a number less than a second apart; after this long they are done. */
const PAUSE_MS = 1500
/** Ends an entry at once, as people know it from voice menus. */
const TERMINATOR = '#'
/** More keys than any number or code has. */
const MOST_KEYS = 32
/** So many entries in so long are more than anybody means: what follows is one entry, until there is a pause. */
const MOST_ENTRIES = 3
const ENTRIES_MS = 3000

/** Gathers the keys that the person presses into entries: until `#`, or until they pause. */
export class Keys {
  readonly #clock: Clock
  readonly #onEntry: (keys: string) => void
  #entry = ''
  /** When the last entries ended. */
  #endedAt: number[] = []
  #cancel: Cancel | undefined

  constructor(clock: Clock, onEntry: (keys: string) => void) {
    this.#clock = clock
    this.#onEntry = onEntry
  }

  press(key: string): void {
    this.#cancel?.()
    if (this.#entry.length < MOST_KEYS) this.#entry += key
    const isComplete = key === TERMINATOR || this.#entry.length >= MOST_KEYS
    if (isComplete && !this.#isFlood) this.#end()
    else {
      this.#cancel = this.#clock.after(PAUSE_MS, () => {
        this.#end()
      })
    }
  }

  /** The keys of an entry that the end of the call cuts short, as a turn of the caller; empty when there are none. */
  cutShort(): string {
    this.#cancel?.()
    const entry = this.#entry
    this.#entry = ''
    return entry === '' ? '' : pressed(entry)
  }

  stop(): void {
    this.#cancel?.()
  }

  /** Each entry is a turn that is answered, and that costs. */
  get #isFlood(): boolean {
    const since = this.#clock.now() - ENTRIES_MS
    this.#endedAt = this.#endedAt.filter((at) => at > since)
    return this.#endedAt.length >= MOST_ENTRIES
  }

  #end(): void {
    this.#endedAt.push(this.#clock.now())
    const entry = this.#entry
    this.#entry = ''
    this.#onEntry(entry)
  }
}
