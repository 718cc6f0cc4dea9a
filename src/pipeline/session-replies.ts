import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import { afterSpeaking } from './after-speaking.ts'
import type { CallObserver } from './call-observer.ts'
import type { CallPast } from './call-past.ts'
import type { CallerSense } from './caller-sense.ts'
import type { Heard } from './heard-text.ts'
import type { LeakGuard } from './leak-guard.ts'
import { Playback, type PlayoutListener } from './playout.ts'
import type { Line, TextToSpeech } from './ports.ts'
import { runReply } from './reply.ts'
import { ReplyVoice } from './reply-voice.ts'
import { SentReply } from './sent-reply.ts'
import { failureOf } from './session-end.ts'
import type { SessionScripts } from './session-scripts.ts'
import type { StockPhrases } from './stock-phrases.ts'
import { STAGES, type TurnTimings } from './timings.ts'
import type { FillerRota } from './tool-fillers.ts'
import type { ToolCall } from './tools.ts'
import type { Transcript } from './transcript.ts'
import type { LeaveReason, ReplyEffect, ReplyKind, TurnEvent } from './turn-events.ts'

/**
 * The replies of one call: starts, releases, cancels them, and writes into the transcript what was heard of each.
 * Only the newest reply is alive; the turn machine numbers them.
 */
export class SessionReplies {
  readonly #parts: SessionRepliesParts
  /** Times of the clock, as long as they are kept here: the opening is prepared before there is a line to count from. */
  readonly #timings: TurnTimings[] = []
  #current: SentReply | undefined
  #turnEnd: { turnEndMs?: number; speechEndMs?: number } = {}
  #bargeInMs: number | undefined

  constructor(parts: SessionRepliesParts) {
    this.#parts = parts
  }

  get timings(): readonly TurnTimings[] {
    const { past, sinceAttached } = this.#parts
    const own = this.#timings.map((times) => relative(times, sinceAttached))
    return past ? [...past.timings, ...own] : own
  }

  /** The caller's words have just reached us. */
  noteBargeIn(now: number): void {
    this.#bargeInMs = now
  }

  /** The caller's turn has just ended. */
  noteTurnEnd(turnEndMs: number, speechEndMs: number | undefined): void {
    this.#turnEnd = { turnEndMs, ...(speechEndMs !== undefined && { speechEndMs }) }
  }

  carryOut(effect: ReplyEffect): void {
    if (effect.type === 'start_reply') {
      this.#start(effect)
      return
    }
    const current = this.#alive(effect.reply)
    if (!current) return
    switch (effect.type) {
      case 'release_reply':
        this.#release(current)
        return
      case 'hold_reply':
        current.voice?.dropFiller()
        current.playback.hold()
        return
      case 'fill_wait':
        current.voice?.fill(
          this.#parts.fillers.take(this.#parts.stock().fillers, this.#parts.clock.now()),
        )
        return
      case 'cancel_reply':
        this.#cancel(current)
        return
      case 'pause_reply':
        this.#pause(current, effect)
        return
      case 'resume_reply':
        current.playback.resume()
        return
      case 'rewind_reply':
        current.playback.rewind()
        return
      default:
        effect satisfies never
    }
  }

