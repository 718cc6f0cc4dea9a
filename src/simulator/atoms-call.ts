import { randomBytes } from 'node:crypto'
import type { OutboundCall } from '../providers/smallest/atoms-messages.ts'
import type { AtomsReport } from './atoms-webhooks.ts'
import { type AtomsTurn, talk } from './atoms-talk.ts'
import type { Scenario } from './scenario.ts'
import type { SmallestWorld } from './smallest-world.ts'

const USUAL_RING_MS = 1500

export type AtomsStatus =
  | 'pending'
  | 'in_queue'
  | 'in_progress'
  | 'active'
  | 'processing'
  | 'completed'
  | 'failed'
  | 'no_answer'
  | 'cancelled'

const OVER: ReadonlySet<AtomsStatus> = new Set(['completed', 'failed', 'no_answer', 'cancelled'])

/** How a webhook spells the end of a call. */
const IN_WEBHOOKS: Readonly<Record<string, string>> = {
  completed: 'completed',
  no_answer: 'no-answer',
  cancelled: 'canceled',
  failed: 'failed',
}

export type AtomsCallParts = {
  readonly asked: OutboundCall
  readonly from: string
  readonly scenario: Pick<Scenario, 'person' | 'claude'>
  readonly world: SmallestWorld
  readonly report: (report: AtomsReport) => Promise<void>
}

/** One call that Atoms carries: from the queue to its last webhook. */
export class AtomsCall {
  readonly callId: string
  readonly asked: OutboundCall
  /** Every status that it has had. */
  readonly statuses: AtomsStatus[] = ['pending']
  /** Resolves when its last webhook is out. */
  readonly ended: Promise<void>
  readonly #parts: AtomsCallParts
  readonly #transcript: (AtomsTurn & { readonly timestamp: string })[] = []
  readonly #listeners = new Set<(event: object) => void>()
  readonly #over = new AbortController()
  #answeredAt: number | undefined
  #answeredDate: Date | undefined
  #durationS = 0
  #failureReason: string | undefined
  #events = 0

  constructor(parts: AtomsCallParts) {
    this.#parts = parts
    this.asked = parts.asked
    this.callId = `CALL-${parts.world.clock.date().getTime()}-${randomBytes(3).toString('hex')}`
    this.ended = this.#live()
  }

  get status(): AtomsStatus {
    return this.statuses.at(-1) ?? 'pending'
  }

  get isOver(): boolean {
    return OVER.has(this.status)
  }

  /** Is told of everything from now on. @returns a function that ends it */
  follow(listener: (event: object) => void): () => void {
    this.#listeners.add(listener)
    listener(this.#event('sse_init', {}))
    return () => this.#listeners.delete(listener)
  }

  cancel(): void {
    this.#over.abort(new Error('cancelled'))
  }

  /** As `GET /conversation/{callId}` tells it. */
  log(): object {
    const { asked, from } = this.#parts
    return {
      callId: this.callId,
      status: this.status,
      type: 'telephony_outbound',
      from,
      to: asked.phoneNumber,
      duration: this.#durationS,
      transcript: this.#transcript,
      variables: asked.variables ?? {},
      recordingUrl: null,
      callCost: null,
      callFailureReason: this.#failureReason ?? null,
    }
  }

  async #live(): Promise<void> {
    const { world, scenario } = this.#parts
    const { clock, knobs } = world
    const { signal } = this.#over
    try {
      this.#reach('in_queue')
      await clock.sleep(knobs.queueMs, { signal })
      this.#reach('in_progress')
      await clock.sleep(scenario.person.ringMs ?? USUAL_RING_MS, { signal })
      if (scenario.person.answer === 'yes') await this.#converse()
      else this.#unanswered(scenario.person.answer)
    } catch {
      // Only a cancellation throws.
      this.#reach('cancelled')
    }
    await this.#tellEnd()
  }

  #unanswered(answer: 'busy' | 'no-answer' | 'failed'): void {
    if (answer !== 'no-answer') this.#failureReason = answer === 'busy' ? 'Busy' : 'Unreachable'
    this.#reach(answer === 'no-answer' ? 'no_answer' : 'failed')
  }

  async #converse(): Promise<void> {
    const { world, scenario, asked, from } = this.#parts
    const { clock, knobs } = world
    const { signal } = this.#over
    this.#answeredAt = clock.now()
    this.#answeredDate = clock.date()
    this.#reach('active')
    this.#tell('call_start', {})
    void this.#report('pre-conversation', { toPhone: asked.phoneNumber, fromPhone: from })
    try {
      await talk({
        scenario,
        clock,
        signal,
        begins: ({ role, content }) => {
          if (role !== 'user') return
          const text = content.split(' ').slice(0, 2).join(' ')
          this.#tell('user_interim_transcription', { interim_transcription_text: text })
        },
        said: (turn) => {
          this.#transcript.push({ ...turn, timestamp: clock.date().toISOString() })
          if (turn.role === 'user') {
            this.#tell('user_transcription', { user_transcription_text: turn.content })
          } else this.#tell('tts_completed', { tts_text: turn.content, tts_latency: 200 })
        },
      })
    } finally {
      this.#durationS = Math.round((clock.now() - this.#answeredAt) / 1000)
    }
    this.#tell('call_end', {})
    this.#reach('processing')
    await clock.sleep(knobs.processingMs, { signal })
    this.#reach('completed')
  }

  async #tellEnd(): Promise<void> {
    this.#tell('sse_close', {})
    this.#listeners.clear()
    const { asked, from, world } = this.#parts
    const isBusy = this.#failureReason === 'Busy'
    const callData = {
      fromNumber: from,
      toNumber: asked.phoneNumber,
      callDuration: this.#durationS,
      callStatus: isBusy ? 'busy' : IN_WEBHOOKS[this.status],
      callDirection: 'outbound',
      answerTime: this.#answeredDate?.toISOString() ?? null,
      endTime: world.clock.date().toISOString(),
    }
    await this.#report('post-conversation', {
      callData,
      transcript: this.#transcript,
      recordingUrl: null,
      variables: asked.variables ?? {},
    })
    await this.#report('analytics-completed', {
      callData,
      analytics: { summary: 'A simulated call.', dispositionMetrics: [], successMetrics: [] },
    })
  }

  async #report(eventType: AtomsReport['eventType'], rest: object): Promise<void> {
    const { agentId } = this.asked
    await this.#parts.report({ agentId, callId: this.callId, eventType, rest })
  }

  #reach(status: AtomsStatus): void {
    this.statuses.push(status)
  }

  #tell(type: string, rest: object): void {
    const event = this.#event(type, rest)
    for (const listener of this.#listeners) listener(event)
  }

  #event(event_type: string, rest: object): object {
    return {
      event_type,
      event_id: `event-${++this.#events}`,
      timestamp: this.#parts.world.clock.date().toISOString(),
      call_id: this.callId,
      ...rest,
    }
  }
}
