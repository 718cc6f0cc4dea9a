import type { HearingEvent, TimedWord } from '../ports.ts'

type Heard = Exclude<HearingEvent, { type: 'failed' | 'resumed' }>
type Fresh = { readonly text: string; readonly timed: readonly TimedWord[] | undefined }

/** The newest words of a turn that goes on may be half a word, and may still change: they are heard again. */
const UNSETTLED_MS = 400
/** A recogniser that begins in the middle of speech needs some of what came before. */
const LEAD_IN_MS = 200
/** Two connections time the same word so differently. */
const TIMING_TOLERANCE_MS = 100
/** As `HearingEvent` has it; shorter gaps are part of how words are spoken. */
const MIN_PAUSE_MS = 200

const nothing: Fresh = { text: '', timed: [] }

/**
 * The caller's turn as it is told to the call, whichever connections heard it. Words that one connection has told and the
 * next hears again are told once, by where in the call's audio they are; a turn in which a connection is lost goes on as one
 * turn. Times are in ms of the call's audio. Pure.
 */
export class HeardTurn {
  /** What connections before this one have heard, and this one is not to hear again. */
  #kept: Fresh = nothing
  /** What this connection has heard after it. */
  #heard: Fresh = nothing
  #raw = ''
  /** Words before this are known already. */
  #seamMs = -Infinity
  /** Where the words end that the connection before this one told: until there, this one has nothing new to tell. */
  #catchUpMs = -Infinity
  #told = ''
  #toldEndMs: number | undefined
  #toldAtMs = 0
  #isEager = false

  get isOpen(): boolean {
    return this.#told !== ''
  }

  /** The words told are those of connections that are gone: this one has heard nothing of the turn yet. */
  get isOrphan(): boolean {
    return this.isOpen && this.#heard.text === ''
  }

  /** Where the last word that was told ended. */
  get toldEndMs(): number | undefined {
    return this.#toldEndMs
  }

  /** From where on the next connection has to hear: of an open turn what is not settled, otherwise what follows the last one. */
  get resumeMs(): number {
    return this.isOpen && this.#kept.timed ? this.#seamMs - LEAD_IN_MS : this.#seamMs
  }

  /**
   * What the present connection has heard, as events to tell.
   *
   * @param nowMs how much audio of the call there is
   */
  hear(event: Heard | Extract<HearingEvent, { type: 'resumed' }>, nowMs: number): HearingEvent[] {
    if (event.type === 'resumed') return this.#takeBack()
    this.#heard = this.#freshOf(event)
    this.#raw = event.text
    this.#toldAtMs = nowMs
    switch (event.type) {
      case 'words':
        return this.#isBehind ? [] : this.#tell(event.speechStartMs)
      case 'eager_end':
        return this.#isBehind ? [] : this.#hearEager()
      case 'turn_end':
        return this.#isBehind ? this.#fold(event) : this.#hearEnd(event)
    }
  }

  /**
   * The present connection is lost. What it may have heard wrong or half, and what is no longer told where, is left to the
   * next one.
   *
   * @param oldestMs where the audio begins that can be heard again
   */
  lose(oldestMs: number): HearingEvent[] {
    const events = this.#takeBack()
    if (this.isOpen) this.#settle(oldestMs)
    this.#heard = nothing
    this.#raw = ''
    return events
  }

  /** Ends the turn with what was told of it. */
  end(): HearingEvent[] {
    if (!this.isOpen) return []
    const end = this.#endEvent(this.#told, this.#toldEndMs, {})
    const events = [...this.#takeBack(), end]
    this.#close(this.#toldEndMs ?? this.#toldAtMs)
    return events
  }

  #settle(oldestMs: number): void {
    const { timed: kept } = this.#kept
    const { timed: heard } = this.#heard
    const endMs = this.#toldEndMs
    if (!kept || !heard || endMs === undefined) {
      // Nobody knows where the words are: what was told stays, and the rest is heard from here on.
      this.#kept = { text: this.#told, timed: undefined }
      this.#seamMs = Math.max(oldestMs, this.#toldAtMs)
      this.#catchUpMs = -Infinity
      return
    }
    const words = [...kept, ...heard]
    const settledUntilMs = Math.min(endMs, heard.at(-1)?.endMs ?? endMs) - UNSETTLED_MS
    const unsettled = words.findIndex(
      (word) => word.endMs > settledUntilMs && middleOf(word) >= oldestMs,
    )
    const settled = unsettled === -1 ? words : words.slice(0, unsettled)
    const lastMs = settled.at(-1)?.endMs ?? -Infinity
    const nextMs = words[settled.length]?.startMs ?? lastMs
    this.#kept = { text: joined(settled.map(({ text }) => text)), timed: settled }
    const seamMs = settled.length > 0 ? (lastMs + nextMs) / 2 : nextMs - TIMING_TOLERANCE_MS
    this.#seamMs = Math.max(oldestMs, this.#seamMs, seamMs)
    this.#catchUpMs = endMs
  }

