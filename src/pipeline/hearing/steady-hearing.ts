import { RecentAudio } from '../../audio/recent-audio.ts'
import type { Mulaw8k } from '../../audio/samples.ts'
import type { Cancel, Clock } from '../../clock.ts'
import { ProviderError, type Provider } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { NORMAL_PAUSE_MS } from '../patience.ts'
import type { HearingEvent, HearingListener, SpeechToText } from '../ports.ts'
import { AudioFeed } from './audio-feed.ts'
import { inCallTime } from './call-times.ts'
import { CallerSound } from './caller-sound.ts'
import { HeardTurn } from './heard-turn.ts'
import { Lateness } from './lateness.ts'
import type { Recogniser } from './recogniser.ts'
import { Recoveries } from './recoveries.ts'

/** What was said while nobody heard, and what is heard again: an outage lasts no longer than half of it. */
const KEPT_MS = 12_000
/** Words are told up to so much after they were spoken: Nova tells them once a second. */
const UNTOLD_MS = 1500
/** A caller who is quiet for so long has finished, when nobody can tell by their words. */
const BRIDGE_MS = 1200
/** Sounds that end so soon after the last word belong to it. */
const WORD_TAIL_MS = 200

export type SteadyHearingParts = {
  /** At least one; the first that is well is asked first. */
  readonly recognisers: readonly Recogniser[]
  /** BCP 47 */
  readonly language: string
  readonly clock: Clock
  readonly log: Logger
  /** From 0 to 1. */
  readonly random: () => number
  /** A lost connection is made again. */
  readonly onReconnect: (vendor: Provider) => void
}

/** One recogniser at work, or on its way to it. */
type Session = {
  readonly index: number
  readonly stt: SpeechToText
  feed?: AudioFeed
  listensSince: number
  hasHeard: boolean
}

/**
 * Hears one call, whatever becomes of connections and vendors: a lost one is made again or replaced by the next recogniser,
 * which is given the audio that nobody has told of. No word is lost or told twice by it, and a turn in progress goes on.
 * Fails only when nobody is left, or nobody hears for too long.
 */
export class SteadyHearing implements SpeechToText {
  readonly #parts: SteadyHearingParts
  readonly #recent = new RecentAudio(KEPT_MS)
  readonly #sound = new CallerSound(KEPT_MS)
  readonly #turn = new HeardTurn()
  readonly #recoveries: Recoveries
  readonly #lateness: Lateness
  readonly #started = Promise.withResolvers<undefined>()
  readonly #tasks = new Set<Promise<void>>()
  #listener: HearingListener | undefined
  #signal: AbortSignal | undefined
  #session: Session | undefined
  #language: string
  #pauseMs = NORMAL_PAUSE_MS
  #cancelWait: Cancel | undefined
  #isOver = false
  #wasHeard = false
  /** Since when nobody hears, and what part of the audio nobody has told of for certain. */
  #deafSince = 0
  #untoldFromMs = 0

  constructor(parts: SteadyHearingParts) {
    this.#parts = parts
    this.#language = parts.language
    const circuits = parts.recognisers.map(({ circuit }) => circuit)
    this.#recoveries = new Recoveries(circuits, parts.random)
    this.#lateness = new Lateness(parts.clock)
  }

