import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CallEvents, type CallEvent, type CallHappening } from '../../src/calls/call-events.ts'
import { EventFeed, type FeedItem, type FeedLimits } from '../../src/calls/event-feed.ts'
import type { EventHistory } from '../../src/calls/event-tails.ts'
import type { CallOutcome } from '../../src/calls/outcome/outcome.ts'
import { scaledClock } from '../../src/clock.ts'

const SPEED = 500

/** A record that is written some time after things happen. */
class LateHistory implements EventHistory {
  readonly kept: CallEvent[] = []
  readonly waiting: CallEvent[] = []
  reads = 0

  /** `callId`: of one call, before what happened earlier in others. */
  write(count = Infinity, callId?: string): void {
    const fitting = this.waiting.filter((event) => callId === undefined || event.callId === callId)
    for (const event of fitting.slice(0, count)) {
      this.kept.push(event)
      this.waiting.splice(this.waiting.indexOf(event), 1)
    }
    this.kept.sort((a, b) => a.order - b.order)
  }

  events(callId: string, { after, limit }: { after: number; limit: number }) {
    this.reads += 1
    const found = this.kept.filter((event) => event.callId === callId && event.seq > after)
    return Promise.resolve(found.slice(0, limit))
  }

  allEvents({ after, limit }: { after: number; limit: number }) {
    this.reads += 1
    return Promise.resolve(this.kept.filter(({ order }) => order > after).slice(0, limit))
  }
}

function setUp(limits: Partial<FeedLimits> = {}) {
  const clock = scaledClock(SPEED)
  const events = new CallEvents(clock, (error) => {
    throw error
  })
  const history = new LateHistory()
  const feed = new EventFeed({ events, history, clock, limits })
  const published: CallEvent[] = []
  events.subscribe((event) => {
    if (event.seq === undefined) return
    published.push(event)
    history.waiting.push(event)
  })
  return { clock, events, history, feed, published }
}

const follower = (signal = new AbortController().signal) => ({ signal, onStuck: () => undefined })

function said(text: string): CallHappening {
  return { type: 'turn', turn: { role: 'caller', text, startMs: 0, endMs: 1 } }
}

const ended: CallHappening = { type: 'call.ended', status: 'completed', endReason: 'requested' }
const outcome: CallOutcome = { disposition: 'completed', turns: {}, unknown: [], problems: [] }

/** The next `count` events, leaving out comments and what passes. */
async function take(items: AsyncIterator<FeedItem>, count: number): Promise<CallEvent[]> {
  const taken: CallEvent[] = []
  while (taken.length < count) {
    const { done, value } = await items.next()
    if (done === true) break
    if (value.event?.seq !== undefined) taken.push(value.event)
  }
  return taken
}

async function rest(items: AsyncIterable<FeedItem>): Promise<string[]> {
  const seen: string[] = []
  for await (const { event, comment } of items) seen.push(event ? event.type : `: ${comment}`)
  return seen
}

/** What a busy server does, in any order; `read`: so many events by the one who follows, who is cut off then. */
const scripts = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ say: fc.integer({ min: 0, max: 2 }) }) },
    { weight: 1, arbitrary: fc.record({ pass: fc.integer({ min: 0, max: 2 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        write: fc.integer({ min: 1, max: 9 }),
        of: fc.integer({ min: 0, max: 2 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 5 }) }) },
    { weight: 1, arbitrary: fc.record({ cut: fc.constant(true) }) },
  ),
  { maxLength: 60 },
)

