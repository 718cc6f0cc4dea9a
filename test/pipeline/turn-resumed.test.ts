import { describe, expect, it } from 'vitest'
import type { AnsweredBy } from '../../src/pipeline/answering/answered-by.ts'
import { hasSaid, openTransfer, resumedEvent } from '../../src/pipeline/call-past.ts'
import { STILL_RUNNING, type Turn } from '../../src/pipeline/transcript.ts'
import type { ResumedEvent, TurnEvent } from '../../src/pipeline/turn-events.ts'
import { step } from '../../src/pipeline/turn.ts'
import {
  asked,
  ended,
  failure,
  kinds,
  onLine,
  run,
  speaking,
  started,
  words,
} from '../helpers/turn.ts'

const back: TurnEvent = { type: 'line_attached', firstSpeaker: 'auto' }

function resumed(more: Partial<ResumedEvent> = {}): ResumedEvent {
  return { type: 'resumed', lastReply: 4, owed: true, handedOver: false, ...more }
}

function met(by: AnsweredBy): Partial<ResumedEvent> {
  return { met: { type: 'answered_by', by, message: true } }
}

describe('a call whose process has died', () => {
  it('begins with words about the line, under a number of their own', () => {
    const { state, effects } = run([resumed(), { type: 'answered' }])
    expect(state).toMatchObject({ phase: 'waiting', reply: 5, resumed: { owed: true } })
    expect(run([resumed()]).effects).toEqual([
      { type: 'start_reply', reply: 5, kind: 'resumption', held: true },
    ])
    expect(effects).toEqual([])
  })

  it('says them at once when there is a line, and then what is owed', () => {
    const spoken = run([resumed(met('person')), back])
    expect(kinds(spoken.effects)).toEqual(['stop_timer first_words', 'release_reply 5'])
    expect(spoken.state).toMatchObject({ phase: 'thinking', peer: 'person' })
    const then = run(
      [
        { type: 'reply_audio', reply: 5 },
        { type: 'reply_sent', reply: 5 },
        { type: 'reply_heard', reply: 5 },
      ],
      spoken.state,
    )
    expect(then.effects).toEqual([{ type: 'start_reply', reply: 6, kind: 'answer', held: false }])
  })

  it('waits for the person when the agent had said what it had to say', () => {
    const { state, effects } = run([
      resumed({ owed: false }),
      back,
      { type: 'reply_audio', reply: 5 },
      { type: 'reply_sent', reply: 5 },
      { type: 'reply_heard', reply: 5 },
    ])
    expect(state).toMatchObject({ phase: 'listening', peer: 'unknown' })
    expect(kinds(effects)).toEqual(['start_timer silence'])
  })

  it('answers whoever speaks over them', () => {
    const { effects } = run([
      resumed(),
      back,
      { type: 'reply_audio', reply: 5 },
      words,
      ended('Hello? Are you there?'),
    ])
    expect(effects.at(-1)).toMatchObject({ type: 'start_reply', reply: 6, kind: 'answer' })
  })

  it('tells a machine nothing of lines', () => {
    const menu = run([resumed(met('ivr')), back])
    expect(kinds(menu.effects)).toContain('cancel_reply 5')
    expect(menu.effects.at(-1)).toMatchObject({ type: 'start_reply', kind: 'answer' })
    const mailbox = run([resumed(met('voicemail')), back])
    expect(mailbox.state).toMatchObject({ phase: 'recording' })
    expect(run([resumed(met('fax')), back]).state).toEqual({ phase: 'ended' })
  })

  it('apologises when it cannot go on', () => {
    const broken = run([resumed(), { type: 'reply_failed', reply: 5, failure }, back])
    expect(broken.state).toMatchObject({ phase: 'ending', end: { reason: 'failed', failure } })
  })

  it('leaves a person alone who talks with somebody else, until they are back', () => {
    const away = run([resumed({ handedOver: true, ...met('person') })])
    expect(away.effects).toEqual([])
    expect(away.state).toMatchObject({
      phase: 'away',
      reason: 'transfer',
      reply: 4,
      peer: 'person',
    })
    const over = run([{ type: 'transfer_ended', completed: true }], away.state)
    expect(over.state).toEqual({ phase: 'ended' })
    const returned = run([{ type: 'transfer_ended', completed: false }, back], away.state)
    expect(returned.effects.at(-1)).toMatchObject({ type: 'start_reply', reply: 5, kind: 'answer' })
    expect(run([resumed({ handedOver: true })]).state).toMatchObject({ peer: 'unknown' })
  })
})

