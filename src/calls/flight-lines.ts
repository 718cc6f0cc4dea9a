import { z } from 'zod'

/**
 * The lines of a flight record: one JSON object each, the header first, `end` last. A record without `end` is one of a
 * call that is still going on, or of a process that died. Times are milliseconds since the record began. Events, effects
 * and notes stand as the code knows them; which kinds there are depends on the version that wrote them.
 */
export const FLIGHT_VERSION = 1

const atMs = z.number()
const count = z.int().nonnegative()

export const FlightHeader = z.object({
  type: z.literal('call'),
  version: z.literal(FLIGHT_VERSION),
  /** The version of Parley. */
  parley: z.string(),
  call_id: z.string(),
  started_at: z.string(),
  direction: z.enum(['outbound', 'inbound']),
  /** BCP 47 */
  language: z.string(),
  /** Words and numbers are masked. */
  redacted: z.boolean(),
})
export type FlightHeader = z.infer<typeof FlightHeader>

const kinded = z.looseObject({ type: z.string() })

const StepLine = z.object({
  type: z.literal('step'),
  /** Counts the machine's steps from 1; steps that are missing count as well. */
  n: count,
  at_ms: atMs,
  event: kinded,
  effects: z.array(kinded),
  /** Of the state that follows. */
  phase: z.string(),
})

const NoteLine = z.object({ type: z.literal('note'), at_ms: atMs, note: kinded })

/** Lines are missing here, because the disk was too slow; `state` is the machine’s after the last of them. */
const GapLine = z.object({
  type: z.literal('gap'),
  at_ms: atMs,
  lines: count,
  steps: count,
  state: z.looseObject({ phase: z.string() }),
})

const EndLine = z.object({ type: z.literal('end'), at_ms: atMs, steps: count })

/** Any line but the first. */
export const FlightLine = z.discriminatedUnion('type', [StepLine, NoteLine, GapLine, EndLine])
export type FlightLine = z.infer<typeof FlightLine>
