import type { Mulaw8k } from '../audio/samples.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import { CallerTurn, type TurnSpan } from './caller-turn.ts'
import { Keys } from './keys.ts'
import { parseMark } from './playout.ts'
import type {
  ConversationEngine,
  HearingEvent,
  Line,
  LineListener,
  SpeechToText,
  TextToSpeech,
} from './ports.ts'
import type { CallBrief } from './prompt.ts'
import { failureOf, type SessionEnd } from './session-end.ts'
import { SessionReplies } from './session-replies.ts'
import { SessionTimers } from './session-timers.ts'
import type { TurnTimings } from './timings.ts'
import { pressed, Transcript, type Turn } from './transcript.ts'
import { initialTurn, step } from './turn.ts'
import type { FirstSpeaker, TurnEffect, TurnEvent, TurnState, TurnTimer } from './turn-events.ts'

export type CallSessionParts = {
  readonly brief: CallBrief
  readonly firstSpeaker: FirstSpeaker
  readonly maxDurationMs: number
  /** How long the caller may say nothing before being asked whether they are there. */
  readonly silenceMs: number
  readonly stt: SpeechToText
  readonly tts: TextToSpeech
  readonly engine: ConversationEngine
  readonly clock: Clock
  readonly log: Logger
}

/**
 * One call's conversation, from the moment its number is dialled. It owns hearing, thinking and speaking, and outlives
 * its line. It feeds the turn machine with events and carries out its effects, and decides nothing itself.
 *
 * Order: `start` when dialling (prepares the opening), `answered` when the phone was picked up (opens the ears),
 * `attach` when the line is there, `ended` when the conversation is over, `cleanup` to release everything.
 */
export class CallSession {
  readonly #parts: CallSessionParts
  readonly #abort = new AbortController()
  readonly #transcript = new Transcript()
  readonly #caller = new CallerTurn()
  readonly #keys: Keys
  readonly #replies: SessionReplies
  readonly #ended = Promise.withResolvers<SessionEnd>()
  readonly #timers: SessionTimers<TurnTimer | 'max_duration'>
  readonly #tasks = new Set<Promise<void>>()
  readonly #events: TurnEvent[] = []
  #stepping = false
  #turn: TurnState = initialTurn
  #line: Line | undefined
  #attachedAt: number | undefined
  /** The turn of the caller that ended last. */
  #callerSpan: TurnSpan = { startedAt: 0, endedAt: 0 }

