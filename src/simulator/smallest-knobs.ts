/** How the stand-in of Smallest.ai behaves; may be changed while it runs. Times named `…Ms` of audio pass with the audio it receives. */
export type SmallestKnobs = {
  /** Requests whose path fits are refused with this status, sockets before they are one. */
  refuse: { readonly path: RegExp; readonly status: number; readonly times?: number } | undefined
  /** From the request for a socket to the answer. */
  handshakeMs: number

  /** Pulse: an interim result is sent every so much audio with words in it. */
  interimMs: number
  /** Pulse: without endpointing a result becomes final after so much audio. */
  finalMs: number
  /** Pulse: every message is sent so much later. */
  hearingLatencyMs: number
  /** Pulse: under which names the text stands. */
  textFields: readonly ('transcription' | 'transcript')[]
  /** Pulse: noise or a fault keeps finals from coming by themselves. */
  losesFinals: boolean
  /** Pulse: ends the connection after so much audio … */
  dropAfterMs: number
  /** … with this close code, or by cutting it. */
  dropWith: number | 'cut'

  /** Waves: from a text to the first of its audio. */
  firstAudioMs: number
  /** Waves: how much faster than it plays the audio is sent. */
  realTimeFactor: number
  /** Waves: whether the voice tells the times of its words. */
  tellsWords: boolean
  /** Waves: what these times count from. */
  wordOrigin: 'socket' | 'request'
  /** Waves: whether frames name the request they belong to. */
  echoesRequests: boolean
  /** Waves: speeches that one account may have at once, and sockets that it may have open. */
  maxSpeeches: number
  maxSockets: number
  /** Waves: what goes wrong, in this order; each socket takes the first fault that is for it and not used up. */
  voiceFaults: readonly WavesFault[]

  /** Atoms: how long a call waits in the queue. */
  queueMs: number
  /** Atoms: calls that may go on at once. */
  maxCalls: number
  /** Atoms: the connection is cut instead of the answer to a call that was started. */
  losesStart: boolean
  /** Atoms: how long after the end of a call it is being processed. */
  processingMs: number
  /** Atoms: what becomes of webhooks. */
  webhooks: 'sent' | 'lost' | 'twice'
  /** Atoms: webhooks are sent so much later. */
  webhookDelayMs: number
}

export type WavesFault = {
  readonly kind:
    /** Neither audio nor error nor end. */
    | 'silent'
    /** The end comes in good order, without any audio before it. */
    | 'empty'
    /** An error frame instead of audio, and the socket is closed. */
    | 'error'
    /** The TCP connection is cut. */
    | 'cut'
    /** Something that is not JSON comes before the audio. */
    | 'garbage'
  /** Only for speeches whose first text fits; default: any. */
  readonly when?: RegExp
  /** How many speeches it hits; default 1. */
  readonly times?: number
  /** For `cut`: how much audio comes first; default none. */
  readonly afterBytes?: number
}

export const SMALLEST_KNOBS: Readonly<SmallestKnobs> = {
  refuse: undefined,
  handshakeMs: 0,
  interimMs: 250,
  finalMs: 3000,
  hearingLatencyMs: 0,
  textFields: ['transcription', 'transcript'],
  losesFinals: false,
  dropAfterMs: Infinity,
  dropWith: 'cut',
  firstAudioMs: 150,
  realTimeFactor: 20,
  tellsWords: true,
  wordOrigin: 'socket',
  echoesRequests: true,
  maxSpeeches: Infinity,
  maxSockets: Infinity,
  voiceFaults: [],
  queueMs: 300,
  maxCalls: Infinity,
  losesStart: false,
  processingMs: 200,
  webhooks: 'sent',
  webhookDelayMs: 0,
}

/** Deals out what may happen a limited number of times. */
export class UsedUp {
  readonly #used = new Map<object, number>()

  /** Whether it may happen once more, which is then counted. */
  take(thing: { readonly times?: number }, usually: number): boolean {
    const used = this.#used.get(thing) ?? 0
    if (used >= (thing.times ?? usually)) return false
    this.#used.set(thing, used + 1)
    return true
  }
}
