import { z } from 'zod'
import type { CallEvent, PassingEvent } from '../calls/call-events.ts'
import { CALL_STATUSES } from '../calls/call-status.ts'
import { END_REASONS } from '../calls/record.ts'
import { ANSWERED_BY, CallSummary, Failure, summaryOf } from './call-view.ts'
import { eventExamples } from './examples.ts'
import { OutcomeView, outcomeViewOf } from '../calls/outcome/outcome-view.ts'
import { TimingsView, timingsOf, TurnView, turnOf } from './turn-view.ts'

/** What happens in a call, as the API tells it: the `data` of a server-sent event. */
const base = { call_id: z.string(), at: z.iso.datetime() }
const kept = {
  ...base,
  seq: z.int().meta({ description: '1, 2, 3, … within the call, without a gap' }),
}

export const EventView = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('call.created'), ...kept, call: CallSummary }),
    z.object({ type: z.literal('call.status'), ...kept, status: z.enum(CALL_STATUSES) }),
    z.object({ type: z.literal('call.answered'), ...kept }),
    z.object({ type: z.literal('call.resumed'), ...kept }),
    z.object({ type: z.literal('call.answered_by'), ...kept, answered_by: z.enum(ANSWERED_BY) }),
    z.object({ type: z.literal('call.opted_out'), ...kept }),
    z.object({ type: z.literal('turn'), ...kept, turn: TurnView }),
    z.object({ type: z.literal('timings'), ...kept, timings: TimingsView }),
    z.object({
      type: z.literal('call.ended'),
      ...kept,
      status: z.enum(CALL_STATUSES),
      end_reason: z.enum(END_REASONS),
      failure: Failure.nullable(),
    }),
    z.object({ type: z.literal('call.outcome'), ...kept, outcome: OutcomeView }),
    z.object({ type: z.literal('caller.partial'), ...base, text: z.string() }),
    z.object({ type: z.literal('agent.heard'), ...base, reply: z.int(), text: z.string() }),
  ])
  .meta({ title: 'Event', example: eventExamples[0] })
export type EventView = z.infer<typeof EventView>

export function eventOf(event: CallEvent | PassingEvent): EventView {
  return event.seq === undefined ? passingOf(event) : keptOf(event)
}

function passingOf(event: PassingEvent): EventView {
  const common = { call_id: event.callId, at: event.at.toISOString() }
  switch (event.type) {
    case 'caller.partial':
      return { type: event.type, ...common, text: event.text }
    case 'agent.heard':
      return { type: event.type, ...common, reply: event.reply, text: event.text }
    default:
      return event satisfies never
  }
}

function keptOf(event: CallEvent): EventView {
  const common = { call_id: event.callId, at: event.at.toISOString(), seq: event.seq }
  switch (event.type) {
    case 'call.created':
      return { type: event.type, ...common, call: summaryOf(event.record) }
    case 'call.status':
      return { type: event.type, ...common, status: event.status }
    case 'call.answered':
    case 'call.opted_out':
    case 'call.resumed':
      return { type: event.type, ...common }
    case 'call.answered_by':
      return { type: event.type, ...common, answered_by: event.answeredBy }
    case 'turn':
      return { type: event.type, ...common, turn: turnOf(event.turn) }
    case 'timings':
      return { type: event.type, ...common, timings: timingsOf(event.timings) }
    case 'call.ended':
      return {
        type: event.type,
        ...common,
        status: event.status,
        end_reason: event.endReason,
        failure: event.failure ?? null,
      }
    case 'call.outcome':
      return { type: event.type, ...common, outcome: outcomeViewOf(event.outcome) }
    default:
      return event satisfies never
  }
}