  constructor(parts: CallSessionParts) {
    this.#parts = parts
    this.#timers = new SessionTimers(parts.clock)
    this.#keys = new Keys(parts.clock, (keys) => {
      this.#onKeys(keys)
    })
    this.#replies = new SessionReplies({
      ...parts,
      signal: this.#abort.signal,
      line: () => this.#line,
      sinceAttached: (time) => this.#sinceAttached(time),
      transcript: this.#transcript,
      dispatch: (event) => {
        this.#dispatch(event)
      },
      run: (task) => {
        this.#run(task)
      },
    })
  }

  get ended(): Promise<SessionEnd> {
    return this.#ended.promise
  }

  get turns(): readonly Turn[] {
    return this.#transcript.turns
  }

  get timings(): readonly TurnTimings[] {
    return this.#replies.timings
  }

  /** Prepares everything that can be prepared while the phone rings. */
  start(): void {
    this.#dispatch({ type: 'started' })
  }

  /** The phone was picked up: from now on we listen. */
  answered(): void {
    this.#dispatch({ type: 'answered' })
    const { stt } = this.#parts
    this.#run(async () => {
      try {
        await stt.start(
          (event) => {
            this.#onHearing(event)
          },
          { signal: this.#abort.signal },
        )
      } catch (error) {
        if (!this.#abort.signal.aborted) {
          this.#dispatch({ type: 'hearing_failed', failure: failureOf(error) })
        }
      }
    })
  }

  /** Talks through this line from now on. A line that was attached before is closed: the carrier may open a second one. */
  attach(line: Line): LineListener {
    const before = this.#line
    this.#line = line
    before?.close()
    if (this.#attachedAt === undefined) {
      this.#attachedAt = this.#parts.clock.now()
      this.#timers.start('max_duration', this.#parts.maxDurationMs, () => {
        this.#dispatch({ type: 'time_up' })
      })
    }
    this.#dispatch({ type: 'line_attached', firstSpeaker: this.#parts.firstSpeaker })
    const isCurrent = () => this.#line === line
    return {
      audio: (frame) => {
        if (isCurrent()) this.receiveAudio(frame)
      },
      mark: (name) => {
        const mark = parseMark(name)
        if (mark && isCurrent()) this.#replies.acknowledge(mark)
      },
      digit: (key) => {
        if (isCurrent()) this.#keys.press(key)
      },
      closed: () => {
        if (!isCurrent()) return
        this.#line = undefined
        this.#dispatch({ type: 'line_closed' })
      },
    }
  }

  /** Audio of the caller, as it comes from the line. */
  receiveAudio(frame: Mulaw8k): void {
    this.#caller.sent(frame.length)
    this.#parts.stt.sendAudio(frame)
  }

  /** Ends the call from outside; safe at any time and more than once. */
  end(reason: 'requested' | 'caller_hung_up'): void {
    this.#dispatch({ type: 'end_requested', reason })
  }

  /** Stops and closes everything this call has opened. */
  async cleanup(): Promise<void> {
    this.end('requested')
    this.#abort.abort(new Error('the call is over'))
    this.#timers.stopAll()
    this.#keys.stop()
    this.#line?.close()
    await Promise.all([this.#parts.stt.close(), this.#parts.tts.close(), ...this.#tasks])
  }

  #onHearing(event: HearingEvent): void {
    const now = this.#parts.clock.now()
    switch (event.type) {
      case 'words':
        this.#caller.heard(event.text, now)
        this.#replies.noteBargeIn(now)
        this.#dispatch({ type: 'caller_words', aside: this.#replies.isAside(event.text) })
        return
      case 'turn_end': {
        const { text, speechEndMs } = event
        const speechEnd =
          speechEndMs === undefined ? undefined : this.#caller.timeOf(speechEndMs, now)
        this.#callerSpan = this.#caller.end(speechEnd ?? now)
        this.#replies.noteTurnEnd(now, speechEnd)
        this.#dispatch({ type: 'caller_turn_ended', text, aside: this.#replies.isAside(text) })
        return
      }
      case 'failed':
        this.#dispatch({ type: 'hearing_failed', failure: failureOf(event.error) })
        return
      case 'eager_end':
      case 'resumed':
        // Guesses about the end of a turn; replies start on confirmed ends only.
        return
      default:
        event satisfies never
    }
  }

  /** An entry of keys is a turn of the caller, told in a way that the prompt explains to the model. */
  #onKeys(keys: string): void {
    const now = this.#parts.clock.now()
    this.#callerSpan = { startedAt: now, endedAt: now }
    this.#replies.noteTurnEnd(now, undefined)
    this.#dispatch({ type: 'caller_turn_ended', text: pressed(keys), aside: false })
  }

  /** Effects may cause events; those wait until the step that caused them is carried out. */
  #dispatch(event: TurnEvent): void {
    this.#events.push(event)
    if (this.#stepping) return
    this.#stepping = true
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) {
        const { state, effects } = step(this.#turn, next)
        this.#turn = state
        for (const effect of effects) this.#carryOut(effect)
      }
    } finally {
      this.#stepping = false
    }
  }

  #carryOut(effect: TurnEffect): void {
    switch (effect.type) {
      case 'start_reply':
        this.#replies.start(effect)
        return
      case 'release_reply':
        this.#replies.release(effect.reply)
        return
      case 'hold_reply':
        this.#replies.hold(effect.reply)
        return
      case 'cancel_reply':
        this.#replies.cancel(effect.reply)
        return
      case 'pause_reply':
        this.#replies.pause(effect.reply)
        return
      case 'resume_reply':
        this.#replies.resume(effect.reply)
        return
      case 'note_caller':
        this.#noteCaller(effect.text)
        return
      case 'start_timer':
        this.#timers.start(
          effect.timer,
          effect.timer === 'silence' ? this.#parts.silenceMs : effect.ms,
          () => {
            this.#dispatch({ type: 'timer_fired', timer: effect.timer })
          },
        )
        return
      case 'stop_timer':
        this.#timers.stop(effect.timer)
        return
      case 'end':
        this.#noteCutShort()
        this.#ended.resolve(effect.end)
        return
      default:
        effect satisfies never
    }
  }

  #noteCaller(text: string): void {
    const { startedAt, endedAt } = this.#callerSpan
    const startMs = Math.round(this.#sinceAttached(startedAt))
    const endMs = Math.round(this.#sinceAttached(endedAt))
    this.#transcript.add({ role: 'caller', text, startMs, endMs })
  }

  /** Words of a turn that the end of the call cut short are not lost. */
  #noteCutShort(): void {
    const { words } = this.#caller
    this.#callerSpan = this.#caller.end(this.#parts.clock.now())
    this.#noteCaller(words)
  }

  /** A time of the clock as milliseconds since the line was first attached. */
  #sinceAttached(time: number): number {
    return time - (this.#attachedAt ?? time)
  }

  /** Keeps a background task in sight until it has ended; it must handle its own errors. */
  #run(task: () => Promise<void>): void {
    const running = task().catch((error: unknown) => {
      this.#parts.log.error({ err: error }, 'task of a call failed')
      this.#dispatch({ type: 'hearing_failed', failure: failureOf(error) })
    })
    this.#tasks.add(running)
    void running.finally(() => this.#tasks.delete(running))
  }
}
