import type { Mulaw8k } from '../audio/samples.ts'
import type { ProviderError } from '../errors.ts'
import type { CallBrief } from './prompt.ts'
import type { ToolDefinition } from './tools.ts'
import type { Turn } from './transcript.ts'

/**
 * What a call needs from the outside world, and all it knows of it. Each vendor has an adapter in `src/providers/`.
 * Audio crosses a port by direct call, without a promise; text and replies by async iterables.
 */

/** The telephone line: an audio connection to the person, which may be attached to and detached from a call. */
export interface Line {
  /** The vendor's id of this connection (Twilio: streamSid). */
  readonly id: string
  /** Queues audio behind what was sent before; the carrier plays it in order. Any length. */
  send(audio: Mulaw8k): void
  /** Sends what is still held back for a whole frame, padded with silence: call it when a reply's audio ends. */
  flush(): void
  /** Asks for `LineListener.mark(name)` when everything sent so far has been played. */
  mark(name: string): void
  /** Drops everything that has not been played; marks still waiting are never reported. */
  clear(): void
  /** Closes the audio connection. The call itself is ended by `Telephony.hangUp`. */
  close(): void
}

/** What a line tells the call it is attached to. */
export interface LineListener {
  /** 20 ms (or so) of the caller; `timestampMs` counts from the start of the connection and may have gaps. */
  audio(frame: Mulaw8k, timestampMs: number): void
  /** The person has heard everything that was sent before this mark. */
  mark(name: string): void
  /** The person pressed a key: `0`-`9`, `*`, `#`. */
  digit(digit: string): void
  /** The connection is gone: `stopped` by the carrier (the call ended or moved on), or `lost`. */
  closed(cause: 'stopped' | 'lost'): void
}

export type DialRequest = {
  readonly callId: string
  /** E.164 */
  readonly to: string
  /** The carrier ends the call after this many seconds, whatever happens to us. */
  readonly maxDurationS: number
  readonly ringTimeoutS: number
  /** Have the carrier find out, while the call goes on, whether a machine has answered. */
  readonly detectMachine?: boolean
  /** Have the carrier record the call as well, and keep it. */
  readonly record?: boolean
}

export type TransferRequest = {
  /** E.164 */
  readonly to: string
  readonly ringTimeoutS: number
}

/**
 * The carrier: rings a number, and does with a call what audio cannot do. Errors are `ProviderError`s with the carrier's own
 * code.
 */
export interface Telephony {
  dial(request: DialRequest, options: { signal?: AbortSignal }): Promise<{ callSid: string }>
  /** A call that has ended already is a success. */
  hangUp(callSid: string): Promise<void>
  /** Speaks by the carrier's own voice and hangs up: the last resort when nothing of ours can speak. */
  sayAndHangUp(callSid: string, text: string, language: string): Promise<void>
  /**
   * Presses keys towards the person: `0`-`9`, `*`, `#`, and `w` for half a second of waiting; at most 32. The line is closed for
   * it, and a new one comes with `token`. Code `call_over` when there is no such call any more.
   */
  pressKeys(callSid: string, keys: string, token: string): Promise<void>
  /**
   * Rings somebody else and connects the person with them. The line is closed; what comes of it, the carrier tells when the
   * talk is over. Code `call_over` when there is no such call any more.
   */
  transfer(callSid: string, request: TransferRequest): Promise<void>
}

/**
 * What a conversation may ask of its own call's carrier. Both close the line: after keys a new one is attached, after a
 * transfer only if it comes to nothing. Errors are `ProviderError`s; the line is as it was then.
 */
export interface CallControl {
  /** `0`-`9`, `*`, `#`, and `w` for half a second of waiting; at most 32. */
  pressKeys(keys: string): Promise<void>
  /** `to`: E.164. */
  transfer(to: string): Promise<void>
}

/** What became of a transfer. `completed`: the person has talked with whom they were handed over to, and the talk is over. */
export type TransferOutcome = 'completed' | 'busy' | 'no_answer' | 'failed'

/** Where a word was spoken, in ms of audio sent. */
export type TimedWord = { readonly text: string; readonly startMs: number; readonly endMs: number }

