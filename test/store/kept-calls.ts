import { newCallId } from '../../src/calls/call-id.ts'
import type { CallEvent, CallHappening } from '../../src/calls/call-events.ts'
import type { CallOutcome } from '../../src/calls/outcome/outcome.ts'
import type { CallRecord } from '../../src/calls/record.ts'
import type { Delivery } from '../../src/calls/webhooks/delivery.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'

/** Calls, events and the like, as a store is given them. */

export const NUMBER = '+15551234567'
export const START = new Date('2026-11-21T10:00:00Z')

export function after(ms: number): Date {
  return new Date(START.getTime() + ms)
}

/** A call that was created so many milliseconds after `START`, and is over a minute later unless `change` says otherwise. */
export function call(createdMs: number, change: Partial<CallRecord> = {}): CallRecord {
  const createdAt = after(createdMs)
  return {
    callId: newCallId(createdAt),
    callSid: `CA${createdMs}`,
    direction: 'outbound',
    status: 'completed',
    spec: { phoneNumber: NUMBER, action: 'Confirm the appointment' },
    createdAt,
    answeredAt: after(createdMs + 5000),
    endedAt: after(createdMs + 60_000),
    turns: [agentSays('Hello, this is Alex.', 100), callerSays('Who?', 2000)],
    timings: [{ reply: 1, kind: 'opening', heardMs: 100.5 }],
    notes: [{ result: 'confirmed', details: { at: [2, 'pm'] } }],
    optedOut: false,
    endReason: 'agent_hung_up',
    ...change,
  }
}

/** A call that is going on: without anything that is known only in the end. */
export function liveCall(createdMs: number, change: Partial<CallRecord> = {}): CallRecord {
  const record = without(call(createdMs), 'endedAt', 'endReason')
  return { ...record, status: 'in_progress', turns: [], timings: [], notes: [], ...change }
}

/** The value without some of its fields. */
export function without<Value extends object, Name extends keyof Value & string>(
  value: Value,
  ...names: readonly Name[]
): Omit<Value, Name> {
  const left = Object.entries(value).filter(([name]) => !names.some((each) => each === name))
  return Object.fromEntries(left) as Omit<Value, Name>
}

export function callerSays(text: string, startMs: number): Turn {
  return { role: 'caller', text, startMs, endMs: startMs + 500 }
}

export function agentSays(text: string, startMs: number): Turn {
  return { role: 'agent', text, interrupted: false, startMs, endMs: startMs + 500 }
}

let lastOrder = 0

/** An event; each one that is made comes after those before in the order of all. */
export function event(callId: string, seq: number, happening: CallHappening): CallEvent {
  lastOrder = Math.max(lastOrder + 1, START.getTime() * 1000)
  return { ...happening, callId, seq, order: lastOrder, at: after(seq * 1000) }
}

export function turnEvent(callId: string, seq: number, text = `turn ${seq}`): CallEvent {
  return event(callId, seq, { type: 'turn', turn: callerSays(text, seq * 1000) })
}

export const outcome: CallOutcome = {
  disposition: 'callback_requested',
  callbackAt: 'tomorrow at nine',
  summary: 'They want to be called again. Nothing was confirmed.',
  data: { confirmed: false, guests: null },
  turns: { confirmed: 1 },
  unknown: ['guests'],
  problems: [],
}

let lastDelivery = 0

export function delivery(callId: string, change: Partial<Delivery> = {}): Delivery {
  return {
    id: `msg_${++lastDelivery}`,
    callId,
    type: 'call.ended',
    url: 'https://example.com/hook?x=1',
    payload: '{"type":"call.ended","text":"Grüße \\u0000 – ok"}',
    createdAt: START,
    state: 'pending',
    attempts: 0,
    nextAttemptAt: START,
    ...change,
  }
}
