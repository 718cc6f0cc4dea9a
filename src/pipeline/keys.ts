import type { Cancel, Clock } from '../clock.ts'
import { pressed } from './transcript.ts'

/** People press the keys of a number less than a second apart; after this long they are done. */
const PAUSE_MS = 1500
/** Ends an entry at once, as people know it from voice menus. */
const TERMINATOR = '#'
/** More keys than any number or code has. */
const MOST_KEYS = 32

/** Gathers the keys that the person presses into entries: until `#`, or until they pause. */
export class Keys {
  readonly #clock: Clock
  readonly #onEntry: (keys: string) => void
  #entry = ''
  #cancel: Cancel | undefined

  constructor(clock: Clock, onEntry: (keys: string) => void) {
    this.#clock = clock
    this.#onEntry = onEntry
  }

  press(key: string): void {
    this.#cancel?.()
    this.#entry += key
    if (key === TERMINATOR || this.#entry.length >= MOST_KEYS) this.#end()
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

  #end(): void {
    const entry = this.#entry
    this.#entry = ''
    this.#onEntry(entry)
  }
}
