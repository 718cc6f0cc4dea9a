import { collectDefaultMetrics, Registry } from 'prom-client'
import type { CallEvent, PassingEvent } from '../calls/call-events.ts'
import type { CircuitPosition } from '../calls/circuits/vendor-circuit.ts'
import type { Clock } from '../clock.ts'
import type { Provider } from '../errors.ts'
import type { Line } from '../pipeline/ports.ts'
import { CallMeter } from './call-meter.ts'
import { instruments, type Instruments } from './instruments.ts'
import type { Meters, TokenKind, VendorUse } from './meters.ts'

export type MetricsOptions = {
  readonly clock: Clock
  readonly isDraining: () => boolean
  /** Records that wait to be written to the store. */
  readonly outboxDepth: () => number
  /** What is known of each vendor. */
  readonly circuits?: () => ReadonlyMap<string, CircuitPosition>
  /** A vendor failed in a request, whether or not a call went on. */
  readonly onVendorFailed?: (vendor: Provider, code: string) => void
}

/**
 * What all calls of this process amount to, for Prometheus. Give it every call event (`heed`), every line that is attached to a
 * call (`tapLine`), and itself to whoever counts (`Meters`). No label holds a number, a name or an id.
 */
export class Metrics implements Meters {
  readonly #clock: Clock
  readonly #registry = new Registry()
  readonly #onVendorFailed: MetricsOptions['onVendorFailed']
  readonly #instruments: Instruments
  readonly #live = new Map<string, CallMeter>()
  readonly #sockets = new Set<() => number>()
  /** Since the last scrape: counted by hand, because frames are many. */
  #frames = { in: 0, out: 0 }

  constructor({ clock, isDraining, outboxDepth, circuits, onVendorFailed }: MetricsOptions) {
    this.#clock = clock
    this.#onVendorFailed = onVendorFailed
    this.#instruments = instruments(this.#registry, {
      active: () => this.#active(),
      draining: isDraining,
      outboxDepth,
      circuits: circuits ?? (() => new Map()),
      bufferedBytes: () => Math.max(0, ...Array.from(this.#sockets, (bytes) => bytes())),
    })
    collectDefaultMetrics({ register: this.#registry })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** Everything, in the text format of Prometheus. */
  async text(): Promise<string> {
    const { mediaFrames } = this.#instruments
    const frames = this.#frames
    this.#frames = { in: 0, out: 0 }
    mediaFrames.inc({ dir: 'in' }, frames.in)
    mediaFrames.inc({ dir: 'out' }, frames.out)
    return this.#registry.metrics()
  }

  /** Something happened in a call. */
  heed(event: CallEvent | PassingEvent): void {
    const { callId } = event
    const call = this.#live.get(callId)
    switch (event.type) {
      case 'call.created':
        this.#live.set(callId, new CallMeter(event.record.direction, this.#clock))
        return
      case 'call.resumed':
        this.#live.set(callId, new CallMeter(event.direction, this.#clock, event.elapsedMs))
        this.#instruments.callsResumed.inc()
        return
      case 'call.answered':
        if (call) this.#answered(call)
        return
      case 'turn': {
        const toolMs = call?.turn(event.turn)
        if (toolMs !== undefined) this.#stage('tool', toolMs)
        return
      }
      case 'timings':
        if (call) this.#turnOver(call, event)
        return
      case 'call.ended':
        this.#live.delete(callId)
        this.#ended(call, event)
        return
      default:
    }
  }

  /** Another process goes on with a call; how it ends is counted there. */
  letGo(callId: string): void {
    this.#live.delete(callId)
  }

  /** The same line, for the call to talk through; what it plays is noted. For the moment at which it is attached. */
  tapLine(callId: string, line: Line): Line {
    return this.#live.get(callId)?.tap(line) ?? line
  }

  vendorFailed(
    provider: Provider | 'parley',
    { kind, code }: { readonly kind: VendorUse; readonly code: string },
  ): void {
    this.#instruments.vendorErrors.inc({ provider, kind, code })
    if (provider !== 'parley' && kind !== 'call') this.#onVendorFailed?.(provider, code)
  }

  vendorReconnected(provider: Provider): void {
    this.#instruments.vendorReconnects.inc({ provider })
  }

  mediaFrames(direction: 'in' | 'out', count: number): void {
    this.#frames[direction] += count
  }

  mediaRejected(reason: string): void {
    this.#instruments.mediaRejected.inc({ reason })
  }

  streamTokenRejected(reason: 'missing' | 'unknown'): void {
    this.#instruments.tokensRejected.inc({ reason })
  }

  signatureFailed(): void {
    this.#instruments.signatureFailures.inc()
  }

  dialBlocked(reason: string): void {
    this.#instruments.dialBlocked.inc({ reason })
  }

  storeFailed(op: string): void {
    this.#instruments.storeErrors.inc({ op })
  }

  tokens(kind: TokenKind, count: number): void {
    this.#instruments.tokens.inc({ kind }, count)
  }

  spokenChars(count: number): void {
    this.#instruments.spokenChars.inc(count)
  }

  watchSocket(bufferedBytes: () => number): () => void {
    this.#sockets.add(bufferedBytes)
    return () => this.#sockets.delete(bufferedBytes)
  }

  #active(): Record<'inbound' | 'outbound', number> {
    const active = { inbound: 0, outbound: 0 }
    for (const { direction } of this.#live.values()) active[direction]++
    return active
  }

  #answered(call: CallMeter): void {
    const setupMs = call.answered()
    if (setupMs === undefined) return
    this.#instruments.callSetup.observe({ direction: call.direction }, setupMs / 1000)
  }

  #stage(stage: string, ms: number): void {
    this.#instruments.stageLatency.observe({ stage }, ms / 1000)
  }

  #turnOver(call: CallMeter, { timings }: Extract<CallEvent, { type: 'timings' }>): void {
    const { turnLatency, deadAir, fillers, bargeIns, interruptStop } = this.#instruments
    const figures = call.turnOver(timings)
    if (figures.latencyMs !== undefined) turnLatency.observe(figures.latencyMs / 1000)
    for (const { stage, ms } of figures.stages) this.#stage(stage, ms)
    for (const ms of figures.silencesMs) deadAir.observe(ms / 1000)
    if (figures.filledFor) fillers.inc({ reason: figures.filledFor })
    if (figures.stopMs !== undefined) interruptStop.observe(figures.stopMs / 1000)
    if (figures.cutOff) bargeIns.inc()
  }

  #ended(call: CallMeter | undefined, event: Extract<CallEvent, { type: 'call.ended' }>): void {
    const { status, endReason, failure } = event
    // Only a call that something else was to dial ends without having been live.
    const direction = call?.direction ?? 'outbound'
    const isOrdinary = status === 'completed' || endReason === 'expired'
    this.#instruments.calls.inc({ direction, outcome: isOrdinary ? endReason : status })
    const durationMs = call?.durationMs
    if (durationMs !== undefined) {
      this.#instruments.callDuration.observe({ direction }, durationMs / 1000)
    }
    // The vendor's own code, behind the colon or the underscore, is one of hundreds.
    if (failure) this.vendorFailed(failure.by, { kind: 'call', code: shortCode(failure.code) })
  }
}

function shortCode(code: string): string {
  return code.startsWith('sip_') ? 'sip' : (code.split(':')[0] ?? code)
}
