import type { Mulaw8k } from '../audio/samples.ts'
import { FirstSound } from '../audio/sound.ts'
import { ToneDetector } from '../audio/tone-detector.ts'
import type { Clock } from '../clock.ts'
import type { AnsweredBy } from './answering/answered-by.ts'
import { AnswerClassifier, type AnswerVerdict } from './answering/answer-classifier.ts'
import type { AnswerJudge } from './answering/answer-judge.ts'
import type { CallObserver } from './call-observer.ts'
import type { CallPast } from './call-past.ts'
import type { CallerSense } from './caller-sense.ts'
import { CallerTurn, type TurnSpan } from './caller-turn.ts'
import { Patience } from './patience.ts'
import type { HearingEvent, SpeechToText } from './ports.ts'
import { failureOf } from './session-end.ts'
import type { SessionReplies } from './session-replies.ts'
import { pressed } from './transcript.ts'
import type { TurnEvent } from './turn-events.ts'

/** People who have said so much are not taken for machines any more, whatever they quote. */
const TURNS_OF_A_PERSON = 3

/** Who begins to speak so soon after the agent has not heard it: nobody reacts to a sound faster. */
const REACTION_MS = 200
/**
 * Whoever says something more within so long had not finished; after it, they rather wonder where the answer is. 95 of 100
 * pauses inside of turns were shorter than 1.4 s on lines that keep the speakers apart (LiveKit's measurement).
 */
const LONGEST_BREATH_MS = 1500

/**
 * The ears of a call: makes of what the vendor hears, of sounds and of keys what the turn machine needs to know. Tells who
 * has answered, what words amount to, and how patient to be.
 */
export class SessionHearing {
  readonly #parts: SessionHearingParts
  readonly #caller = new CallerTurn()
  readonly #patience: Patience
  readonly #answer: AnswerClassifier
  readonly #tones = new ToneDetector()
  readonly #firstSound = new FirstSound()
  #turnsAsPerson = 0
  /** There was a beep, and nobody has begun to speak since. */
  #hasBeeped = false
  #guess: string | undefined
  /** The turn of the caller that ended last. */
  #span: TurnSpan = { startedAt: 0, endedAt: 0 }
  /** Where its last word ended, in ms of the call's audio; unknown when the agent was heard at that time. */
  #quietFromMs: number | undefined

  constructor(parts: SessionHearingParts) {
    this.#parts = parts
    this.#patience = new Patience(parts.language)
    this.#answer = new AnswerClassifier(parts.language())
    if (parts.past?.facts.answeredBy === 'person') this.#turnsAsPerson = TURNS_OF_A_PERSON
  }

  /** When the caller's last turn was spoken, as times of the clock. */
  get span(): TurnSpan {
    return this.#span
  }

  /** Words of a turn that the end of the call cuts short. */
  cutShort(): string {
    const { words } = this.#caller
    this.#span = this.#caller.end(this.#parts.clock.now())
    return words
  }

  /** Never rejects: that nothing can be heard is for the turn machine to know. */
  async start(signal: AbortSignal): Promise<void> {
    const { stt, dispatch } = this.#parts
    const hear = (event: HearingEvent) => {
      this.hear(event)
    }
    try {
      await stt.start(hear, { signal })
    } catch (error) {
      if (!signal.aborted) dispatch({ type: 'hearing_failed', failure: failureOf(error) })
    }
  }

  receive(frame: Mulaw8k): void {
    this.#caller.sent(frame.length)
    this.#parts.stt.sendAudio(frame)
    if (!this.#listensForMachines) return
    if (this.#firstSound.push(frame)) this.#parts.dispatch({ type: 'caller_sound' })
    for (const { kind } of this.#tones.push(frame)) {
      this.#met(this.#answer.tone(kind))
      if (kind !== 'beep') continue
      this.#parts.dispatch({ type: 'beep' })
      this.#hasBeeped = true
    }
  }

  /** The agent has said this: what it asked for tells how long the caller may need. */
  agentSaid(text: string): void {
    this.#patience.agentAsked(text)
    this.#parts.stt.setPatience(this.#patience.pauseMs)
  }

  /** The carrier believes to know who has answered. */
  carrierHeard(answeredBy: string): void {
    this.#met(this.#answer.carrier(answeredBy))
  }

  hear(event: HearingEvent): void {
    switch (event.type) {
      case 'words':
        this.#hearWords(event)
        return
      case 'turn_end':
        this.#hearEnd(event)
        return
      case 'eager_end':
        if (!this.#parts.speculates) return
        this.#guess = event.text
        this.#parts.dispatch({ type: 'caller_turn_guessed', text: event.text })
        return
      case 'resumed':
        this.#guess = undefined
        this.#parts.dispatch({ type: 'caller_resumed' })
        return
      case 'failed':
        this.#parts.dispatch({ type: 'hearing_failed', failure: failureOf(event.error) })
        return
      default:
        event satisfies never
    }
  }

  /** An entry of keys is a turn of the caller, told in a way that the prompt explains to the model. */
  pressed(keys: string): void {
    const now = this.#parts.clock.now()
    this.#span = { startedAt: now, endedAt: now }
    this.#parts.replies.noteTurnEnd(now, undefined)
    this.#parts.dispatch({
      type: 'caller_turn_ended',
      text: pressed(keys),
      means: 'words',
      guarded: this.#parts.replies.sense('', this.#parts.sense).guarded,
      asGuessed: false,
      expectsBeep: false,
    })
  }

  #hearWords({ text, speechStartMs }: Extract<HearingEvent, { type: 'words' }>): void {
    const { replies, sense, dispatch, clock } = this.#parts
    const now = clock.now()
    if (this.#caller.words === '') this.#hasBeeped = false
    this.#caller.heard(text, now)
    this.#parts.record.partial(text)
    replies.noteBargeIn(now)
    if (speechStartMs !== undefined) this.#noteBreath(speechStartMs, now)
    this.#patience.callerSays(text)
    this.#parts.stt.setPatience(this.#patience.pauseMs)
    dispatch({ type: 'caller_words', ...replies.sense(text, sense, 'partial') })
    // After the words: a machine that is found out by them is still speaking.
    this.#classify(text, 'partial')
  }

  #hearEnd({ text, speechEndMs, pausesMs }: Extract<HearingEvent, { type: 'turn_end' }>): void {
    const { replies, sense, dispatch, clock } = this.#parts
    const now = clock.now()
    const speechEnd = speechEndMs === undefined ? undefined : this.#caller.timeOf(speechEndMs, now)
    // Should it be a machine that is hung up on, its last words are on record all the same.
    this.#caller.heard(text, now)
    this.#classify(text, 'final')
    this.#span = this.#caller.end(speechEnd ?? now)
    replies.noteTurnEnd(now, speechEnd)
    this.#learn(text, pausesMs ?? [])
    this.#quietFromMs = replies.audible ? undefined : speechEndMs
    const { aside, guarded } = replies.sense(text, sense)
    const asGuessed = this.#guess === text
    this.#guess = undefined
    dispatch({
      type: 'caller_turn_ended',
      text,
      means: aside ? 'aside' : sense.meaningOf(text),
      guarded,
      asGuessed,
      expectsBeep: this.#answer.expectsMessageCue,
    })
  }

