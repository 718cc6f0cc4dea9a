/** Keys that came from the other end of the line, until they are taken. */
export class KeysHeard {
  #keys = ''

  add(digit: string): void {
    this.#keys += digit
  }

  get waiting(): boolean {
    return this.#keys !== ''
  }

  takeOne(): string {
    return this.#takeTo(1)
  }

  /**
   * Takes so many keys, or those up to the end of the first place that fits the pattern; false, and takes none, as long
   * as they have not come.
   */
  take(wanted: number | string): boolean {
    const end =
      typeof wanted === 'number' ? wanted : endOfMatch(new RegExp(wanted).exec(this.#keys))
    if (end === undefined || this.#keys.length < end) return false
    this.#takeTo(end)
    return true
  }

  #takeTo(end: number): string {
    const taken = this.#keys.slice(0, end)
    this.#keys = this.#keys.slice(end)
    return taken
  }
}

function endOfMatch(match: RegExpExecArray | null): number | undefined {
  return match ? match.index + match[0].length : undefined
}