/** What was heard from the caller. `timed`: the words of `text`, when all their times are known. A turn is: `words`…, (`eager_end`, `resumed`)…, `turn_end`. */
export type HearingEvent =
  /**
   * The caller's turn so far; never empty. The first of a turn is the moment the caller took the floor, and tells as
   * `speechStartMs` where its first word began, in ms of audio sent; absent without times.
   */
  | {
      readonly type: 'words'
      readonly text: string
      readonly speechStartMs?: number
      readonly timed?: readonly TimedWord[]
    }
  /** The turn has probably ended; `turn_end` with the same text, or `resumed`, follows. */
  | { readonly type: 'eager_end'; readonly text: string; readonly timed?: readonly TimedWord[] }
  | { readonly type: 'resumed' }
  /**
   * `text` may be empty: a turn that turned out to hold no words. `speechEndMs`: end of the last word, in ms of audio sent.
   * `pausesMs`: the gaps of 200 ms and more between its words, in their order; absent when there were none, or no times.
   */
  | {
      readonly type: 'turn_end'
      readonly text: string
      readonly speechEndMs?: number
      readonly pausesMs?: readonly number[]
      readonly timed?: readonly TimedWord[]
    }
  /** Hearing is over for good. `unheardMs`: how much of the newest audio nothing was said about any more. */
  | { readonly type: 'failed'; readonly error: ProviderError; readonly unheardMs?: number }

export type HearingListener = (event: HearingEvent) => void

export interface SpeechToText {
  /** Opens the connection; resolves when it hears. `signal` closes it at once. */
  start(listener: HearingListener, options: { signal: AbortSignal }): Promise<void>
  /** Audio sent before `start` has resolved is kept (bounded) and sent then. */
  sendAudio(audio: Mulaw8k): void
  /**
   * A pause of up to so many milliseconds inside a turn is not its end. Up to `NORMAL_PAUSE_MS` (`patience.ts`) it is as
   * configured; longer is as close to it as the vendor's way of ending turns comes. May be called at any time, and often:
   * the vendor is told when something changes.
   */
  setPatience(pauseMs: number): void
  /**
   * From here on the caller speaks this language (BCP 47). No word is lost or heard twice meanwhile; when it cannot be
   * done, hearing goes on as it was.
   */
  switchLanguage(language: string): void
  /** Says goodbye to the vendor and closes; nothing is heard afterwards. */
  close(): Promise<void>
}

/**
 * When each character of a piece of audio is spoken, in ms from the first sample of that piece; below 0 for what came in a piece
 * before it.
 */
export type Alignment = {
  readonly chars: readonly string[]
  readonly startMs: readonly number[]
  readonly durationMs: readonly number[]
}

export interface SpeechListener {
  /** `alignment` is absent when the vendor gave none for this piece. */
  audio(audio: Mulaw8k, alignment?: Alignment): void
  /** All audio of this speech has been delivered. */
  done(): void
  /** No more audio comes. The first of `done` and `failed` is the only one; neither follows `cancel`. */
  failed(error: ProviderError): void
}

/** The speech of one reply: text goes in as it is written, audio comes out as it is spoken. */
export interface Speech {
  /** Whole phrases, each spoken as soon as possible. */
  sendText(text: string): void
  /** No more text comes: speak the rest, then `done`. */
  flush(): void
  /**
   * Stop now; audio still on its way is dropped. `because`: the voice is given up for what it did or did not do, and its
   * connection is taken for broken: what is spoken next goes over another one.
   */
  cancel(because?: ProviderError): void
}

export interface TextToSpeech {
  /** Opens the connection ahead of need. Safe to call again; `speak` reopens a lost one by itself. */
  connect(options: { signal: AbortSignal }): Promise<void>
  speak(listener: SpeechListener): Speech
  /** What is spoken from here on is in this language (BCP 47); a speech that has begun is spoken to its end as it is. */
  switchLanguage(language: string): void
  close(): Promise<void>
}

export type ReplyPart =
  /**
   * `filler`: words that only fill a wait; they are no answer yet. `whole`: given words, all of a phrase, which the voice may have
   * ready.
   */
  | {
      readonly type: 'text'
      readonly text: string
      readonly filler?: true
      readonly whole?: true
    }
  | {
      readonly type: 'tool_call'
      readonly id: string
      readonly name: string
      readonly input: unknown
    }
  /** Always the last part of a whole reply; `length` means that the reply was cut at the model's limit. */
  | { readonly type: 'done'; readonly reason: 'end' | 'tool_call' | 'length' | 'refusal' }

/** Thinks of what to say. It keeps no memory: what it is given are the turns as they were heard. */
export interface ConversationEngine {
  /** Learns what the call is for, and warms up connection and caches. `tools`: what it may call, default `callTools`. */
  setup(
    brief: CallBrief,
    options: { signal: AbortSignal; tools?: readonly ToolDefinition[] },
  ): Promise<void>
  /** The first words of the agent, before anything was said. */
  getOpening(options: { signal: AbortSignal }): AsyncIterable<ReplyPart>
  /** The agent's next reply. Ends quietly when aborted; throws a `ProviderError` when it fails. */
  streamResponse(turns: readonly Turn[], options: { signal: AbortSignal }): AsyncIterable<ReplyPart>
  /** The same in one piece: the text of the reply. */
  getResponse(turns: readonly Turn[], options: { signal: AbortSignal }): Promise<string>
}
