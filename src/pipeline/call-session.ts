import type { Mulaw8k } from '../audio/samples.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { AnsweredBy } from './answering/answered-by.ts'
import type { AnswerJudge } from './answering/answer-judge.ts'
import type { CallFacts } from './call-facts.ts'
import { CallerSense } from './caller-sense.ts'
import type { CallObserver } from './call-observer.ts'
import { type CallPast, resumedEvent } from './call-past.ts'
import { Keys } from './keys.ts'
import type { LeakGuard } from './leak-guard.ts'
import type {
  CallControl,
  ConversationEngine,
  Line,
  LineListener,
  SpeechToText,
  TextToSpeech,
  TransferOutcome,
} from './ports.ts'
import type { CallBrief } from './prompt.ts'
import { SessionClocks, type SessionLimits } from './session-clocks.ts'
import { failureOf, type SessionEnd } from './session-end.ts'
import { SessionHearing } from './session-hearing.ts'
import { SessionLine } from './session-line.ts'
import { SessionReplies } from './session-replies.ts'
import { SessionScripts, type SpeechRules } from './session-scripts.ts'
import { SessionTasks } from './session-tasks.ts'
import { SessionTools, type TransferTarget } from './session-tools.ts'
import { stockPhrases } from './stock-phrases.ts'
import type { TurnTimings } from './timings.ts'
import type { ToolBox } from './tool-box.ts'
import type { ToolDefinition } from './tools.ts'
import { Transcript, type Turn } from './transcript.ts'
import { initialTurn, step } from './turn.ts'
import type { FirstSpeaker, TurnEffect, TurnEvent, TurnState } from './turn-events.ts'