describe('whoever follows calls and is cut off, wherever, is told everything once', () => {
  const cases: [string, (event: CallEvent) => boolean, string | undefined][] = [
    ['of one call', ({ callId }) => callId === 'call_0', 'call_0'],
    ['of all calls', () => true, undefined],
  ]
  it.each(cases)('%s', async (_, isFollowed, callId) => {
    await fc.assert(
      fc.asyncProperty(scripts, fc.constantFrom(3, 7, 20, 1000), async (script, maxRecent) => {
        const { events, history, feed, published } = setUp({ maxRecent, patienceMs: 1e9 })
        const told: CallEvent[] = []
        let cut = new AbortController()
        const connect = () => {
          cut.abort()
          cut = new AbortController()
          const last = told.at(-1)
          return callId === undefined
            ? feed.followAll({ after: last?.order ?? 0, ...follower(cut.signal) })
            : feed.follow(callId, { after: last?.seq ?? 0, ...follower(cut.signal) })
        }
        const read = async (count: number) => {
          const due = published.filter(isFollowed).length - told.length
          const taking = take(items, Math.min(count, due))
          // What is neither in memory nor on record yet, gets there some time.
          if (published.length > maxRecent / 2) history.write()
          told.push(...(await taking))
        }
        let items = connect()
        for (const step of script) {
          if ('say' in step) events.publish(`call_${step.say}`, said(`${published.length}`))
          if ('pass' in step) {
            events.pass(`call_${step.pass}`, { type: 'caller.partial', text: 'Hel' })
          }
          // A record that is far behind is written in the order in which things happened.
          const of = maxRecent === 1000 && 'of' in step ? `call_${step.of}` : undefined
          if ('write' in step) history.write(step.write, of)
          if ('read' in step) await read(step.read)
          if ('cut' in step) items = connect()
        }
        items = connect()
        await read(Infinity)
        expect(told).toEqual(published.filter(isFollowed))
        cut.abort()
        expect(feed.size).toBe(0)
      }),
      { numRuns: 500 },
    )
  })
})

describe('following one call', () => {
  it('begins with what is on record from an earlier process', async () => {
    const earlier = setUp()
    for (const text of ['a', 'b', 'c']) earlier.events.publish('call_1', said(text))
    const { events, history, feed } = setUp()
    history.kept.push(...earlier.published)
    const items = feed.follow('call_1', { after: 1, ...follower() })
    expect((await take(items, 2)).map(({ seq }) => seq)).toEqual([2, 3])
    events.publish('call_1', said('d'), 3)
    expect((await take(items, 1)).map(({ seq }) => seq)).toEqual([4])
  })

  it('ends with the outcome', async () => {
    const { events, feed } = setUp()
    const following = rest(feed.follow('call_1', { after: 0, ...follower() }))
    events.publish('call_1', said('Hello'))
    events.publish('call_1', ended)
    events.publish('call_2', said('Somebody else'))
    events.publish('call_1', { type: 'call.outcome', outcome })
    expect(await following).toEqual(['turn', 'call.ended', 'call.outcome'])
  })

  it('ends without an outcome that does not come', async () => {
    const { events, feed, clock } = setUp({ outcomeWithinMs: 5000 })
    const following = rest(feed.follow('call_1', { after: 0, ...follower() }))
    const begun = clock.now()
    events.publish('call_1', ended)
    expect(await following).toEqual(['call.ended'])
    expect(clock.now() - begun).toBeGreaterThanOrEqual(5000)
  })

  it('does not wait for the outcome of a call that ended long ago', async () => {
    const { events, history, feed } = setUp()
    events.publish('call_1', ended)
    history.write()
    const over = { endedAt: new Date(Date.now() - 3_600_000), hasOutcome: false }
    expect(feed.isFinal(over)).toBe(true)
    expect(await rest(feed.follow('call_1', { after: 0, over, ...follower() }))).toEqual([
      'call.ended',
    ])
  })

  it('goes on when an event was never written down', async () => {
    const { events, history, feed } = setUp({ maxRecent: 3, patienceMs: 500 })
    for (const text of ['a', 'b', 'c', 'd', 'e']) events.publish('call_1', said(text))
    history.waiting.length = 0
    const items = feed.follow('call_1', { after: 0, ...follower() })
    const [first] = await take(items, 1)
    expect(first?.seq).toBeGreaterThan(1)
    await take(items, 5 - (first?.seq ?? 5))
    events.publish('call_1', said('f'))
    expect((await take(items, 1))[0]?.seq).toBe(6)
  })

  it('tells the latest of what passes, and none of it after the whole turn', async () => {
    const { events, feed } = setUp()
    const items = feed.follow('call_1', { after: 0, ...follower() })
    events.pass('call_1', { type: 'caller.partial', text: 'Hel' })
    events.pass('call_1', { type: 'caller.partial', text: 'Hello' })
    events.pass('call_1', { type: 'agent.heard', reply: 1, text: 'Hi' })
    events.pass('call_2', { type: 'caller.partial', text: 'Not ours' })
    expect((await items.next()).value).toMatchObject({ event: { text: 'Hello' } })
    expect((await items.next()).value).toMatchObject({ event: { text: 'Hi' } })
    events.pass('call_1', { type: 'caller.partial', text: 'Hello the' })
    events.publish('call_1', said('Hello there'))
    events.publish('call_1', { type: 'call.outcome', outcome })
    expect(await rest(items)).toEqual(['turn', 'call.outcome'])
  })

  it('does not ask the record again as long as nothing happens', async () => {
    const { history, feed } = setUp({ heartbeatMs: 100 })
    const items = feed.follow('call_1', { after: 0, ...follower() })
    for (let i = 0; i < 5; i++) expect((await items.next()).value?.comment).toBe('still here')
    expect(history.reads).toBe(1)
  })
})