describe('a server that is about to stop', () => {
  const stopping: TurnEvent = { type: 'server_stopping' }

  it('tells the person, whoever speaks, and ends when it was heard', () => {
    for (const before of [onLine, speaking, asked]) {
      const { state, effects } = run([...before, stopping])
      expect(effects.at(-1)).toMatchObject({ type: 'start_reply', kind: 'closing', held: false })
      expect(state).toMatchObject({ phase: 'ending', end: { reason: 'requested' } })
    }
    const { state, effects } = run([...asked, stopping])
    expect(step(state, stopping)).toEqual({ state, effects: [] })
    expect(effects).toHaveLength(2)
  })

  it('takes a call back that nobody has answered', () => {
    const { effects } = run([...started, stopping])
    expect(effects.at(-1)).toEqual({ type: 'end', end: { reason: 'requested' } })
  })

  it('ends a call that has no line, but not a talk with somebody else', () => {
    const lost = run([...speaking, { type: 'line_lost' }, stopping])
    expect(lost.effects.at(-1)).toEqual({ type: 'end', end: { reason: 'requested' } })
    const away = run([resumed({ handedOver: true })])
    expect(step(away.state, stopping)).toEqual({ state: away.state, effects: [] })
  })
})

describe('what a call has come to', () => {
  const agent: Turn = {
    role: 'agent',
    text: 'This call is recorded. Hello!',
    interrupted: false,
    startMs: 0,
    endMs: 900,
  }
  const caller: Turn = { role: 'caller', text: 'Hi.', startMs: 1000, endMs: 1500 }
  const tool = (name: string, result: string): Turn => ({
    ...{ role: 'tool', id: 'a', name, input: { to: 'sales' }, result, startMs: 1600, endMs: 1600 },
  })
  const past = (...turns: Turn[]) => ({
    turns,
    timings: [
      { reply: 3, kind: 'answer' as const },
      { reply: 2, kind: 'opening' as const },
    ],
    facts: { notes: [], optedOut: false },
    elapsedMs: 2000,
  })

  it('owes an answer to what was said last, and to what a tool has found out', () => {
    const owed = (...turns: Turn[]) => resumedEvent(past(...turns), { message: false }).owed
    expect(owed(agent)).toBe(false)
    expect(owed(agent, caller)).toBe(true)
    expect(owed(caller, agent, tool('find', 'found'))).toBe(true)
    expect(owed()).toBe(true)
  })

  it('goes on counting where it was, and knows who has answered', () => {
    expect(resumedEvent(past(agent), { message: true })).toEqual({
      type: 'resumed',
      lastReply: 3,
      owed: false,
      handedOver: false,
    })
    const known = {
      ...past(agent),
      timings: [],
      facts: { notes: [], optedOut: false, answeredBy: 'person' as const },
    }
    expect(resumedEvent(known, { message: true })).toMatchObject({
      lastReply: 0,
      met: { type: 'answered_by', by: 'person', message: true },
    })
  })

  it('knows a talk with somebody else by the transfer that has no result', () => {
    expect(openTransfer(past(agent, tool('transfer_call', STILL_RUNNING)))).toMatchObject({
      id: 'a',
    })
    expect(openTransfer(past(agent, tool('transfer_call', 'failed: nobody')))).toBeUndefined()
    expect(openTransfer(past(tool('transfer_call', STILL_RUNNING), caller))).toBeUndefined()
    expect(openTransfer(past(tool('find', STILL_RUNNING)))).toBeUndefined()
  })

  it('knows whether exact words were heard', () => {
    expect(hasSaid(past(agent), 'This call is recorded. ')).toBe(true)
    expect(hasSaid(past(caller), 'Hi.')).toBe(false)
  })
})
