import { describe, expect, it } from 'vitest'
import { CallEvents, type CallEvent, type PassingEvent } from '../../src/calls/call-events.ts'
import { CallJournal } from '../../src/calls/call-journal.ts'
import { scaledClock } from '../../src/clock.ts'
import { noFlightRecord } from '../../src/pipeline/flight-record.ts'
import { setUpCalls, spec } from '../helpers/fake-calls.ts'

describe('what happens in a call', () => {
  it('is told to all who follow it, numbered from one', () => {
    const events = new CallEvents(scaledClock(1), () => undefined)
    const seen: (CallEvent | PassingEvent)[] = []
    const stop = events.subscribe((event) => seen.push(event))
    const journal = new CallJournal('call_1', events, noFlightRecord)
    journal.partial('Hel')
    journal.note({
      type: 'turn',
      turn: { role: 'caller', text: 'Hello', startMs: 0, endMs: 300 },
    })
    journal.heard(1, 'Hi')
    journal.note({ type: 'answered_by', answeredBy: 'person' })
    journal.note({ type: 'stream', what: 'opened', id: 'MZ1' })
    stop()
    journal.partial('not seen')
    expect(seen.map(({ type, seq }) => [type, seq])).toEqual([
      ['caller.partial', undefined],
      ['turn', 1],
      ['agent.heard', undefined],
      ['call.answered_by', 2],
    ])
  })

  it('has an order over all calls, which no two events share', () => {
    const events = new CallEvents(scaledClock(1), () => undefined)
    const orders: number[] = []
    events.subscribe((event) => {
      if (event.seq !== undefined) orders.push(event.order)
    })
    const before = Date.now() * 1000
    for (let i = 0; i < 2000; i++) events.publish(`call_${i % 3}`, { type: 'call.answered' })
    expect(new Set(orders).size).toBe(2000)
    expect(orders).toEqual(orders.toSorted((a, b) => a - b))
    expect(orders[0]).toBeGreaterThanOrEqual(before)
    expect(Number.isSafeInteger(orders.at(-1))).toBe(true)
  })

  it('goes on counting when the call has just ended, or was carried by an earlier process', () => {
    const events = new CallEvents(scaledClock(1), () => undefined)
    const seqs: unknown[] = []
    events.subscribe(({ callId, seq }) => seqs.push([callId, seq]))
    const ended = { type: 'call.ended', status: 'completed', endReason: 'requested' } as const
    events.publish('call_1', { type: 'call.answered' })
    expect(events.lastSeq('call_1')).toBe(1)
    events.publish('call_1', ended)
    expect(events.lastSeq('call_1')).toBe(2)
    events.publish('call_1', { type: 'call.answered' }, 9)
    expect(events.lastSeq('call_2')).toBeUndefined()
    events.publish('call_2', ended, 7)
    events.publish('call_2', { type: 'call.answered' }, 7)
    expect(seqs).toEqual([
      ['call_1', 1],
      ['call_1', 2],
      ['call_1', 3],
      ['call_2', 8],
      ['call_2', 9],
    ])
  })

  it('does not remember every call that has ever ended', () => {
    const events = new CallEvents(scaledClock(1), () => undefined)
    const ended = { type: 'call.ended', status: 'completed', endReason: 'requested' } as const
    for (let i = 0; i <= 1000; i++) events.publish(`call_${i}`, ended)
    expect(events.lastSeq('call_0')).toBeUndefined()
    expect(events.lastSeq('call_1')).toBe(1)
  })

  it('is not kept from others by a listener that fails', () => {
    const errors: unknown[] = []
    const events = new CallEvents(scaledClock(1), (error) => errors.push(error))
    const seen: string[] = []
    events.subscribe(() => {
      throw new Error('broken')
    })
    events.subscribe(({ type }) => seen.push(type))
    events.publish('call_1', { type: 'call.answered' })
    expect(seen).toEqual(['call.answered'])
    expect(errors).toHaveLength(1)
  })

  it('begins with the call and ends with its record', async () => {
    const { calls, events, conversations } = setUpCalls()
    const seen: string[] = []
    events.subscribe((event) => {
      seen.push('status' in event ? `${event.type} ${event.status}` : event.type)
    })
    const { callId, callSid } = await calls.place(spec)
    calls.statusChanged({ callId, callSid: callSid!, status: 'ringing' })
    calls.answered({ callId, callSid: callSid!, from: '', direction: 'outbound' })
    conversations[0]?.finish({ reason: 'agent_hung_up' })
    await calls.idle()
    expect(seen).toEqual([
      'call.created',
      'call.status ringing',
      'call.answered',
      'call.status in_progress',
      'call.ended completed',
    ])
  })
})
