import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { initialTurn, step } from '../../src/pipeline/turn.ts'
import type { TurnEffect, TurnEvent, TurnState } from '../../src/pipeline/turn-events.ts'
import {
  answering,
  aside,
  asked,
  ended,
  failure,
  fired,
  goodbye,
  heardOpening,
  onLine,
  others,
  run,
  waitingForHello,
  words,
} from '../helpers/turn.ts'

const filler: TurnEvent = { type: 'dead_air', rung: 'filler' }
const giveUp: TurnEvent = { type: 'dead_air', rung: 'give_up' }
const dry: TurnEvent = { type: 'reply_dry', reply: 2 }
const audio: TurnEvent = { type: 'reply_audio', reply: 2 }

/** What the last of these events does about the clock of dead air. */
function clockAfter(events: readonly TurnEvent[]): readonly TurnEffect[] {
  const last = events.at(-1)
  if (!last) throw new Error('there are no events')
  const { effects } = step(run(events.slice(0, -1)).state, last)
  return effects.filter((effect) => !others(effects).includes(effect))
}

const watched = [{ type: 'watch_dead_air', waitedMs: 0 }]
const unwatched = [{ type: 'unwatch_dead_air' }]

describe('the clock of dead air', () => {
  it('runs from the end of the caller’s turn to the first sound of the answer', () => {
    expect(clockAfter(asked)).toEqual(watched)
    expect(clockAfter(answering)).toEqual(unwatched)
    expect(clockAfter([...asked, filler])).toEqual([])
  })

  it('runs again when nothing is left to play in the middle of a reply', () => {
    expect(clockAfter([...answering, dry])).toEqual(watched)
    expect(clockAfter([...answering, dry, audio])).toEqual(unwatched)
    expect(clockAfter([...answering, audio])).toEqual([])
    expect(clockAfter([...answering, dry, { type: 'reply_sent', reply: 2 }])).toEqual(unwatched)
  })

  it('begins anew with the caller’s next turn', () => {
    expect(clockAfter([...asked, words])).toEqual(unwatched)
    expect(clockAfter([...asked, ended('And?')])).toEqual(watched)
  })

  it('counts what somebody who says nothing has waited for the first words', () => {
    expect(clockAfter([...waitingForHello, fired('first_words')])).toEqual([
      { type: 'watch_dead_air', waitedMs: 1200 },
    ])
    expect(clockAfter(onLine)).toEqual(watched)
  })

  it('stands still without a line, and in a pause that the caller has made', () => {
    expect(clockAfter([...asked, { type: 'line_lost' }])).toEqual(unwatched)
    const back: TurnEvent = { type: 'line_attached', firstSpeaker: 'agent' }
    expect(clockAfter([...asked, { type: 'line_lost' }, back])).toEqual(watched)
    expect(clockAfter([...answering, dry, { type: 'line_lost' }])).toEqual(unwatched)
    expect(clockAfter([...answering, dry, { type: 'line_lost' }, back])).toEqual([])
    expect(clockAfter([...answering, dry, aside])).toEqual(unwatched)
    expect(clockAfter([...answering, dry, aside, fired('resume'), dry])).toEqual(watched)
  })

  it('is of no matter while a message waits for a machine, or a guess for its confirmation', () => {
    const voicemail: TurnEvent = { type: 'answered_by', by: 'voicemail', message: true }
    expect(clockAfter([...asked, voicemail])).toEqual(unwatched)
    const guess: TurnEvent = { type: 'caller_turn_guessed', text: 'Yes.' }
    expect(clockAfter([...heardOpening, words, guess])).toEqual([])
    expect(run([...heardOpening, words, guess, filler]).effects).toEqual([])
  })
})

