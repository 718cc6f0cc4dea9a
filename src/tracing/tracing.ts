import type { CallEvent, PassingEvent } from '../calls/call-events.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { SpanExport } from './otlp-export.ts'
import { TracedCall } from './traced-call.ts'

export type TracingOptions = {
  /** Base URL of an OTLP/HTTP collector, such as `http://localhost:4318`; spans go to `/v1/traces` there. */
  readonly endpoint: string
  /** The model's name, for the spans of its requests. */
  readonly model: string
  /** Whether numbers and words may leave with the spans. */
  readonly showPii: boolean
  readonly clock: Clock
  readonly log: Logger
}

/** Events of the moments in which the exporter is loaded: some dozen calls' beginnings. */
const MAX_WAITING = 1000

/** What happened in a call, or `let_go`: it goes on in another process. */
type Noted = {
  readonly callId: string
  readonly event: CallEvent | 'let_go'
  readonly now: number
}

/**
 * Traces of all calls, for an OpenTelemetry collector. Give it every call event (`heed`). OpenTelemetry itself is loaded when
 * this is made, and never otherwise; a collector that is away costs spans, and nothing else.
 */
export class Tracing {
  readonly #options: TracingOptions
  readonly #calls = new Map<string, TracedCall>()
  readonly #loaded: Promise<void>
  #export: SpanExport | undefined
  #waiting: Noted[] | undefined = []

  constructor(options: TracingOptions) {
    this.#options = options
    this.#loaded = this.#load()
  }

  /** Something happened in a call. */
  heed(event: CallEvent | PassingEvent): void {
    // What passes is of no use for a trace, and there is much of it.
    if (event.seq === undefined) return
    this.#note(event.callId, event)
  }

  /** Another process goes on with a call: what is known of it here is all there will be. */
  letGo(callId: string): void {
    this.#note(callId, 'let_go')
  }

  #note(callId: string, event: Noted['event']): void {
    const noted = { callId, event, now: this.#options.clock.now() }
    if (this.#export) this.#take(this.#export, noted)
    else if (this.#waiting && this.#waiting.length < MAX_WAITING) this.#waiting.push(noted)
  }

  /** Sends what there is; takes some seconds when the collector does not answer. Never rejects. */
  async close(): Promise<void> {
    await this.#loaded
    await this.#export?.close()
  }

  async #load(): Promise<void> {
    const { endpoint, log } = this.#options
    try {
      const { openOtlpExport } = await import('./otlp-export.ts')
      const opened = openOtlpExport({ endpoint, log })
      for (const noted of this.#waiting ?? []) this.#take(opened, noted)
      this.#export = opened
    } catch (error) {
      log.error({ err: error }, 'tracing is off: OpenTelemetry cannot be loaded')
    }
    this.#waiting = undefined
  }

  #take({ spans }: SpanExport, { callId, event, now }: Noted): void {
    const { model, showPii } = this.#options
    const call = this.#calls.get(callId)
    if (event === 'let_go') call?.letGo(now)
    else if (event.type === 'call.created') {
      this.#calls.set(callId, new TracedCall({ spans, model, showPii }, event, now))
    } else call?.heed(event, now)
    if (event === 'let_go' || event.type === 'call.ended') this.#calls.delete(callId)
  }
}
