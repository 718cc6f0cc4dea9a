import { z } from 'zod'
import { estimateCost, type CostEstimate } from '../calls/call-costs.ts'
import type { CallEvent } from '../calls/call-events.ts'
import type { KnownCall } from '../calls/call-history.ts'
import { CALL_STATUSES, isTerminal } from '../calls/call-status.ts'
import type { Prices } from '../calls/prices.ts'
import type { CallRecord } from '../calls/record.ts'
import { bodyFromSpec, CallSpecBody } from '../calls/spec.ts'
import { CallSummary, summaryOf } from './call-view.ts'
import { callExample } from './examples.ts'
import { OutcomeView, outcomeViewOf } from '../calls/outcome/outcome-view.ts'
import {
  LatenciesView,
  latenciesViewOf,
  TimingsView,
  timingsOf,
  TurnView,
  turnOf,
} from './turn-view.ts'

/** One call as the API shows it, with all that is known of it. */
const NoteView = z
  .object({ result: z.string(), details: z.unknown().optional() })
  .meta({ description: 'What the agent has noted as an outcome' })

const StatusChange = z.object({ status: z.enum(CALL_STATUSES), at: z.iso.datetime() })

const CostView = z
  .object({
    currency: z.string(),
    total: z.number(),
    lines: z.array(
      z.object({
        vendor: z.enum(['twilio', 'deepgram', 'anthropic', 'elevenlabs', 'smallest']),
        item: z.string(),
        quantity: z.number(),
        unit: z.enum(['minute', 'million_tokens', 'thousand_characters']),
        unit_price: z.number(),
        amount: z.number(),
        based_on: z.string().meta({ description: 'Where `quantity` comes from' }),
      }),
    ),
  })
  .meta({
    description:
      'What the call has probably cost, by the price table of the configuration (`PRICES`); null until it is over',
  })

/** An inbound call's number may be anything, such as `anonymous`; what it is about comes from the configuration. */
const SpecView = CallSpecBody.extend({
  phone_number: z.string(),
  action: z.string(),
  context: z.string().optional(),
})

export const CallView = CallSummary.extend({
  spec: SpecView,
  notes: z.array(NoteView).meta({ description: 'Oldest first' }),
  message_left: z
    .string()
    .nullable()
    .meta({ description: 'What was left on a machine, as far as it was played' }),
  timeline: z.array(StatusChange).meta({ description: 'When the call reached which status' }),
  transcript: z.array(TurnView).meta({ description: 'What was said, as it was heard' }),
  timings: z.array(TimingsView),
  latencies: z.array(LatenciesView),
  cost: CostView.nullable(),
  outcome: OutcomeView.nullable().meta({
    description: 'What came out of the call; null until it is known, some time after the end',
  }),
  recording: z
    .object({ url: z.string().meta({ description: 'Path on this server' }) })
    .nullable()
    .meta({ description: 'Null when there is none' }),
}).meta({ title: 'Call', examples: [callExample] })

export function viewOf(call: KnownCall, prices: Prices): z.infer<typeof CallView> {
  const { record, beginning, outcome } = call
  const { callId } = record
  const cost = estimateCost(record, prices)
  return {
    ...summaryOf(record),
    spec: bodyFromSpec(record.spec),
    notes: record.notes.map((note) => ({ ...note })),
    message_left: record.messageLeft ?? null,
    timeline: timelineOf(record, beginning),
    transcript: record.turns.map(turnOf),
    timings: record.timings.map(timingsOf),
    latencies: record.timings.map(latenciesViewOf),
    cost: cost ? costViewOf(cost) : null,
    outcome: outcome ? outcomeViewOf(outcome) : null,
    recording: call.isRecorded ? { url: `/api/phone/calls/${callId}/recording.wav` } : null,
  }
}

/** Of a call whose events are not kept (any more), the record still tells the most important ones. */
function timelineOf(
  record: CallRecord,
  beginning: readonly CallEvent[],
): z.infer<typeof StatusChange>[] {
  const { status, createdAt, answeredAt, endedAt } = record
  const reached = beginning.flatMap((event) => {
    if (event.type === 'call.created') return [{ status: event.record.status, at: event.at }]
    return event.type === 'call.status' ? [{ status: event.status, at: event.at }] : []
  })
  // We queue what we dial ourselves: an outbound call that begins by ringing was registered.
  const wasRegistered = record.direction === 'outbound' && reached[0]?.status === 'ringing'
  if (wasRegistered) reached.unshift({ status: 'registered', at: createdAt })
  if (reached.length === 0) {
    if (!isTerminal(status) && !answeredAt) reached.push({ status, at: createdAt })
    if (answeredAt) reached.push({ status: 'in_progress', at: answeredAt })
  }
  if (isTerminal(status) && endedAt) reached.push({ status, at: endedAt })
  return reached.map(({ status, at }) => ({ status, at: at.toISOString() }))
}

function costViewOf({ currency, total, lines }: CostEstimate): z.infer<typeof CostView> {
  return {
    currency,
    total,
    lines: lines.map(({ unitPrice, basedOn, ...line }) => ({
      ...line,
      unit_price: unitPrice,
      based_on: basedOn,
    })),
  }
}
