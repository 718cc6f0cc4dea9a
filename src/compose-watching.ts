import type { CallEvents } from './calls/call-events.ts'
import type { Circuits } from './calls/circuits/circuits.ts'
import type { PhoneCalls } from './calls/phone-calls.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import type { MachineReason } from './calls/admission.ts'
import { LoopDelay } from './metrics/loop-delay.ts'
import { MachineLoad } from './metrics/machine-load.ts'
import { Metrics } from './metrics/metrics.ts'
import { StoreCheck } from './metrics/store-check.ts'
import type { Machine } from './routes/health.ts'
import type { StoreOutbox } from './store/store-outbox.ts'
import { Tracing } from './tracing/tracing.ts'

/** Those who measure what the others do. */
export type Watching = {
  readonly metrics: Metrics
  readonly machine: Machine
  /** What the machine says against one more call. */
  readonly closedFor: () => readonly MachineReason[]
  /** The calls are there: what is measured of them can be asked for. */
  watch(calls: PhoneCalls, circuits: Circuits): void
  close(): Promise<void>
}

export function composeWatching(
  config: Config,
  parts: {
    readonly store: StoreOutbox
    readonly events: CallEvents
    readonly clock: Clock
    readonly log: Logger
  },
): Watching {
  const { store, events, clock, log } = parts
  let calls: PhoneCalls | undefined
  let circuits: Circuits | undefined
  const metrics = new Metrics({
    clock,
    isDraining: () => calls?.load.draining ?? false,
    outboxDepth: () => store.depth.writes,
    circuits: () => circuits?.positions ?? new Map(),
    onVendorFailed: (vendor, code) => calls?.vendorFailed(vendor, code),
  })
  const tracing = tracingOf(config, { clock, log })
  events.subscribe((event) => {
    metrics.heed(event)
    tracing?.heed(event)
    calls?.heed(event)
  })
  events.whenLetGo((callId) => {
    metrics.letGo(callId)
    tracing?.letGo(callId)
  })
  const loop = new LoopDelay({
    clock,
    bounds: { delayMs: config.MAX_LOOP_DELAY_MS, utilization: config.MAX_LOOP_UTILIZATION },
  })
  const load = new MachineLoad({
    loop,
    store,
    maxHeapShare: config.MAX_HEAP_SHARE,
    maxRssBytes: config.MAX_RSS_MB === undefined ? undefined : config.MAX_RSS_MB * 1_000_000,
    clock,
  })
  return {
    metrics,
    machine: {
      store: new StoreCheck({ ping: () => store.ping(), clock }),
      outboxDepth: () => store.depth.writes,
      loop,
    },
    closedFor: () => load.reasons,
    watch: (made, known) => {
      calls = made
      circuits = known
    },
    close: async () => {
      load.close()
      loop.close()
      await tracing?.close()
    },
  }
}

function tracingOf(
  config: Config,
  surroundings: { readonly clock: Clock; readonly log: Logger },
): Tracing | undefined {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined) return undefined
  const { ANTHROPIC_MODEL: model, LOG_PII: showPii } = config
  return new Tracing({ endpoint, model, showPii, ...surroundings })
}
