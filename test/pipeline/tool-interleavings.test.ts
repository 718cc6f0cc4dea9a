import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import type { ReplyPart } from '../../src/pipeline/ports.ts'
import { stockPhrases } from '../../src/pipeline/stock-phrases.ts'
import { toolRounds } from '../../src/pipeline/tool-rounds.ts'
import { STILL_RUNNING } from '../../src/pipeline/tools.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'
import { messagesFrom } from '../../src/providers/anthropic/history.ts'
import { parseClaudeRequest } from '../../src/simulator/claude-request.ts'
import { settled } from '../helpers/fake-ports.ts'
import { useFakeTimers } from '../helpers/fake-timers.ts'
import { message, resultsOf, toolCall, toolCalls } from '../helpers/tool-calls.ts'

/** What happens in a call, in any order. */
type Happening =
  /** The caller speaks: the reply before, if it still goes on, is cut off. */
  | { readonly type: 'caller'; readonly guess: boolean }
  | { readonly type: 'turn_certain' }
  | { readonly type: 'barge_in' }
  /** The endpoint answers the oldest, or a later, question that it has not answered. */
  | { readonly type: 'answer'; readonly which: number }
  | { readonly type: 'time'; readonly ms: number }

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('caller'), guess: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ type: 'turn_certain' }) },
  { weight: 2, arbitrary: fc.constant({ type: 'barge_in' }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('answer'), which: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('time'), ms: fc.integer({ min: 1, max: 9000 }) }),
  },
)

/** Few tools and fewer arguments, so that the model often asks the same again. */
const aCall = fc.record({
  name: fc.constantFrom('book', 'look_up', 'record_outcome', 'fly'),
  input: fc.constantFrom<unknown>({ result: 'a' }, { result: 'b' }),
})
const aMessage = fc.record({
  text: fc.constantFrom('', 'One moment.'),
  calls: fc.array(aCall, { maxLength: 4 }),
})

beforeEach(() => {
  useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** A call in which things happen, and a model that says the given messages over and over. */
class Call {
  readonly calls = toolCalls()
  /** For each run, what the model had seen when it asked for it. */
  readonly seen: (readonly Turn[])[] = []
  readonly answered = new Set<number>()
  #view: readonly Turn[] = []
  #asked = 0
  #abort = new AbortController()
  #confirm: () => void = () => undefined
  readonly #messages: readonly ReplyPart[][]

  constructor(messages: readonly ReplyPart[][]) {
    this.#messages = messages
  }

  async happens(event: Happening): Promise<void> {
    const { turns, runs } = this.calls
    const open = runs.map((_, index) => index).filter((index) => !this.answered.has(index))
    switch (event.type) {
      case 'caller':
        this.#abort.abort()
        turns.push({ role: 'caller', text: 'Well?', startMs: 0, endMs: 0 })
        this.#reply(event.guess)
        break
      case 'turn_certain':
        this.#confirm()
        break
      case 'barge_in':
        this.#abort.abort()
        break
      case 'answer':
        this.answer(open[Math.min(event.which, open.length - 1)])
        break
      case 'time':
        await vi.advanceTimersByTimeAsync(event.ms)
    }
    await settled()
    while (this.seen.length < runs.length) this.seen.push(this.#view)
  }

  answer(index: number | undefined): void {
    if (index === undefined) return
    this.answered.add(index)
    this.calls.runs[index]?.answer(`answer ${index}`)
  }

  async ends(): Promise<void> {
    this.#abort.abort()
    this.calls.runs.forEach((_, index) => {
      this.answer(index)
    })
    await settled()
  }

  #reply(guess: boolean): void {
    const abort = (this.#abort = new AbortController())
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#confirm = () => {
      resolve(undefined)
    }
    if (!guess) this.#confirm()
    let said = ''
    const parts = toolRounds({
      ask: (turns) => {
        this.#view = turns
        return emit(this.#messages[this.#asked++ % this.#messages.length] ?? [])
      },
      turns: () => this.calls.turns,
      said: () => said,
      tools: this.calls.toolRuns,
      stock: () => stockPhrases('en'),
      clock: systemClock,
      signal: abort.signal,
      confirmed: promise,
    })
    void (async () => {
      for await (const part of parts) if (part.type === 'text') said += `${part.text} `
    })()
  }
}

async function* emit(parts: readonly ReplyPart[]): AsyncIterable<ReplyPart> {
  for (const part of parts) {
    await Promise.resolve()
    yield part
  }
}

const keyOf = ({ name, input }: { name: string; input: unknown }) => JSON.stringify([name, input])

describe('tools, whatever the caller, the model and the endpoint do', () => {
  const anyCall = fc.tuple(
    fc.array(aMessage, { minLength: 1, maxLength: 4 }),
    fc.array(happening, { maxLength: 14 }),
  )
  const played = async (messages: readonly { text: string; calls: object[] }[]) => {
    const script = messages.map(({ text, calls }) =>
      message(
        ...(text === '' && calls.length > 0 ? [] : [text || 'Yes.']),
        ...calls.map((call) => {
          const { name, input } = call as { name: string; input: unknown }
          return toolCall(name, input)
        }),
      ),
    )
    return Promise.resolve(new Call(script))
  }

  it('run only once for what the model wants once', async () => {
    await fc.assert(
      fc.asyncProperty(anyCall, async ([messages, happenings]) => {
        const call = await played(messages)
        for (const event of happenings) await call.happens(event)
        call.calls.runs.forEach((run, index) => {
          const earlier = call.calls.runs
            .map((each, at) => ({ ...each, at }))
            .filter((each) => each.at < index && keyOf(each) === keyOf(run))
          const known = resultsOf(call.seen[index]!)
          // A repeated run is a new wish only if every earlier answer was before the model's eyes.
          for (const { at } of earlier) {
            expect(known.some((result) => result.endsWith(`answer ${at}`))).toBe(true)
          }
        })
        await call.ends()
      }),
      { numRuns: 300 },
    )
  })

  it('leave each of their answers in the transcript, and nothing open', async () => {
    await fc.assert(
      fc.asyncProperty(anyCall, async ([messages, happenings]) => {
        const call = await played(messages)
        for (const event of happenings) await call.happens(event)
        await call.ends()
        const results = resultsOf(call.calls.turns)
        expect(results).not.toContain(STILL_RUNNING)
        call.calls.runs.forEach((_, index) => {
          expect(results).toContain(`answer ${index}`)
        })
      }),
      { numRuns: 300 },
    )
  })

  it('never make a history that the model’s vendor refuses', async () => {
    await fc.assert(
      fc.asyncProperty(anyCall, async ([messages, happenings]) => {
        const call = await played(messages)
        for (const event of happenings) {
          await call.happens(event)
          const messages = messagesFrom(call.calls.turns)
          const body = { model: 'claude-haiku-5-5', max_tokens: 10, messages }
          parseClaudeRequest(JSON.stringify(body), '2026-10-21')
        }
        for (const view of call.seen) {
          const body = { model: 'claude-haiku-5-5', max_tokens: 10, messages: messagesFrom(view) }
          parseClaudeRequest(JSON.stringify(body), '2026-10-21')
        }
        await call.ends()
      }),
      { numRuns: 100 },
    )
  })
})