  #start(order: Extract<ReplyEffect, { type: 'start_reply' }>): void {
    const { reply, kind, held } = order
    const { clock, line, signal, transcript } = this.#parts
    const timings: TurnTimings = { reply, kind, ...(kind === 'answer' && this.#turnEnd) }
    this.#timings.push(timings)
    const listener: PlayoutListener = {
      audio: () => {
        timings.firstAudioMs ??= clock.now()
        current.begin(transcript)
        this.#parts.dispatch({ type: 'reply_audio', reply })
      },
      filler: () => {
        timings.fillerMs ??= clock.now()
        timings.firstAudioMs ??= clock.now()
        current.begin(transcript)
        current.filled(this.#ms(clock.now()))
      },
      dry: () => {
        this.#parts.dispatch({ type: 'reply_dry', reply })
      },
      heardFirst: (_reply, ms) => {
        timings.heardMs ??= Math.max(timings.firstAudioMs ?? 0, clock.now() - ms)
      },
      heard: () => {
        this.#record(current, { ...current.playback.heard(), isOver: true })
        this.#parts.onSaid(current.playback.text)
        this.#parts.dispatch({ type: 'reply_heard', reply })
      },
      sent: () => {
        const then = current.then && afterSpeaking(current.then.name)
        // The caller may begin to answer before the last mark is back.
        this.#parts.onSaid(current.playback.text)
        this.#parts.dispatch({
          type: 'reply_sent',
          reply,
          ...(then && then !== 'listen' && { then }),
        })
      },
    }
    const playback = new Playback({ reply, held, clock, line, listener })
    const current = new SentReply(playback, timings)
    if (!held) current.confirm()
    this.#current = current
    const replySignal = AbortSignal.any([signal, current.abort.signal])
    this.#parts.run(() => this.#generate(current, { kind, guess: order.text, signal: replySignal }))
  }

  async #generate(
    current: SentReply,
    { kind, guess, signal }: { kind: ReplyKind; guess: string | undefined; signal: AbortSignal },
  ): Promise<void> {
    const { tts, clock, scripts, stock, language, pronunciation } = this.#parts
    const { playback, timings } = current
    const onPhrase = () => (timings.firstPhraseMs ??= clock.now())
    const voice = new ReplyVoice({
      ...{ tts, playback, language, pronunciation, signal, onPhrase },
      leaks: this.#parts.leakGuard?.watch(),
      onLeak: () => {
        this.#parts.log.warn({ reply: playback.reply }, 'reply gave something away')
        return stock().private
      },
    })
    current.voice = voice
    try {
      await runReply({
        parts: scripts.partsOf(kind, { current, voice, guess, signal }),
        voice,
        playback,
        stock,
        signal,
        onText: () => (timings.firstTextMs ??= clock.now()),
        onOutcome: ({ then }) => {
          current.then = then
        },
      })
    } catch (error) {
      // A reply that was cut off, or whose call is over, is not a failure.
      if (signal.aborted) return
      this.#parts.log.warn({ err: error, reply: playback.reply }, 'reply failed')
      this.#parts.dispatch({
        type: 'reply_failed',
        reply: playback.reply,
        failure: failureOf(error),
      })
    }
  }

  #release(current: SentReply): void {
    // What was a guess is an answer now, to a turn that has ended since.
    if (current.timings.kind === 'answer') Object.assign(current.timings, this.#turnEnd)
    current.confirm()
    current.playback.release()
  }

  #pause(current: SentReply, { unheardMs }: { readonly unheardMs?: number }): void {
    const { audible } = current.playback
    current.voice?.dropFiller()
    current.playback.pause(unheardMs)
    if (audible) this.#noteCleared(current)
  }

  /** What the caller says, seen against what they hear just now. */
  sense(
    text: string,
    sense: CallerSense,
    at: 'partial' | 'final' = 'final',
  ): { aside: boolean; guarded: boolean } {
    const current = this.#current
    if (!current?.playback.audible) return { aside: false, guarded: false }
    const { text: heard, whole } = current.playback.heard()
    const saying = { heard, text: current.playback.text }
    return {
      aside: !whole && sense.isAside(text, saying, at),
      guarded: this.#isGuarded(current, heard),
    }
  }

  #isGuarded(current: SentReply, heard: string): boolean {
    if (this.#isGuardedGoodbye(current) || heard.length < current.guardedChars) return true
    // Half of its last word is enough for the record, and not for what must be heard.
    return !current.playback.hasHeard(current.guardedChars)
  }

  #isGuardedGoodbye({ then }: SentReply): boolean {
    const isGoodbye = then !== undefined && afterSpeaking(then.name) === 'hang_up'
    return isGoodbye && this.#parts.guardsGoodbye
  }

  acknowledge(mark: { reply: number; bytes: number }): void {
    const playback = this.#alive(mark.reply)?.playback
    if (!playback) return
    playback.acknowledge(mark.bytes)
    this.#parts.record.heard(mark.reply, playback.heard().text)
  }

  /** Stops a reply: the line is silenced at once, and the transcript keeps what was heard. */
  #cancel(current: SentReply): void {
    if (current.recorded) return
    const audible = current.playback.audible
    const heard = current.playback.cut()
    if (audible) this.#noteCleared(current)
    current.abort.abort(new Error('the reply was cut off'))
    this.#record(current, { ...heard, isOver: false })
  }

  /** The tool call that the agent leaves the line for, now that its words were heard. */
  takeLeave(reason: LeaveReason): ToolCall | undefined {
    const then = this.#current?.then
    return then && afterSpeaking(then.name) === reason ? then : undefined
  }

  /** The newest reply is being heard, or was silenced in the middle. */
  get audible(): boolean {
    return this.#current?.playback.audible ?? false
  }

  /** When the newest reply was first sent to the line, as a time of the clock; undefined when nothing of it was. */
  get spokeFrom(): number | undefined {
    return this.#current?.timings.firstAudioMs
  }

  /** The words of the last reply as they were heard. */
  get lastHeard(): string {
    return this.#current?.playback.heard().text ?? ''
  }

  #noteCleared({ timings }: SentReply): void {
    timings.clearedMs ??= this.#parts.clock.now()
    // Words from before it was heard have not cut it off.
    const { firstAudioMs = Infinity } = timings
    const bargeInMs = this.#bargeInMs
    if (bargeInMs !== undefined && bargeInMs > firstAudioMs) timings.bargeInMs ??= bargeInMs
  }

  #record(current: SentReply, heard: Heard & { isOver: boolean }): void {
    const { transcript, clock, record, sinceAttached } = this.#parts
    if (current.recorded) return
    current.record(transcript, heard, {
      startMs: this.#ms(current.timings.firstAudioMs ?? clock.now()),
      endMs: this.#ms(clock.now()),
    })
    record.note({ type: 'timings', timings: relative(current.timings, sinceAttached) })
  }

  #ms(time: number): number {
    return Math.round(this.#parts.sinceAttached(time))
  }

  #alive(reply: number): SentReply | undefined {
    return this.#current?.playback.reply === reply ? this.#current : undefined
  }
}

