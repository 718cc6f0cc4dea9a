import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import { isBackchannel, isQuestionOpen } from './backchannel.ts'
import { Playback } from './playout.ts'
import type { ConversationEngine, Line, ReplyPart, TextToSpeech } from './ports.ts'
import type { CallBrief } from './prompt.ts'
import { runReply, type ReplyOutcome } from './reply.ts'
import { failureOf } from './session-end.ts'
import { stockPhrases } from './stock-phrases.ts'
import { STAGES, type TurnTimings } from './timings.ts'
import type { Transcript } from './transcript.ts'
import type { ReplyKind, TurnEvent } from './turn-events.ts'

type Reply = {
  readonly abort: AbortController
  readonly playback: Playback
  readonly timings: TurnTimings
  /** Set when all of its audio is there. */
  outcome?: ReplyOutcome
  recorded: boolean
}

/**
 * The replies of one call: starts, releases, cancels them, and writes into the transcript what was heard of each.
 * Only the newest reply is alive; the turn machine numbers them.
 */
export class SessionReplies {
  readonly #parts: SessionRepliesParts
  /** Times of the clock, as long as they are kept here: the opening is prepared before there is a line to count from. */
  readonly #timings: TurnTimings[] = []
  #current: Reply | undefined
  #turnEnd: { turnEndMs?: number; speechEndMs?: number } = {}
  #bargeInMs: number | undefined

  constructor(parts: SessionRepliesParts) {
    this.#parts = parts
  }

  get timings(): readonly TurnTimings[] {
    return this.#timings.map((times) => relative(times, this.#parts.sinceAttached))
  }

  /** The caller's words have just reached us. */
  noteBargeIn(now: number): void {
    this.#bargeInMs = now
  }

  /** The caller's turn has just ended. */
  noteTurnEnd(turnEndMs: number, speechEndMs: number | undefined): void {
    this.#turnEnd = { turnEndMs, ...(speechEndMs !== undefined && { speechEndMs }) }
  }