  async start(listener: HearingListener, { signal }: { signal: AbortSignal }): Promise<void> {
    if (this.#signal) throw new Error('hearing is started once')
    signal.throwIfAborted()
    this.#listener = listener
    this.#signal = signal
    const onAbort = () => {
      this.#stop(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    this.#deafSince = this.#parts.clock.now()
    this.#connect(this.#recoveries.current)
    await this.#started.promise
  }

  sendAudio(audio: Mulaw8k): void {
    if (audio.length === 0 || this.#isOver) return
    this.#recent.push(audio)
    this.#sound.push(audio)
    this.#session?.feed?.push(audio)
    this.#bridge()
  }

  setPatience(pauseMs: number): void {
    this.#pauseMs = pauseMs
    this.#session?.stt.setPatience(pauseMs)
  }

  switchLanguage(language: string): void {
    this.#language = language
    this.#session?.stt.switchLanguage(language)
  }

  async close(): Promise<void> {
    this.#stop(new DOMException('hearing was closed before it listened', 'AbortError'))
    await Promise.all(this.#tasks)
  }

  #connect(index: number): void {
    const recogniser = this.#parts.recognisers[index]
    if (!recogniser) throw new RangeError('there is no such recogniser')
    const stt = recogniser.make(this.#language)
    stt.setPatience(this.#pauseMs)
    const session: Session = { index, stt, listensSince: 0, hasHeard: false }
    this.#session = session
    this.#run(this.#listen(session, recogniser))
  }

  async #listen(session: Session, { vendor }: Recogniser): Promise<void> {
    const signal = this.#signal ?? AbortSignal.abort()
    const isPresent = () => this.#session === session
    try {
      await session.stt.start(
        (event) => {
          if (isPresent()) this.#hear(session, event)
        },
        { signal },
      )
    } catch (error) {
      if (isPresent()) this.#lost(session, { error: asProviderError(error, vendor), unheardMs: 0 })
      return
    }
    if (isPresent()) this.#begin(session)
  }

  #begin(session: Session): void {
    const { clock, log, recognisers } = this.#parts
    const fromMs = Math.max(this.#turn.resumeMs, this.#turn.isOpen ? 0 : this.#untoldFromMs)
    session.listensSince = clock.now()
    session.feed = new AudioFeed(
      {
        recent: this.#recent,
        sound: this.#sound,
        clock,
        send: (audio) => {
          session.stt.sendAudio(audio)
        },
      },
      fromMs,
    )
    this.#lateness.reset()
    if (this.#wasHeard) {
      const deafMs = Math.round(clock.now() - this.#deafSince)
      const { lagMs } = session.feed
      log.info({ recogniser: recognisers[session.index]?.name, deafMs, lagMs }, 'hearing again')
    }
    this.#wasHeard = true
    this.#started.resolve(undefined)
  }

  #hear(session: Session, event: HearingEvent): void {
    if (event.type === 'failed') {
      this.#lost(session, { error: event.error, unheardMs: event.unheardMs ?? 0 })
      return
    }
    if (!session.hasHeard) {
      session.hasHeard = true
      this.#parts.recognisers[session.index]?.circuit.succeeded()
    }
    const mapped = inCallTime(event, session.feed)
    for (const told of this.#turn.hear(mapped, this.#recent.endMs)) this.#tell(told)
    this.#judge(session, mapped)
  }

  /** Who hears well, but long after it was said, is replaced while somebody else can be. */
  #judge(session: Session, event: HearingEvent): void {
    if (event.type !== 'words' || session.feed === undefined || session.feed.lagMs > 0) return
    const { timed } = event
    const isLate = this.#lateness.note(this.#recent.endMs - (timed?.at(-1)?.endMs ?? Infinity))
    if (!isLate || !this.#recoveries.hasOther) return
    const vendor = this.#parts.recognisers[session.index]?.vendor ?? 'deepgram'
    const error = new ProviderError('words come long after they were spoken', {
      provider: vendor,
      code: 'timeout',
    })
    this.#recoveries.giveUpCurrent()
    this.#lost(session, { error, unheardMs: this.#lateness.ms })
  }

  #lost(session: Session, { error, unheardMs }: { error: ProviderError; unheardMs: number }): void {
    const { clock, log, recognisers, onReconnect } = this.#parts
    const { index, feed } = session
    const recogniser = recognisers[index]
    this.#drop(session)
    recogniser?.circuit.failed(error)
    if (feed) {
      this.#deafSince = clock.now()
      this.#untoldFromMs = this.#recent.endMs - feed.lagMs - unheardMs - UNTOLD_MS
      for (const told of this.#turn.lose(this.#recent.startMs)) this.#tell(told)
    }
    const next = this.#recoveries.after({
      error,
      listenedMs: feed && clock.now() - session.listensSince,
      deafMs: clock.now() - this.#deafSince,
      wasHeard: this.#wasHeard,
    })
    if (!next) {
      this.#fail(error)
      return
    }
    const nextName = recognisers[next.recogniser]?.name
    const isNew = feed !== undefined || next.recogniser !== index
    log[isNew ? 'warn' : 'debug'](
      { err: error, recogniser: recogniser?.name, next: nextName, waitMs: Math.round(next.waitMs) },
      'hearing was lost',
    )
    this.#cancelWait = clock.after(next.waitMs, () => {
      onReconnect(recognisers[next.recogniser]?.vendor ?? error.provider)
      this.#connect(next.recogniser)
    })
  }

  /**
   * Ends a turn by the caller's silence while nobody can end it by their words: nobody hears, and all that was said has been
   * told; or whoever hears now was given what followed it, and has found no word in that.
   */
  #bridge(): void {
    const { toldEndMs, isOpen, isOrphan } = this.#turn
    const quietMs = this.#sound.quietMs
    if (!isOpen || quietMs < Math.max(BRIDGE_MS, this.#pauseMs)) return
    const feed = this.#session?.feed
    const isAllTold = this.#recent.endMs - quietMs <= (toldEndMs ?? -Infinity) + WORD_TAIL_MS
    const since = this.#session?.listensSince ?? 0
    const isUnanswered =
      isOrphan && feed?.lagMs === 0 && this.#parts.clock.now() - since >= BRIDGE_MS + UNTOLD_MS
    if (feed ? !isUnanswered : !isAllTold) return
    for (const told of this.#turn.end()) this.#tell(told)
  }

  #tell(event: HearingEvent): void {
    if (!this.#isOver) this.#listener?.(event)
  }

  #fail(error: ProviderError): void {
    if (this.#isOver) return
    const wasHeard = this.#wasHeard
    this.#stop(error)
    if (wasHeard) this.#listener?.({ type: 'failed', error })
  }

  /** Nothing is heard from here on; `reason` is what a `start` that has not resolved rejects with. */
  #stop(reason: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelWait?.()
    if (this.#session) this.#drop(this.#session)
    this.#started.reject(reason)
    // Nobody may be waiting for it.
    this.#started.promise.catch(() => undefined)
  }

  #drop(session: Session): void {
    this.#session = undefined
    session.feed?.stop()
    this.#run(session.stt.close())
  }

  #run(task: Promise<void>): void {
    const kept = task.finally(() => this.#tasks.delete(kept))
    this.#tasks.add(kept)
  }
}

function asProviderError(error: unknown, provider: Provider): ProviderError {
  if (error instanceof ProviderError) return error
  return new ProviderError('hearing broke down', { provider, code: 'protocol', cause: error })
}
