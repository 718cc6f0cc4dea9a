import type { CallEvent, PassingEvent } from '../calls/call-events.ts'
import type { VendorChoice } from '../calls/vendor-choice.ts'
import { STAGES, type TurnTimings } from '../pipeline/timings.ts'
import { STILL_RUNNING, type Turn } from '../pipeline/transcript.ts'
import type { OpenSpan, Spans } from './spans.ts'
import { parseTraceparent } from './traceparent.ts'
import { partsOf, type ToolRun, turnStart } from './turn-spans.ts'

export type TracedCallOptions = {
  readonly spans: Spans
  readonly model: string | undefined
  /** Whether numbers and words may leave with the spans. */
  readonly showPii: boolean
}

type Created = Extract<CallEvent, { type: 'call.created' }>
type Ended = Extract<CallEvent, { type: 'call.ended' }>

/** A tool may be done long after the turn that asked for it; older turns are not looked for. */
const MAX_TURNS = 20

/**
 * The trace of one call: a span `call`, in it one `turn` for each turn of the agent, and in that what the turn was made of.
 * A turn's spans are made when it is over, with the times that were taken meanwhile.
 */
export class TracedCall {
  readonly #options: TracedCallOptions
  readonly #root: OpenSpan
  /** A time of the clock as milliseconds since 1970. */
  readonly #epoch: (now: number) => number
  readonly #createdAt: number
  readonly #hasGivenOpening: boolean
  readonly #vendors: VendorChoice | undefined
  /**
   * When the line was attached, as a time of the clock: what the times of a turn count from. Nothing says when that was, but no
   * time lies in the future, so each one bounds it; the agent's own turns are told the moment they are over.
   */
  #attachedAt = Infinity
  #tools: ToolRun[] = []
  readonly #turns: { readonly startMs: number; readonly endMs: number; readonly span: OpenSpan }[] =
    []
  #said: { caller: string; agent: string; interrupted: boolean } = NOTHING_SAID