  start({ reply, kind, held }: { reply: number; kind: ReplyKind; held: boolean }): void {
    const { clock, line, signal } = this.#parts
    const timings: TurnTimings = { reply, kind, ...(kind === 'answer' && this.#turnEnd) }
    this.#timings.push(timings)
    const playback = new Playback({
      reply,
      held,
      clock,
      line,
      listener: {
        audio: () => {
          timings.firstAudioMs = this.#parts.clock.now()
          this.#parts.dispatch({ type: 'reply_audio', reply })
        },
        heardFirst: (_reply, ms) => {
          timings.heardMs ??= Math.max(timings.firstAudioMs ?? 0, this.#parts.clock.now() - ms)
        },
        heard: () => {
          this.#record(current)
          this.#parts.dispatch({ type: 'reply_heard', reply })
        },
        sent: () => {
          const hangUp = current.outcome?.hangUp ?? false
          this.#parts.dispatch({ type: 'reply_sent', reply, hangUp })
        },
      },
    })
    const current: Reply = { abort: new AbortController(), playback, timings, recorded: false }
    this.#current = current
    const replySignal = AbortSignal.any([signal, current.abort.signal])
    this.#parts.run(() => this.#generate(current, kind, replySignal))
  }

  async #generate(current: Reply, kind: ReplyKind, signal: AbortSignal): Promise<void> {
    const { tts, brief, clock } = this.#parts
    const { playback, timings } = current
    try {
      await runReply({
        parts: this.#partsOf(kind, signal),
        tts,
        playback,
        stock: stockPhrases(brief.language),
        signal,
        onText: () => (timings.firstTextMs ??= clock.now()),
        onPhrase: () => (timings.firstPhraseMs ??= clock.now()),
        onOutcome: (outcome) => {
          current.outcome = outcome
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

  #partsOf(kind: ReplyKind, signal: AbortSignal): AsyncIterable<ReplyPart> {
    const { engine, brief, transcript } = this.#parts
    const stock = stockPhrases(brief.language)
    switch (kind) {
      case 'opening':
        return this.#opening(signal)
      case 'answer':
        return engine.streamResponse(transcript.turns, { signal })
      case 'reprompt':
        return exactly(stock.stillThere)
      case 'no_answer':
        return exactly(stock.noAnswer)
      case 'apology':
        return exactly(stock.apology)
      case 'time_up':
        return exactly(stock.timeUp)
    }
  }

  /** The voice connects while the model thinks about the first words; exact ones wait for neither. */
  async *#opening(signal: AbortSignal): AsyncIterable<ReplyPart> {
    const { engine, brief, tts } = this.#parts
    const ready = engine.setup(brief, { signal })
    // What fails here fails again where it is needed, and is reported there.
    this.#parts.run(async () => {
      await Promise.allSettled([ready, tts.connect({ signal })])
    })
    if (brief.opening !== undefined) {
      yield* exactly(brief.opening)
      return
    }
    await ready
    yield* engine.getOpening({ signal })
  }

  release(reply: number): void {
    this.#alive(reply)?.playback.release()
  }

  hold(reply: number): void {
    this.#alive(reply)?.playback.hold()
  }

  pause(reply: number): void {
    const current = this.#alive(reply)
    if (!current) return
    current.playback.pause()
    this.#noteCleared(current)
  }

  resume(reply: number): void {
    this.#alive(reply)?.playback.resume()
  }

  /**
   * Whether words of the caller are a mere backchannel in the middle of what the agent says, rather than an answer, an
   * objection or a question.
   */
  isAside(text: string): boolean {
    const playback = this.#current?.playback
    if (!playback?.audible) return false
    const { text: heard, whole } = playback.heard()
    return (
      !whole &&
      isBackchannel(text, this.#parts.brief.language) &&
      !isQuestionOpen(heard, playback.text)
    )
  }

  acknowledge(mark: { reply: number; bytes: number }): void {
    this.#alive(mark.reply)?.playback.acknowledge(mark.bytes)
  }

  /** Stops a reply: the line is silenced at once, and the transcript keeps what was heard. */
  cancel(reply: number): void {
    const current = this.#alive(reply)
    if (!current || current.recorded) return
    const audible = current.playback.audible
    const heard = current.playback.cut()
    if (audible) this.#noteCleared(current)
    current.abort.abort(new Error('the reply was cut off'))
    this.#write(current, heard)
  }

  #noteCleared({ timings }: Reply): void {
    timings.clearedMs ??= this.#parts.clock.now()
    if (this.#bargeInMs !== undefined) timings.bargeInMs ??= this.#bargeInMs
  }

  #record(current: Reply): void {
    this.#write(current, current.playback.heard())
    this.#writeTools(current)
  }

  #write(current: Reply, heard: { text: string; whole: boolean }): void {
    current.recorded = true
    this.#parts.transcript.add({
      role: 'agent',
      text: heard.text,
      interrupted: !heard.whole,
      startMs: this.#ms(current.timings.firstAudioMs ?? this.#parts.clock.now()),
      endMs: this.#ms(this.#parts.clock.now()),
    })
  }

  #writeTools(current: Reply): void {
    const at = this.#ms(this.#parts.clock.now())
    for (const { id, name, input } of current.outcome?.toolCalls ?? []) {
      this.#parts.transcript.add({
        role: 'tool',
        id,
        name,
        input,
        result: 'ok',
        startMs: at,
        endMs: at,
      })
    }
  }

  #ms(time: number): number {
    return Math.round(this.#parts.sinceAttached(time))
  }

  #alive(reply: number): Reply | undefined {
    return this.#current?.playback.reply === reply ? this.#current : undefined
  }
}

export type SessionRepliesParts = {
  readonly brief: CallBrief
  readonly tts: TextToSpeech
  readonly engine: ConversationEngine
  readonly clock: Clock
  readonly log: Logger
  /** Aborted when the call is over. */
  readonly signal: AbortSignal
  readonly line: () => Line | undefined
  /** A time of the clock as milliseconds since the line was attached; negative before. */
  readonly sinceAttached: (time: number) => number
  readonly transcript: Transcript
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

/** Stock words as a reply. */
// eslint-disable-next-line @typescript-eslint/require-await -- a port takes an async iterable
async function* exactly(text: string): AsyncIterable<ReplyPart> {
  yield { type: 'text', text }
  yield { type: 'done', reason: 'end' }
}