describe('somebody who waits for the agent', () => {
  it('hears words that fill the wait, twice, then an apology', () => {
    expect(run([...asked, filler]).effects).toEqual([{ type: 'fill_wait', reply: 2 }])
    expect(run([...asked, filler, filler]).effects).toEqual([{ type: 'fill_wait', reply: 2 }])
    const { state, effects } = run([...asked, filler, filler, giveUp])
    expect(effects).toEqual([
      { type: 'cancel_reply', reply: 2 },
      { type: 'start_reply', reply: 3, kind: 'apology', held: false },
    ])
    expect(state).toMatchObject({
      phase: 'ending',
      end: { reason: 'failed', failure: { by: 'parley', code: 'dead_air' } },
    })
  })

  it('hears them in the middle of a reply as well, and never while it is heard', () => {
    expect(run([...answering, dry, filler]).effects).toEqual([{ type: 'fill_wait', reply: 2 }])
    for (const events of [answering, [...answering, dry, audio], goodbye, heardOpening]) {
      expect(run([...events, filler])).toEqual({ state: run(events).state, effects: [] })
      expect(run([...events, giveUp])).toEqual({ state: run(events).state, effects: [] })
    }
  })

  it('is not given up while a tool is at work', () => {
    for (const rung of ['filler', 'give_up'] as const) {
      const late = step(run(asked).state, { type: 'dead_air', rung, working: true })
      expect(late).toEqual({ state: run(asked).state, effects: watched })
    }
  })

  it('is told nothing when they have asked us to wait, or are a machine', () => {
    const held = [...heardOpening, words, ended('One moment, please.', 'hold')]
    expect(run([...held, filler]).effects).toEqual([])
    const menu: TurnEvent = { type: 'answered_by', by: 'ivr', message: false }
    expect(run([...asked, menu, filler]).effects).toEqual([])
  })

  it('who says “okay” to it still gets the same answer', () => {
    expect(run([...asked, filler, aside])).toEqual({ state: run(asked).state, effects: [] })
    expect(run([...asked, filler, aside, ended('Okay.', 'aside')])).toEqual({
      state: run(asked).state,
      effects: [{ type: 'note_caller', text: 'Okay.' }],
    })
    expect(run([...asked, filler, words]).effects).toEqual([{ type: 'cancel_reply', reply: 2 }])
  })

  it('hears no more of it once the call is over', () => {
    const over = run([...asked, { type: 'line_closed' }])
    expect(step(over.state, filler)).toEqual({ state: { phase: 'ended' }, effects: [] })
  })
})

/** The ladder as it is by default, and what the voice takes to be heard. */
const LADDER = [
  { rung: 'filler', ms: 2000 },
  { rung: 'filler', ms: 5000 },
  { rung: 'give_up', ms: 8000 },
] as const
const FILLER_MS = 1200
const VOICE_MS = 400
/** From one sound to the next: the longest is that from the end of the first filler to the second one. */
const BOUND_MS = 2500

/** What the vendors do with each reply: nothing comes for so long, then so much is heard, again and again, or it fails. */
type Fate = {
  readonly pieces: readonly { readonly afterMs: number; readonly playsMs: number }[]
  readonly end: 'heard' | 'failed' | 'never'
}

const fates: fc.Arbitrary<Fate> = fc.record({
  pieces: fc.array(
    fc.record({ afterMs: fc.nat({ max: 12_000 }), playsMs: fc.integer({ min: 50, max: 3000 }) }),
    { maxLength: 4 },
  ),
  end: fc.constantFrom('heard', 'failed', 'never'),
})
const sayings = fc.array(
  fc.record({ afterMs: fc.nat({ max: 9000 }), how: fc.constantFrom('turn', 'aside', 'words') }),
  { maxLength: 5 },
)

/** A call on a clock of its own. Stock words are always there; what the model is asked for has a fate. */
class TimedCall {
  nowMs = 0
  state: TurnState = initialTurn
  longestSilenceMs = 0
  longestFor = ''
  readonly #fates: Fate[]
  readonly #sent = new Set<number>()
  #due: { readonly atMs: number; readonly reply: number | undefined; readonly run: () => void }[] =
    []
  #ladder = 0
  /** Since when the person hears nothing in the agent's turn. */
  #silentFrom: number | undefined
  #soundsUntil = 0

  constructor(fates: readonly Fate[]) {
    this.#fates = [...fates]
  }

  take(event: TurnEvent): void {
    const { state, effects } = step(this.state, event)
    this.state = state
    for (const effect of effects) this.#carryOut(effect)
  }

  at(ms: number, run: () => void, reply?: number): void {
    this.#due.push({ atMs: this.nowMs + ms, reply, run })
  }

  /** Lets everything happen that is due until then. */
  until(endMs: number): void {
    for (;;) {
      const next = this.#due.toSorted((a, b) => a.atMs - b.atMs)[0]
      if (!next || next.atMs > endMs) break
      this.#due = this.#due.filter((each) => each !== next)
      this.nowMs = Math.max(this.nowMs, next.atMs)
      next.run()
    }
    this.nowMs = endMs
  }

