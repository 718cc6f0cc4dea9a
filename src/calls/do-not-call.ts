import { E164 } from './spec-parts.ts'

/** A number that is not to be called any more. */
export type DoNotCallEntry = {
  /** E.164 */
  readonly phoneNumber: string
  readonly addedAt: Date
  /** The call in which the person said so; absent when a user of the API entered it. */
  readonly callId?: string
}

export type DoNotCallPage = {
  readonly entries: readonly DoNotCallEntry[]
  /** Number to ask the next page with; absent on the last one. */
  readonly nextAfter?: string
}

/** The people who do not want to be called again. Nothing on the list is ever forgotten by itself. */
export interface DoNotCallList {
  has(phoneNumber: string): boolean | Promise<boolean>
  /** A number that is listed already stays as it was entered first; returns the entry that there is then. */
  add(
    phoneNumber: string,
    source: { readonly callId?: string },
  ): DoNotCallEntry | Promise<DoNotCallEntry>
  /** @returns whether it was listed */
  remove(phoneNumber: string): boolean | Promise<boolean>
  /** In an order that stays: of the numbers, or where these are sealed another one. `after`: only those after this one. */
  list(query: { limit: number; after?: string }): DoNotCallPage | Promise<DoNotCallPage>
}

/** A list that is as long-lived as the process. */
export class MemoryDoNotCallList implements DoNotCallList {
  readonly #date: () => Date
  readonly #entries = new Map<string, DoNotCallEntry>()

  constructor(clock: { date(): Date }) {
    this.#date = () => clock.date()
  }

  has(phoneNumber: string): boolean {
    return this.#entries.has(phoneNumber)
  }

  add(phoneNumber: string, { callId }: { readonly callId?: string }): DoNotCallEntry {
    const known = this.#entries.get(phoneNumber)
    if (known) return known
    const addedAt = this.#date()
    const entry = { phoneNumber, addedAt, ...(callId !== undefined && { callId }) }
    this.#entries.set(phoneNumber, entry)
    return entry
  }

  remove(phoneNumber: string): boolean {
    return this.#entries.delete(phoneNumber)
  }

  list({ limit, after = '' }: { limit: number; after?: string }): DoNotCallPage {
    const numbers = Array.from(this.#entries.keys()).sort()
    const following = numbers.filter((number) => number > after)
    const entries = following.slice(0, limit).flatMap((number) => this.#entries.get(number) ?? [])
    const last = entries.at(-1)
    return last && following.length > limit ? { entries, nextAfter: last.phoneNumber } : { entries }
  }
}

/** Whether it is a number that could be called: a caller may also be `anonymous`, or an address. */
export function isPhoneNumber(text: string): boolean {
  return E164.safeParse(text).success
}
