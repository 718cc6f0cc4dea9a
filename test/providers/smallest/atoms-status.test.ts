import { describe, expect, it } from 'vitest'
import { ConversationLog, WebhookEvent } from '../../../src/providers/smallest/atoms-messages.ts'
import { AtomsEdge } from '../../../src/providers/smallest/atoms-edge.ts'
import {
  reportOfEvent,
  reportOfLog,
  statusOf,
} from '../../../src/providers/smallest/atoms-status.ts'

describe('what Atoms calls the status of a call', () => {
  it.each([
    ['pending', 'queued'],
    ['in_queue', 'queued'],
    ['IN_QUEUE', 'queued'],
    ['in_progress', 'ringing'],
    ['active', 'in_progress'],
    ['completed', 'completed'],
    ['no_answer', 'no_answer'],
    ['no-answer', 'no_answer'],
    ['busy', 'busy'],
    ['cancelled', 'canceled'],
    ['canceled', 'canceled'],
    ['failed', 'failed'],
    ['processing', undefined],
    ['something new', undefined],
  ])('%s is %s', (spelled, status) => {
    expect(statusOf(spelled)).toBe(status)
  })

  it('failed because the line was busy is busy', () => {
    expect(statusOf('failed', 'User busy')).toBe('busy')
    expect(statusOf('failed', 'Unreachable')).toBe('failed')
  })
})

const log = (rest: object) => reportOfLog(ConversationLog.parse({ status: 'active', ...rest }))

describe('what was said', () => {
  it('is told with its time, in whichever way that is written', () => {
    const at = new Date('2026-11-21T10:00:00Z')
    const { words = [] } = log({
      transcript: [
        { role: 'agent', content: 'Hi', timestamp: at.toISOString() },
        { role: 'user', content: 'Hello', timestamp: at.getTime() },
        { role: 'user', content: 'Who?', timestamp: at.getTime() / 1000 },
        { role: 'agent', content: 'Alex', timestamp: 12.5 },
        { role: 'agent', content: 'Bye', timestamp: 'later' },
        'All the best',
      ],
    })
    expect(words).toEqual([
      { role: 'agent', text: 'Hi', at },
      { role: 'caller', text: 'Hello', at },
      { role: 'caller', text: 'Who?', at },
      { role: 'agent', text: 'Alex', offsetMs: 12_500 },
      { role: 'agent', text: 'Bye' },
      { role: 'agent', text: 'All the best' },
    ])
  })

  it('may be missing, as may everything else', () => {
    expect(log({ transcript: null, duration: null, callFailureReason: null })).toEqual({
      status: 'in_progress',
      words: [],
    })
  })
})

describe('a webhook', () => {
  const event = (eventType: string, rest: object = {}) =>
    WebhookEvent.parse({ id: '1', metadata: { eventType, callId: 'CALL-1' }, ...rest })

  it('tells the end with its times', () => {
    const callData = {
      callStatus: 'no-answer',
      callDuration: 0,
      answerTime: null,
      endTime: '2026-11-21T10:00:00Z',
    }
    expect(reportOfEvent(event('post-conversation', { callData }))).toEqual({
      status: 'no_answer',
      durationS: 0,
      endedAt: new Date('2026-11-21T10:00:00Z'),
      words: [],
    })
  })

  it('before the conversation says that there is something to look at; one after it says nothing', () => {
    expect(reportOfEvent(event('pre-conversation'))).toEqual({})
    expect(reportOfEvent(event('analytics-completed'))).toBeUndefined()
    expect(reportOfEvent(event('something-new'))).toBeUndefined()
  })

  it('that comes twice is read once, and the memory of that has a bound', () => {
    const edge = new AtomsEdge({ secret: 's' })
    const body = (id: number) =>
      Buffer.from(
        JSON.stringify({
          id: String(id),
          metadata: { eventType: 'pre-conversation', callId: 'C' },
        }),
      )
    expect(edge.read(body(0))).toMatchObject({ conversationId: 'C' })
    expect(edge.read(body(0))).toBeUndefined()
    for (let id = 1; id <= 1000; id++) edge.read(body(id))
    expect(edge.read(body(1000))).toBeUndefined()
    expect(edge.read(body(0))).toBeDefined()
  })
})