  #learn(text: string, pausesMs: readonly number[]): void {
    for (const ms of pausesMs) this.#patience.callerPaused(ms)
    const words = text.match(/\S+/gu)?.length ?? 0
    if (words > 0) {
      this.#patience.callerTurn({ words, ms: this.#span.endedAt - this.#span.startedAt })
    }
    this.#parts.stt.setPatience(this.#patience.pauseMs)
  }

  /** A turn that was taken to be over too soon: its speaker goes on, before they could hear an answer. */
  #noteBreath(speechStartMs: number, now: number): void {
    const from = this.#quietFromMs
    this.#quietFromMs = undefined
    if (from === undefined || speechStartMs - from > LONGEST_BREATH_MS) return
    const { spokeFrom = -Infinity } = this.#parts.replies
    const startedAt = this.#caller.timeOf(speechStartMs, now)
    const wasAnswered = spokeFrom >= this.#span.endedAt && spokeFrom < startedAt - REACTION_MS
    if (!wasAnswered) this.#patience.callerPaused(speechStartMs - from)
  }

  /** Whoever rings us is a person; whom we ring may not be. */
  get #listensForMachines(): boolean {
    return this.#parts.direction === 'outbound' && this.#turnsAsPerson < TURNS_OF_A_PERSON
  }

  #classify(text: string, at: 'partial' | 'final'): void {
    if (!this.#listensForMachines || text.trim() === '') return
    // “Please stay on the line” is said by machines as well as by people: it tells nothing new.
    const who = this.#answer.current?.answeredBy ?? 'person'
    if (at === 'final' && who !== 'person' && this.#parts.sense.meaningOf(text) === 'hold') return
    this.#met(this.#answer.words(text, at))
    if (at === 'partial') return
    if (this.#answer.current?.answeredBy === 'person') this.#turnsAsPerson++
    if (this.#answer.isUnsure) this.#askModel(this.#answer.greeting)
  }

  /** While the model thinks about who it is, the conversation goes on as with a person. */
  #askModel(greeting: string): void {
    const { judge, signal, run } = this.#parts
    if (!judge) return
    run(async () => {
      const verdict = await judge.judge(greeting, { signal })
      if (verdict && !signal.aborted) this.#met(this.#answer.judged(verdict))
    })
  }

  #met(verdict: AnswerVerdict | undefined): void {
    if (!verdict) return
    if (verdict.answeredBy !== 'person') this.#turnsAsPerson = 0
    this.#parts.onMet(verdict.answeredBy)
    // It beeped before anybody knew what that meant: it records already.
    if (verdict.answeredBy === 'voicemail' && this.#hasBeeped)
      this.#parts.dispatch({ type: 'beep' })
  }
}

export type SessionHearingParts = {
  /** Of a call that another process has carried so far: who has answered is known. */
  readonly past?: CallPast | undefined
  readonly direction: 'outbound' | 'inbound'
  readonly language: () => string
  readonly sense: CallerSense
  readonly stt: SpeechToText
  readonly replies: SessionReplies
  readonly judge: AnswerJudge | undefined
  /** Whether answers are prepared for turns that have probably ended. */
  readonly speculates: boolean
  readonly record: Pick<CallObserver, 'partial'>
  readonly clock: Clock
  /** Aborted when the call is over. */
  readonly signal: AbortSignal
  readonly onMet: (who: AnsweredBy) => void
  readonly dispatch: (event: TurnEvent) => void
  readonly run: (task: () => Promise<void>) => void
}