export type CallSessionParts = {
  /** Of a call that another process has carried so far. */
  readonly past?: CallPast | undefined
  readonly brief: CallBrief
  readonly firstSpeaker: FirstSpeaker
  readonly rules: SpeechRules
  /** Whether a machine that takes messages is left one. */
  readonly leavesMessages: boolean
  readonly transferTargets: readonly TransferTarget[]
  readonly tools: { readonly definitions: readonly ToolDefinition[]; readonly box: ToolBox }
  /** How words are to be said: as written → as spoken. */
  readonly pronunciation: Readonly<Record<string, string>>
  readonly limits: SessionLimits
  /** Knows what the agent must not say; without it, it may say anything. */
  readonly leakGuard?: LeakGuard | undefined
  /** Whether answers are prepared for turns that have probably ended. */
  readonly speculates: boolean
  /** Words that only say “go on”, on top of the language's own. */
  readonly backchannels: readonly string[]
  readonly stt: SpeechToText
  readonly tts: TextToSpeech
  readonly engine: ConversationEngine
  /** Says who has answered when the rules cannot. */
  readonly judge: AnswerJudge | undefined
  readonly control: CallControl
  readonly record: CallObserver
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
  readonly #transcript: Transcript
  readonly #keys: Keys
  readonly #line: SessionLine
  readonly #tools: SessionTools
  readonly #scripts: SessionScripts
  readonly #replies: SessionReplies
  readonly #hearing: SessionHearing
  readonly #ended = Promise.withResolvers<SessionEnd>()
  readonly #clocks: SessionClocks
  readonly #tasks: SessionTasks
  readonly #events: TurnEvent[] = []
  #stepping = false
  #turn: TurnState = initialTurn
  #language: string

  constructor(parts: CallSessionParts) {
    const { brief, rules, tools, clock, record } = parts
    this.#parts = parts
    this.#language = brief.language
    this.#tasks = new SessionTasks((error) => {
      this.#brokeDown(error)
    })
    this.#transcript = new Transcript((turn) => {
      record.note({ type: 'turn', turn })
    })
    this.#transcript.restore(parts.past?.turns ?? [])
    const shared = this.#shared()
    this.#tools = new SessionTools({
      ...shared,
      box: tools.box,
      switchLanguage: (language) => {
        this.#switchLanguage(language)
      },
      onOptedOut: () => {
        record.note({ type: 'opted_out' })
      },
    })
    this.#clocks = new SessionClocks({
      ...shared,
      fillers: this.#tools.fillers,
      isAtWork: () => this.#tools.atWork,
    })
    this.#scripts = new SessionScripts({
      ...shared,
      tools: tools.definitions,
      toolRuns: this.#tools,
    })
    this.#replies = new SessionReplies({
      ...shared,
      scripts: this.#scripts,
      fillers: this.#tools.fillers,
      guardsGoodbye: rules.guardsGoodbye,
      line: () => this.#line.current,
      onSaid: (text) => {
        this.#hearing.agentSaid(text)
      },
    })
    this.#hearing = new SessionHearing({
      ...shared,
      direction: brief.direction,
      sense: new CallerSense(shared.language, parts.backchannels),
      replies: this.#replies,
      onMet: (who) => {
        this.#meet(who)
      },
    })
    this.#keys = new Keys(clock, (keys) => {
      this.#hearing.pressed(keys)
    })
    const heard = { hearing: this.#hearing, replies: this.#replies, keys: this.#keys }
    this.#line = new SessionLine({ ...shared, ...heard })
  }

  /** What the parts of a conversation have in common. */
  #shared() {
    return {
      ...this.#parts,
      signal: this.#abort.signal,
      transcript: this.#transcript,
      language: () => this.#language,
      stock: () => stockPhrases(this.#language),
      now: () => Math.round(this.#line.since(this.#parts.clock.now())),
      sinceAttached: (time: number) => this.#line.since(time),
      dispatch: (event: TurnEvent) => {
        this.#dispatch(event)
      },
      run: (task: () => Promise<void>) => {
        this.#tasks.run(task)
      },
    }
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

  get facts(): CallFacts {
    return this.#tools.facts
  }

  /** There is no line, and a new one is welcome. */
  get expectsLine(): boolean {
    const { phase } = this.#turn
    return phase === 'away' || (phase === 'waiting' && this.#turn.resumed !== undefined)
  }

  /** Prepares everything that can be prepared while the phone rings. */
  start(): void {
    const { past, leavesMessages: message } = this.#parts
    if (!past) {
      this.#dispatch({ type: 'started' })
      return
    }
    this.#tools.takeUp(past)
    this.#scripts.takeUp(this.#abort.signal)
    this.#dispatch(resumedEvent(past, { message }))
  }

  /** The phone was picked up: from now on we listen. */
  answered(): void {
    this.#dispatch({ type: 'answered' })
    this.#tasks.run(() => this.#hearing.start(this.#abort.signal))
  }

  /** Talks through this line from now on. A line that was attached before is closed: the carrier may open a second one. */
  attach(line: Line): LineListener {
    if (!this.#line.isKnown) this.#clocks.begin(this.#line.since(this.#parts.clock.now()))
    return this.#line.attach(line)
  }

  /** The carrier says that the line is gone, though we may not have noticed yet. */
  lineLost(): void {
    this.#line.lose()
  }

  /** The carrier believes to know who has answered. */
  carrierHeard(answeredBy: string): void {
    this.#hearing.carrierHeard(answeredBy)
  }

  /** What became of the number that the person was put through to. */
  transferEnded(outcome: TransferOutcome): void {
    this.#tools.transferEnded(outcome)
  }

  /** Audio of the caller, as it comes from the line. */
  receiveAudio(frame: Mulaw8k): void {
    this.#hearing.receive(frame)
  }

  /** The server is about to stop: the person is told, and the call ends when they have heard it. */
  wrapUp(): void {
    this.#dispatch({ type: 'server_stopping' })
  }

  /** Ends the call from outside; safe at any time and more than once. */
  end(reason: 'requested' | 'caller_hung_up'): void {
    this.#dispatch({ type: 'end_requested', reason })
  }

  /** Stops and closes everything this call has opened. */
  async cleanup(): Promise<void> {
    this.end('requested')
    this.#abort.abort(new Error('the call is over'))
    this.#clocks.stopAll()
    this.#keys.stop()
    this.#line.close()
    try {
      await Promise.all([this.#parts.stt.close(), this.#parts.tts.close()])
    } finally {
      await this.#tasks.settled()
      this.#parts.record.end()
    }
  }

  /** A fault of our own: there is nothing that could still be relied on. */
  #brokeDown(error: unknown): void {
    this.#parts.log.error({ err: error }, 'task of a call failed')
    this.#dispatch({ type: 'hearing_failed', failure: failureOf(error) })
  }

  #meet(who: AnsweredBy): void {
    this.#parts.record.note({ type: 'answered_by', answeredBy: who })
    this.#tools.learn({ answeredBy: who })
    this.#dispatch({ type: 'answered_by', by: who, message: this.#parts.leavesMessages })
  }

  #switchLanguage(language: string): void {
    this.#language = language
    this.#parts.stt.switchLanguage(language)
    this.#parts.tts.switchLanguage(language)
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
        this.#parts.record.step({ atMs: this.#parts.clock.now(), event: next, state, effects })
        for (const effect of effects) this.#carryOut(effect)
      }
    } finally {
      this.#stepping = false
    }
  }

  #carryOut(effect: TurnEffect): void {
    if ('reply' in effect) {
      this.#replies.carryOut(effect)
      return
    }
    switch (effect.type) {
      case 'note_caller':
        this.#noteCaller(effect.text)
        return
      case 'leave_line':
        this.#leaveLine(effect.reason)
        return
      case 'watch_dead_air':
        this.#clocks.watchDeadAir(effect.waitedMs)
        return
      case 'unwatch_dead_air':
        this.#clocks.unwatchDeadAir()
        return
      case 'start_timer':
        this.#clocks.start(effect, { isPressing: this.#isPressing })
        return
      case 'stop_timer':
        this.#clocks.stop(effect.timer)
        return
      case 'end':
        this.#finish(effect.end)
        return
      default:
        effect satisfies never
    }
  }

  get #isPressing(): boolean {
    return this.#turn.phase === 'away' && this.#turn.reason === 'keys'
  }

  #leaveLine(reason: 'keys' | 'transfer'): void {
    const call = this.#replies.takeLeave(reason)
    if (call) this.#tools.leave(reason, call)
    else this.#dispatch({ type: 'leave_failed' })
  }

  #finish(end: SessionEnd): void {
    // Words of a turn that the end of the call cut short are not lost.
    this.#noteCaller(this.#hearing.cutShort())
    this.#noteCaller(this.#keys.cutShort())
    this.#tools.callOver()
    if (end.reason === 'message_left') this.#tools.learn({ messageLeft: this.#replies.lastHeard })
    if (end.failure) this.#parts.record.note({ type: 'failure', failure: end.failure })
    this.#ended.resolve(end.unsaid ? { ...end, language: this.#language } : end)
  }

  #noteCaller(text: string): void {
    const { startedAt, endedAt } = this.#hearing.span
    const startMs = Math.round(this.#line.since(startedAt))
    const endMs = Math.round(this.#line.since(endedAt))
    this.#transcript.add({ role: 'caller', text, startMs, endMs })
  }
}