  constructor(options: TracedCallOptions, { record, at, callId }: Created, now: number) {
    const { spans, showPii } = options
    this.#options = options
    this.#createdAt = now
    this.#epoch = (time) => at.getTime() + (time - now)
    this.#hasGivenOpening = record.spec.opening !== undefined
    this.#vendors = record.vendors
    this.#root = spans.start('call', {
      startMs: this.#epoch(now),
      parent: parseTraceparent(record.spec.traceparent),
      attributes: {
        'phone.call.id': callId,
        'phone.call.direction': record.direction,
        'gen_ai.conversation.id': callId,
        ...(showPii && { 'phone.pii.number': record.spec.phoneNumber }),
      },
    })
  }

  /** @param now when it happened, as a time of the clock */
  heed(event: CallEvent | PassingEvent, now: number): void {
    switch (event.type) {
      case 'call.status':
        this.#root.event(event.status, this.#epoch(now))
        return
      case 'call.answered':
        this.#root.event('answered', this.#epoch(now))
        return
      case 'call.answered_by':
        this.#root.set({ 'phone.call.answered_by': event.answeredBy })
        return
      case 'turn':
        this.#bound(now, event.turn.endMs)
        this.#note(event.turn)
        return
      case 'timings':
        this.#turnOver(event.timings, now)
        return
      case 'call.ended':
        this.#end(event, now)
        return
      default:
    }
  }

  /** Another process goes on with the call. */
  letGo(now: number): void {
    this.#root.event('let go', this.#epoch(now))
    this.#root.end(this.#epoch(now))
  }

  #bound(now: number, ...timesMs: readonly number[]): void {
    this.#attachedAt = Math.min(this.#attachedAt, now - Math.max(...timesMs))
  }

  #note(turn: Turn): void {
    switch (turn.role) {
      case 'caller':
        this.#said = { ...this.#said, caller: turn.text }
        return
      case 'agent':
        this.#said = {
          ...this.#said,
          agent: `${this.#said.agent} ${turn.text}`.trim(),
          interrupted: turn.interrupted,
        }
        return
      case 'tool':
        if (turn.result !== STILL_RUNNING) this.#tools.push(turn)
        return
      default:
        turn satisfies never
    }
  }

  #turnOver(times: TurnTimings, now: number): void {
    this.#bound(now, ...STAGES.map((stage) => times[stage] ?? -Infinity))
    // Of a reply that was dropped before anything was made of it there is nothing to show.
    if (!Number.isFinite(this.#attachedAt)) return
    const overMs = now - this.#attachedAt
    const asksAtOnce = times.kind === 'opening' && !this.#hasGivenOpening
    const context = {
      overMs,
      model: this.#options.model,
      vendors: this.#vendors,
      ...(asksAtOnce && { askedMs: this.#createdAt - this.#attachedAt }),
    }
    const bare = turnStart(partsOf(times, { ...context, tools: [] }), overMs)
    const own = this.#tools.filter(({ startMs }) => startMs >= bare)
    this.#tools = this.#tools.filter(({ startMs }) => startMs < bare)
    const parts = partsOf(times, { ...context, tools: own })
    const startMs = turnStart(parts, overMs)
    const span = this.#start('turn', startMs, this.#root, this.#attributesOf(times))
    for (const { name, attributes, ...part } of parts) {
      this.#start(name, part.startMs, span, attributes).end(this.#time(part.endMs))
    }
    span.end(this.#time(overMs))
    this.#turns.push({ startMs, endMs: overMs, span })
    if (this.#turns.length > MAX_TURNS) this.#turns.shift()
    this.#placeTools()
    this.#said = NOTHING_SAID
  }

  /** Tools that were done after their turn was over, or that no turn asked for. */
  #placeTools(): void {
    for (const tool of this.#tools.splice(0)) {
      const turn = this.#turns.find(
        ({ startMs, endMs }) => startMs <= tool.startMs && tool.startMs <= endMs,
      )
      const [part] = partsOf({ reply: 0, kind: 'holding' }, { tools: [tool], overMs: tool.endMs })
      const span = this.#start('tool', tool.startMs, turn?.span ?? this.#root, part?.attributes)
      span.end(this.#time(tool.endMs))
    }
  }

  #start(
    name: string,
    startMs: number,
    parent: OpenSpan,
    attributes: Parameters<Spans['start']>[1]['attributes'],
  ): OpenSpan {
    return this.#options.spans.start(name, {
      startMs: this.#time(startMs),
      parent,
      ...(attributes && { attributes }),
    })
  }

  /** Milliseconds since the line was attached, as milliseconds since 1970. */
  #time(ms: number): number {
    return this.#epoch(this.#attachedAt + ms)
  }

  #attributesOf(times: TurnTimings) {
    const { reply, kind, speechEndMs, heardMs, fillerMs, bargeInMs } = times
    const { caller, agent, interrupted } = this.#said
    return {
      'phone.reply': reply,
      'phone.reply.kind': kind,
      'phone.turn.interrupted': interrupted,
      'phone.turn.barge_in': bargeInMs !== undefined,
      'phone.turn.filler': fillerMs !== undefined,
      ...(speechEndMs !== undefined &&
        heardMs !== undefined && {
          'phone.turn.first_sound_ms': Math.round(heardMs - speechEndMs),
        }),
      ...(this.#options.showPii && {
        'phone.pii.caller_text': caller,
        'phone.pii.agent_text': agent,
      }),
    }
  }

  #end({ status, endReason, failure }: Ended, now: number): void {
    if (Number.isFinite(this.#attachedAt)) this.#placeTools()
    this.#root.set({
      'phone.call.status': status,
      'phone.call.end_reason': endReason,
      ...(failure && { 'phone.failure.by': failure.by, 'phone.failure.code': failure.code }),
    })
    if (failure) this.#root.fail(`${failure.by}: ${failure.code}`)
    this.#root.end(this.#epoch(now))
  }
}

const NOTHING_SAID = { caller: '', agent: '', interrupted: false }
