import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { ProviderError, type ProviderErrorCode } from '../../src/errors.ts'
import { FallbackMind } from '../../src/pipeline/fallback-mind.ts'
import type { ConversationEngine, ReplyPart } from '../../src/pipeline/ports.ts'
import { quiet, says } from '../helpers/fake-ports.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

type Step = ReplyPart | ProviderErrorCode | number

/** A model that does this with each request; a number is so many ms without a word, a code is how it fails. */
class ScriptedMind implements ConversationEngine {
  steps: readonly Step[]
  asked = 0
  setUps = 0
  readonly told: string[] = []
  isOpen = false

  constructor(...steps: readonly Step[]) {
    this.steps = steps
  }

  setup(): Promise<void> {
    this.setUps++
    return Promise.resolve()
  }
  getOpening(options: { signal: AbortSignal }): AsyncIterable<ReplyPart> {
    return this.streamResponse([], options)
  }
  async *streamResponse(
    _: unknown,
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<ReplyPart> {
    this.asked++
    for (const step of this.steps) {
      if (typeof step === 'number') await systemClock.sleep(step, { signal })
      else if (typeof step === 'object') yield step
      else throw new ProviderError(step, { provider: 'anthropic', code: step })
    }
  }
  getResponse(): Promise<string> {
    return Promise.reject(new Error('not used in a call'))
  }

  get circuit() {
    const isOpen = () => this.isOpen
    return {
      get isOpen() {
        return isOpen()
      },
      succeeded: () => this.told.push('ok'),
      failed: ({ code }: ProviderError) => this.told.push(code),
    }
  }
}

function mindOf(...engines: readonly ScriptedMind[]) {
  return new FallbackMind({
    minds: engines.map((engine, i) => ({
      name: `model ${i}`,
      vendor: 'anthropic',
      engine,
      circuit: engine.circuit,
    })),
    clock: systemClock,
    log: quiet,
  })
}

const never = new AbortController().signal

async function answerOf(mind: FallbackMind, signal = never): Promise<string> {
  return mind.getResponse([], { signal })
}

const no: ReplyPart = { type: 'text', text: 'No' }

describe('a mind of two models', () => {
  it('asks the first one, and tells its circuit that it is well', async () => {
    const [first, second] = [new ScriptedMind(...says('Yes.')), new ScriptedMind(...says('No.'))]
    const mind = mindOf(first, second)
    await mind.setup({} as never, { signal: never })
    expect(await answerOf(mind)).toBe('Yes.')
    expect([first.told, second.asked, second.setUps]).toEqual([['ok'], 0, 1])
  })

  it.each(['unavailable', 'timeout', 'rate_limited', 'rejected', 'disconnected'] as const)(
    'asks the second one when the first fails with %s, and goes on with it for a while',
    async (code) => {
      const [first, second] = [new ScriptedMind(code), new ScriptedMind(...says('No.'))]
      const mind = mindOf(first, second)
      expect(await answerOf(mind)).toBe('No.')
      expect(await answerOf(mind)).toBe('No.')
      expect([first.asked, second.asked]).toEqual([1, 2])
      first.steps = says('Yes.')
      vi.advanceTimersByTime(10_000)
      expect(await answerOf(mind)).toBe('Yes.')
      expect(first.told).toEqual([code, 'ok'])
    },
  )

  it.each(['auth', 'quota'] as const)(
    'asks no other model of an account that is refused: %s',
    async (code) => {
      const [first, second] = [new ScriptedMind(code), new ScriptedMind(...says('No.'))]
      await expect(answerOf(mindOf(first, second))).rejects.toMatchObject({ code })
      expect(second.asked).toBe(0)
    },
  )

  it('leaves a reply that has begun to whoever goes on with it, who gets the second one', async () => {
    const [first, second] = [new ScriptedMind(no, 'timeout'), new ScriptedMind(...says('No.'))]
    const mind = mindOf(first, second)
    await expect(answerOf(mind)).rejects.toMatchObject({ code: 'timeout' })
    expect(second.asked).toBe(0)
    expect(await answerOf(mind)).toBe('No.')
    expect(first.asked).toBe(1)
  })

  it('does not take a reply without a word for a failure', async () => {
    const [first, second] = [new ScriptedMind('empty'), new ScriptedMind(...says('No.'))]
    await expect(answerOf(mindOf(first, second))).rejects.toMatchObject({ code: 'empty' })
    expect([first.told, second.asked]).toEqual([[], 0])
  })

  it('passes over a vendor that is known to be broken, unless all are', async () => {
    const [first, second] = [new ScriptedMind(...says('Yes.')), new ScriptedMind(...says('No.'))]
    const mind = mindOf(first, second)
    first.isOpen = true
    expect(await answerOf(mind)).toBe('No.')
    second.isOpen = true
    expect(await answerOf(mind)).toBe('Yes.')
  })

  it('counts a slow first word as a failure, and says it all the same', async () => {
    const first = new ScriptedMind(1600, ...says('Yes.'))
    const answer = answerOf(mindOf(first))
    await vi.advanceTimersByTimeAsync(1600)
    expect(await answer).toBe('Yes.')
    expect(first.told).toEqual(['timeout'])
  })

  it('ends quietly when it is cut off', async () => {
    const abort = new AbortController()
    const [first, second] = [new ScriptedMind(5000), new ScriptedMind(...says('No.'))]
    const parts: ReplyPart[] = []
    const ended = (async () => {
      const stream = mindOf(first, second).streamResponse([], { signal: abort.signal })
      for await (const part of stream) parts.push(part)
    })()
    await vi.advanceTimersByTimeAsync(100)
    abort.abort(new Error('cut off'))
    await ended
    expect([parts, first.told, second.asked]).toEqual([[], [], 0])
  })
})
