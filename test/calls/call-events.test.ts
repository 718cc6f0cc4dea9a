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