  #sound(forMs: number, what: string): void {
    if (this.#silentFrom !== undefined) {
      const silenceMs = this.nowMs - Math.max(this.#silentFrom, this.#soundsUntil)
      if (silenceMs > this.longestSilenceMs) {
        this.longestSilenceMs = silenceMs
        this.longestFor = what
      }
    }
    this.#soundsUntil = Math.max(this.#soundsUntil, this.nowMs) + forMs
  }

  #carryOut(effect: TurnEffect): void {
    switch (effect.type) {
      case 'watch_dead_air': {
        const ladder = ++this.#ladder
        this.#silentFrom = this.nowMs
        for (const { rung, ms } of LADDER) {
          this.at(ms - effect.waitedMs, () => {
            if (ladder === this.#ladder) this.take({ type: 'dead_air', rung })
          })
        }
        return
      }
      case 'unwatch_dead_air':
        this.#ladder++
        return
      case 'fill_wait':
        this.at(
          VOICE_MS,
          () => {
            if (this.#isWaiting) this.#sound(FILLER_MS, 'filler')
          },
          effect.reply,
        )
        return
      case 'start_reply':
        this.#start(effect)
        return
      case 'resume_reply':
        // Nothing is kept of what was paused: there is nothing to play, unless more comes.
        if (!this.#sent.has(effect.reply))
          this.at(
            0,
            () => {
              this.#runDry(effect.reply)
            },
            effect.reply,
          )
        return
      case 'cancel_reply':
        this.#due = this.#due.filter(({ reply }) => reply !== effect.reply)
        this.#soundsUntil = Math.min(this.#soundsUntil, this.nowMs)
        return
      default:
    }
  }

  /** At the end of what there is to play, fillers included. */
  #runDry(reply: number): void {
    const leftMs = this.#soundsUntil - this.nowMs
    if (leftMs > 0)
      this.at(
        leftMs,
        () => {
          this.#runDry(reply)
        },
        reply,
      )
    else this.take({ type: 'reply_dry', reply })
  }

  get #isWaiting(): boolean {
    const { state } = this
    return state.phase === 'thinking' || (state.phase === 'speaking' && state.dry === true)
  }

  #start({ reply, kind, held }: Extract<TurnEffect, { type: 'start_reply' }>): void {
    const isModels = kind === 'answer'
    const stock: Fate = { pieces: [{ afterMs: VOICE_MS, playsMs: 1500 }], end: 'heard' }
    const fate = isModels ? (this.#fates.shift() ?? stock) : stock
    if (held) return
    let atMs = 0
    let endsMs = 0
    for (const { afterMs, playsMs } of fate.pieces) {
      atMs = Math.max(atMs + afterMs, 1)
      this.at(
        atMs,
        () => {
          this.take({ type: 'reply_audio', reply })
          this.#sound(playsMs, kind)
          if (kind === 'apology') this.#silentFrom = undefined
        },
        reply,
      )
      endsMs = Math.max(endsMs, atMs) + playsMs
      this.at(
        endsMs,
        () => {
          this.#runDry(reply)
        },
        reply,
      )
    }
    if (fate.end === 'never') return
    const last = Math.max(atMs, endsMs)
    this.at(
      last,
      () => {
        if (fate.end === 'failed') this.take({ type: 'reply_failed', reply, failure })
        else {
          this.#sent.add(reply)
          this.take({ type: 'reply_sent', reply })
        }
        this.take({ type: 'reply_heard', reply })
      },
      reply,
    )
  }
}

describe('whatever the vendors do', () => {
  it('nobody waits in silence longer than the ladder allows, and every call goes on or ends', () => {
    fc.assert(
      fc.property(fc.array(fates, { minLength: 1, maxLength: 5 }), sayings, (all, said) => {
        const call = new TimedCall(all)
        for (const event of heardOpening) call.take(event)
        call.take(words)
        call.take(ended('What time is it?'))
        for (const { afterMs, how } of said) {
          call.until(call.nowMs + afterMs)
          if (how === 'aside') {
            call.take(aside)
            call.take(ended('Okay.', 'aside'))
          } else {
            call.take(words)
            if (how === 'turn') call.take(ended('And now?'))
            else call.take(ended(''))
          }
        }
        call.until(call.nowMs + 60_000)
        expect(call.longestSilenceMs, call.longestFor).toBeLessThanOrEqual(BOUND_MS)
        // Nobody is left in a turn of the agent that leads nowhere.
        expect(['listening', 'ended', 'ending', 'speaking', 'paused']).toContain(call.state.phase)
        if (call.state.phase === 'speaking') expect(call.state.dry ?? false).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })
})