describe('followers', () => {
  it('are as many as may be, and one who has left makes room', () => {
    const { feed } = setUp({ maxFeeds: 2 })
    const left = new AbortController()
    feed.followAll(follower(left.signal))
    feed.follow('call_1', { after: 0, ...follower() })
    expect(() => feed.followAll(follower())).toThrow('2 follow calls already')
    left.abort()
    expect(feed.size).toBe(1)
    feed.followAll(follower())
  })

  it('who left before they were let in take no room', () => {
    const { feed } = setUp({ maxFeeds: 1 })
    feed.followAll(follower(AbortSignal.abort()))
    expect(feed.size).toBe(0)
  })

  it('of all calls begin now unless they say where', async () => {
    const { events, feed } = setUp()
    events.publish('call_1', said('before'))
    const items = feed.followAll(follower())
    events.publish('call_1', said('after'))
    expect(await take(items, 1)).toMatchObject([{ seq: 2 }])
  })

  it('who take nothing for long are let go, and cut off in the end', async () => {
    const { events, feed, clock } = setUp({ slowMs: 1000 })
    let isStuck = false
    const signal = new AbortController().signal
    const items = feed.followAll({ signal, onStuck: () => (isStuck = true) })
    for (let i = 0; i < 5; i++) events.publish('call_1', said(`${i}`))
    await take(items, 1)
    await clock.sleep(1500)
    expect(isStuck).toBe(false)
    expect(await rest(items)).toEqual([': too slow: connect again with Last-Event-ID'])

    const others = feed.followAll({ signal, after: 0, onStuck: () => (isStuck = true) })
    await take(others, 1)
    await clock.sleep(2500)
    expect(isStuck).toBe(true)
    await others.return(undefined)
  })

  it('are let go when the server shuts down', async () => {
    const { events, feed } = setUp()
    const following = rest(feed.followAll(follower()))
    events.publish('call_1', said('last words'))
    const closing = feed.close()
    expect(await following).toEqual(['turn', ': the server is shutting down'])
    // One who does not leave is not waited for.
    await closing
  })

  it('are told nothing of a call that is erased', async () => {
    const { events, feed, published } = setUp()
    events.publish('call_1', said('secret'))
    events.publish('call_2', said('other'))
    feed.forget('call_1')
    feed.forget('call_1')
    const items = feed.followAll({ after: 0, ...follower() })
    expect(await take(items, 1)).toEqual([published[1]])
    const pages: CallEvent[] = []
    for await (const page of feed.pages('call_1')) pages.push(...page)
    expect(pages).toEqual([])
  })
})

it('a listener that fails to read the record ends the feed, not the server', async () => {
  const { feed, history } = setUp()
  history.events = () => Promise.reject(new Error('the database is gone'))
  const items = feed.follow('call_1', { after: 0, ...follower() })
  await expect(items.next()).rejects.toThrow('the database is gone')
})
