import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { CircuitPosition } from '../calls/circuits/vendor-circuit.ts'
import { TOKEN_KINDS } from './meters.ts'

/** Seconds. The first ones tell a good conversation from a very good one. */
const LATENCY_BUCKETS = [0.2, 0.3, 0.5, 0.7, 0.9, 1.2, 1.6, 2, 2.5, 4, 8]
const STAGE_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2, 4, 8]
/** From the words that interrupt to the silent line: no network lies between. */
const STOP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5]
const DURATION_BUCKETS = [5, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600]
const SETUP_BUCKETS = [1, 2, 4, 6, 8, 12, 16, 20, 30, 45, 60]

/** What a scrape asks for; the rest is counted as it happens. */
export type Gauges = {
  readonly active: () => Readonly<Record<'inbound' | 'outbound', number>>
  readonly draining: () => boolean
  readonly outboxDepth: () => number
  readonly bufferedBytes: () => number
  readonly circuits: () => ReadonlyMap<string, CircuitPosition>
}

const POSITIONS = { closed: 0, half_open: 1, open: 2 } as const

/** All of our own metrics, in a registry. Their meaning is in docs/metrics.md. */
export function instruments(registry: Registry, gauges: Gauges) {
  const registers = [registry]
  sampled(registers, gauges)
  return { ...ofCalls(registers), ...ofTurns(registers), ...ofTraffic(registers) }
}

export type Instruments = ReturnType<typeof instruments>

type Registers = Registry[]

function sampled(registers: Registers, gauges: Gauges): void {
  new Gauge({
    name: 'phone_calls_active',
    help: 'Calls that are going on, from dialling or ringing to their end',
    labelNames: ['direction'],
    registers,
    collect() {
      for (const [direction, count] of Object.entries(gauges.active())) {
        this.set({ direction }, count)
      }
    },
  })
  new Gauge({
    name: 'phone_draining',
    help: '1 while the server takes no new calls because it is about to stop',
    registers,
    collect() {
      this.set(gauges.draining() ? 1 : 0)
    },
  })
  new Gauge({
    name: 'phone_outbox_depth',
    help: 'Records that wait to be written to the store',
    registers,
    collect() {
      this.set(gauges.outboxDepth())
    },
  })
  new Gauge({
    name: 'phone_provider_circuit_state',
    help: '0 while the vendor is well, 2 while it is known to be broken, 1 while it is asked whether it still is',
    labelNames: ['provider'],
    registers,
    collect() {
      for (const [provider, position] of gauges.circuits()) {
        this.set({ provider }, POSITIONS[position])
      }
    },
  })
  new Gauge({
    name: 'phone_ws_buffered_bytes',
    help: 'Audio that the network has not taken yet, of the media stream that is worst off',
    registers,
    collect() {
      this.set(gauges.bufferedBytes())
    },
  })
}

function ofCalls(registers: Registers) {
  return {
    calls: new Counter({
      name: 'phone_calls_total',
      help: 'Calls that are over',
      labelNames: ['direction', 'outcome'],
      registers,
    }),
    callDuration: new Histogram({
      name: 'phone_call_duration_seconds',
      help: 'From the answer to the end of a call',
      labelNames: ['direction'],
      buckets: DURATION_BUCKETS,
      registers,
    }),
    callSetup: new Histogram({
      name: 'phone_call_setup_seconds',
      help: 'From the request to dial, or the ringing of an inbound call, to its answer',
      labelNames: ['direction'],
      buckets: SETUP_BUCKETS,
      registers,
    }),
    callsResumed: new Counter({
      name: 'phone_calls_resumed_total',
      help: 'Calls that went on after the process that had carried them died',
      registers,
    }),
    dialBlocked: new Counter({
      name: 'phone_dial_blocked_total',
      help: 'Calls that were asked for and not dialled',
      labelNames: ['reason'],
      registers,
    }),
  }
}

function ofTurns(registers: Registers) {
  return {
    turnLatency: new Histogram({
      name: 'phone_turn_latency_seconds',
      help: "From the end of the caller's speech to the first sound of the answer; fillers are no answers",
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    stageLatency: new Histogram({
      name: 'phone_stage_latency_seconds',
      help: 'What each stage added to the latency of a turn; tool: how long a tool ran',
      labelNames: ['stage'],
      buckets: STAGE_BUCKETS,
      registers,
    }),
    deadAir: new Histogram({
      name: 'phone_dead_air_seconds',
      help: "Silences in the agent's turn: before its first sound, and in the middle of what it says",
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    fillers: new Counter({
      name: 'phone_fillers_total',
      help: 'Turns in which words bridged a wait',
      labelNames: ['reason'],
      registers,
    }),
    bargeIns: new Counter({
      name: 'phone_barge_in_total',
      help: 'Turns of the agent that the caller cut off',
      registers,
    }),
    interruptStop: new Histogram({
      name: 'phone_interrupt_stop_seconds',
      help: "From the caller's words to the silent line, also where the agent went on afterwards",
      buckets: STOP_BUCKETS,
      registers,
    }),
  }
}

function ofTraffic(registers: Registers) {
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers })
  const mediaFrames = counter('phone_media_frames_total', 'Frames of 20 ms of audio', ['dir'])
  for (const dir of ['in', 'out']) mediaFrames.inc({ dir }, 0)
  const tokens = counter('phone_tokens_total', 'Tokens of the model', ['kind'])
  for (const kind of TOKEN_KINDS) tokens.inc({ kind }, 0)
  return {
    mediaFrames,
    tokens,
    spokenChars: counter('phone_tts_chars_total', 'Characters given to the voice', []),
    vendorErrors: counter('phone_provider_errors_total', 'Failures of a vendor', [
      'provider',
      'kind',
      'code',
    ]),
    vendorReconnects: counter(
      'phone_provider_reconnects_total',
      'Connections made again, and requests sent again, after a failure',
      ['provider'],
    ),
    mediaRejected: counter(
      'phone_media_rejected_total',
      'Media streams refused, and messages of streams that could not be used',
      ['reason'],
    ),
    tokensRejected: counter(
      'phone_stream_token_rejected_total',
      'Media streams with a token that is not good, or with none',
      ['reason'],
    ),
    signatureFailures: counter(
      'phone_webhook_signature_failures_total',
      'Requests that claim to be of Twilio and are not signed by it',
      [],
    ),
    storeErrors: counter('phone_store_errors_total', 'Failures of the store', ['op']),
  }
}
