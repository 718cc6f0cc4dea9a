import type { SocketErrorId } from './elevenlabs-errors.ts'

/** How the simulated ElevenLabs behaves; may be changed while it runs. */
export type ElevenLabsKnobs = {
  /** From a text to the first of its audio. */
  firstAudioMs: number
  /** How much faster than it plays the audio is sent. */
  realTimeFactor: number
  /** Frames of a context that still come after it was closed without a flush. */
  lateFrames: number
  /** From the request for a socket to the answer. */
  handshakeMs: number
  /** Every request, of a socket or by HTTP, is refused with this status while it is set. */
  refuseStatus: number | undefined
  /** Where a socket with a wrong key or an unknown voice is turned away; the real service has been seen to do both. */
  refusalAt: 'upgrade' | 'first_message'
  /** Whether audio comes with its timing. */
  alignment: 'given' | 'null'
  /** Spells the fields of all replies in snake_case. */
  snakeCase: boolean
  /** Lets chunks of PCM end inside a sample. */
  splitSamples: boolean
  /** Acknowledges every flush by a frame of its own. */
  flushDone: boolean
  /** What goes wrong, in this order: each context takes the first fault that is for it and not used up. */
  faults: readonly ElevenLabsFault[]
}

export type ElevenLabsFault = ElevenLabsFaultKind & {
  /** Only for contexts whose first text fits; default: any. */
  readonly when?: RegExp
  /** How many contexts it hits; default 1. */
  readonly times?: number
}

/** `afterBytes`: how much audio of the context comes first; default none. */
export type ElevenLabsFaultKind =
  /** An error frame instead of audio. `scoped`: it names the context and leaves the socket open. */
  | {
      readonly kind: 'error'
      readonly error: SocketErrorId
      readonly scoped?: boolean
      readonly afterBytes?: number
    }
  /** Neither audio nor error nor end: a used-up quota has been seen to look like this. */
  | { readonly kind: 'silent' }
  /** The end comes in good order, without any audio before it. */
  | { readonly kind: 'empty' }
  /** Sends nothing more for that context, and keeps the connection. */
  | { readonly kind: 'stall'; readonly afterBytes?: number }
  /** The TCP connection is cut. */
  | { readonly kind: 'cut'; readonly afterBytes?: number }
  /** The socket is closed with this code. */
  | { readonly kind: 'close'; readonly code: number; readonly afterBytes?: number }
  /** The final frame comes in good order, and too early. */
  | { readonly kind: 'end'; readonly afterBytes: number }
  /** Audio comes so much later than usual. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Something that is not JSON comes instead of audio. */
  | { readonly kind: 'garbage'; readonly afterBytes?: number }

export const ELEVENLABS_KNOBS: Readonly<ElevenLabsKnobs> = {
  firstAudioMs: 150,
  realTimeFactor: 20,
  lateFrames: 2,
  handshakeMs: 0,
  refuseStatus: undefined,
  refusalAt: 'first_message',
  alignment: 'given',
  snakeCase: false,
  splitSamples: false,
  flushDone: false,
  faults: [],
}

/** Deals faults out to contexts, counting how often each was used. */
export class ElevenLabsFaults {
  readonly #used = new Map<ElevenLabsFault, number>()

  take(faults: readonly ElevenLabsFault[], text: string): ElevenLabsFault | undefined {
    const fault = faults.find(
      (candidate) =>
        (this.#used.get(candidate) ?? 0) < (candidate.times ?? 1) &&
        (candidate.when === undefined || text.search(candidate.when) !== -1),
    )
    if (fault) this.#used.set(fault, (this.#used.get(fault) ?? 0) + 1)
    return fault
  }
}