  #freshOf(event: Heard): Fresh {
    const { text, timed } = event
    // An end may repeat the words without their times.
    if (!timed)
      return text === this.#raw ? this.#heard : { text, timed: text === '' ? [] : undefined }
    const fresh = timed.filter((word) => middleOf(word) >= this.#seamMs)
    if (fresh.length === timed.length) return { text, timed }
    return { text: joined(fresh.map((word) => word.text)), timed: fresh }
  }

  /** Words that were told already come again: there may be fewer of them than were told. */
  get #isBehind(): boolean {
    const { timed } = this.#heard
    if (!timed || this.#catchUpMs === -Infinity) return false
    return (timed.at(-1)?.endMs ?? -Infinity) < this.#catchUpMs - TIMING_TOLERANCE_MS
  }

  get #whole(): string {
    return joined([this.#kept.text, this.#heard.text])
  }

  #tell(speechStartMs: number | undefined): HearingEvent[] {
    const text = this.#whole
    this.#catchUpMs = -Infinity
    if (text === '' || text === this.#told) return []
    const startMs = this.#heard.timed?.[0]?.startMs ?? speechStartMs
    const start = this.isOpen || startMs === undefined ? {} : { speechStartMs: startMs }
    this.#told = text
    this.#toldEndMs = this.#heard.timed?.at(-1)?.endMs
    return [...this.#takeBack(), { type: 'words', text, ...start }]
  }

  #hearEager(): HearingEvent[] {
    const before = this.#whole === this.#told ? [] : this.#tell(undefined)
    if (this.#told === '' || this.#isEager) return before
    this.#isEager = true
    return [...before, { type: 'eager_end', text: this.#told }]
  }

  #takeBack(): HearingEvent[] {
    if (!this.#isEager) return []
    this.#isEager = false
    return [{ type: 'resumed' }]
  }

  #hearEnd(event: Extract<HearingEvent, { type: 'turn_end' }>): HearingEvent[] {
    const text = this.#whole
    const endMs = event.speechEndMs ?? this.#toldEndMs
    // A turn of words that were told long ago, heard once more.
    if (!this.isOpen && text === '') return []
    const isAsTold = text === this.#told
    // Only a change that an eager end did not foresee takes it back; marks that an end adds are no change to tell first.
    const before = !this.isOpen || (this.#isEager && !isAsTold) ? this.#tell(undefined) : []
    const events = [...before, this.#endEvent(text, endMs, event)]
    this.#close(endMs ?? this.#toldAtMs)
    return events
  }

  /** The connection before this one has heard that the caller went on after this end. */
  #fold(event: Extract<HearingEvent, { type: 'turn_end' }>): HearingEvent[] {
    const { timed = [] } = this.#heard
    this.#seamMs = Math.max(this.#seamMs, event.speechEndMs ?? timed.at(-1)?.endMs ?? -Infinity)
    this.#kept = { text: this.#whole, timed: [...(this.#kept.timed ?? []), ...timed] }
    this.#heard = nothing
    this.#raw = ''
    return []
  }

  #endEvent(
    text: string,
    speechEndMs: number | undefined,
    { pausesMs }: { readonly pausesMs?: readonly number[] },
  ): HearingEvent {
    const { timed: kept } = this.#kept
    const { timed: heard } = this.#heard
    const isOwn = this.#kept.text === ''
    const pauses = isOwn || !kept || !heard ? pausesMs : pausesIn([...kept, ...heard])
    return {
      type: 'turn_end',
      text,
      ...(speechEndMs !== undefined && { speechEndMs }),
      ...(pauses && { pausesMs: pauses }),
    }
  }

  #close(endMs: number): void {
    this.#kept = this.#heard = nothing
    this.#raw = this.#told = ''
    this.#toldEndMs = undefined
    this.#catchUpMs = -Infinity
    this.#isEager = false
    this.#seamMs = endMs
  }
}

function middleOf({ startMs, endMs }: TimedWord): number {
  return (startMs + endMs) / 2
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join(' ')
}

function pausesIn(words: readonly TimedWord[]): readonly number[] | undefined {
  const pauses = words.flatMap(({ startMs }, i) => {
    const ms = startMs - (words[i - 1]?.endMs ?? startMs)
    return ms >= MIN_PAUSE_MS ? [ms] : []
  })
  return pauses.length > 0 ? pauses : undefined
}
