/**
 * Moments that the stand-ins note down while a bench runs, each with the code of the turn or of the call it belongs to.
 * What a vendor was scripted to take lies between two of its own stamps, and so is never counted as ours.
 */
export type Stamp = { readonly what: Moment; readonly code: string; readonly atMs: number }

export type Moment =
  // of a turn, in this order
  | 'turn_end_sent' // Deepgram's stand-in said that the caller's turn is over
  | 'model_asked' // Claude's stand-in got the request
  | 'phrase_written' // … and sent the piece that completes the first phrase of its reply
  | 'phrase_given' // ElevenLabs' stand-in got the first text of that reply
  | 'voice_began' // … and sent the first audio
  // of a call
  | 'words_sent' // Deepgram's stand-in reported the first words of a turn
  | 'picked_up' // Twilio's stand-in had the phone answered
  | 'media_got' // … and got audio of the agent
  | 'clear_got' // … and was told to drop what it had not played
  | 'over' // the call ended

/**
 * Milliseconds on the machine's monotonic clock. It is the same for all processes, so stamps of different processes can
 * be compared.
 */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Stamps by what they are and whom they belong to, each list in the order of time. */
export class StampBook {
  readonly #times = new Map<string, number[]>()

  constructor(stamps: readonly Stamp[]) {
    for (const { what, code, atMs } of stamps) {
      const key = `${what} ${code}`
      const times = this.#times.get(key)
      if (times) times.push(atMs)
      else this.#times.set(key, [atMs])
    }
    for (const times of this.#times.values()) times.sort((a, b) => a - b)
  }

  first(what: Moment, code: string): number | undefined {
    return this.#times.get(`${what} ${code}`)?.[0]
  }

  count(what: Moment, code: string): number {
    return this.#times.get(`${what} ${code}`)?.length ?? 0
  }

  /** The first one at `sinceMs` or later. */
  firstSince(what: Moment, code: string, sinceMs: number): number | undefined {
    return this.#times.get(`${what} ${code}`)?.find((atMs) => atMs >= sinceMs)
  }
}