export type SessionRepliesParts = {
  /** Of a call that another process has carried so far. */
  readonly past?: CallPast | undefined
  readonly tts: TextToSpeech
  readonly record: Pick<CallObserver, 'heard' | 'note'>
  readonly clock: Clock
  readonly log: Logger
  /** Aborted when the call is over. */
  readonly signal: AbortSignal
  readonly scripts: SessionScripts
  /** Which words fill a wait next. */
  readonly fillers: FillerRota
  /** BCP 47; it may change during the call. */
  readonly language: () => string
  /** How words are to be said: as written → as spoken. */
  readonly pronunciation: Readonly<Record<string, string>>
  readonly stock: () => StockPhrases
  readonly leakGuard?: LeakGuard | undefined
  /** Nobody talks over the goodbye. */
  readonly guardsGoodbye: boolean
  readonly line: () => Line | undefined
  /** A time of the clock as milliseconds since the line was attached; negative before. */
  readonly sinceAttached: (time: number) => number
  readonly transcript: Transcript
  /** The agent has said this, or is about to have. */
  readonly onSaid: (text: string) => void
  readonly dispatch: (event: TurnEvent) => void
  readonly run: (task: () => Promise<void>) => void
}

function relative(times: TurnTimings, since: (time: number) => number): TurnTimings {
  const shifted = { ...times }
  for (const stage of STAGES) {
    const time = times[stage]
    if (time !== undefined) shifted[stage] = since(time)
  }
  return shifted
}
