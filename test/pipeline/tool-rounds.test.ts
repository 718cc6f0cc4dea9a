import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { ProviderError } from '../../src/errors.ts'
import type { ReplyPart } from '../../src/pipeline/ports.ts'
import { stockPhrases } from '../../src/pipeline/stock-phrases.ts'
import { toolRounds, type ToolRoundsOptions } from '../../src/pipeline/tool-rounds.ts'
import type { SpokenPart } from '../../src/pipeline/unbroken.ts'
import { STILL_RUNNING } from '../../src/pipeline/tools.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'
import { settled } from '../helpers/fake-ports.ts'
import { useFakeTimers } from '../helpers/fake-timers.ts'
import { message, resultsOf, toolCall, toolCalls } from '../helpers/tool-calls.ts'

const stock = stockPhrases('en')
const caller: Turn = { role: 'caller', text: 'Is Friday free?', startMs: 0, endMs: 0 }
const empty = new ProviderError('nothing', { provider: 'anthropic', code: 'empty' })

type Message = readonly ReplyPart[] | Error | 'never'

beforeEach(() => {
  useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** One reply of a model that says these messages, and what came of it. */
function reply(messages: readonly Message[], options: Partial<ToolRoundsOptions> = {}) {
  const call = toolCalls()
  call.turns.push(caller)
  const script = [...messages]
  const asked: (readonly Turn[])[] = []
  const abort = new AbortController()
  const parts: SpokenPart[] = []
  const stream = toolRounds({
    ask: (turns, { signal }) => {
      asked.push(turns)
      return play(script.shift() ?? new Error('nothing scripted'), signal)
    },
    turns: () => call.turns,
    said: () => parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join(' '),
    tools: call.toolRuns,
    stock: () => stock,
    clock: systemClock,
    signal: abort.signal,
    ...options,
  })
  const ended = (async () => {
    for await (const part of stream) parts.push(part)
  })()
  // A test that expects a failure awaits `ended` itself.
  ended.catch(() => undefined)
  return { ...call, asked, abort, parts, stream, ended, script }
}

async function* play(script: Message, signal: AbortSignal): AsyncIterable<ReplyPart> {
  if (script instanceof Error) throw script
  if (script === 'never') {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve()
      })
    })
    return
  }
  for (const part of script) {
    await Promise.resolve()
    yield part
  }
}

const spoken = (parts: readonly SpokenPart[]) =>
  parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))

async function after(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
  await settled()
}

describe('a reply with tools', () => {
  it('is the model’s own when it calls none', async () => {
    const { parts, ended, asked } = reply([message('Hello', ' there.')])
    await ended
    expect(parts).toEqual(message('Hello', ' there.'))
    expect(asked).toEqual([[caller]])
  })

  it('goes on with the result, and the model knows what it has said', async () => {
    const call = toolCall('look_up', { day: 'Friday' })
    const { parts, ended, asked, runs } = reply([
      message('Let me check.', call),
      message('Friday is free.'),
    ])
    await settled()
    expect(spoken(parts)).toEqual(['Let me check.'])
    runs[0]!.answer('free')
    await ended
    expect(parts).toEqual(message('Let me check.', 'Friday is free.'))
    expect(asked[1]).toMatchObject([
      caller,
      { role: 'agent', text: 'Let me check.', interrupted: false },
      { role: 'tool', name: 'look_up', input: { day: 'Friday' }, result: 'free' },
    ])
  })

  it('lets the session hang up after the words, and asks nothing more', async () => {
    const bye = toolCall('end_call', { reason: 'done' })
    const { parts, ended, asked, turns } = reply([message('Goodbye.', bye)])
    await ended
    expect(parts).toEqual(message('Goodbye.', bye))
    expect(asked).toHaveLength(1)
    expect(turns).toEqual([caller])
  })

  it('hangs up whatever reason the model makes up', async () => {
    const bye = toolCall('end_call', { reason: 'tired' })
    const { parts, ended } = reply([message('Goodbye.', bye)])
    await ended
    expect(parts).toContainEqual(bye)
  })

  it('notes the outcome before it hangs up with the same message', async () => {
    const bye = toolCall('end_call')
    const note = toolCall('record_outcome', { result: 'yes' })
    const { parts, ended, turns } = reply([message('Goodbye.', note, bye)])
    await ended
    expect(resultsOf(turns)).toEqual(['noted'])
    expect(parts).toEqual(message('Goodbye.', bye))
  })

  it('tells the person that they are put through when the model does not', async () => {
    const transfer = toolCall('transfer_call', { to: 'Ann' })
    const silent = reply([message(transfer)])
    await silent.ended
    expect(silent.parts).toEqual(
      message({ type: 'text', text: stock.transferring, whole: true }, transfer),
    )
    const polite = reply([message('I will get Ann.', transfer)])
    await polite.ended
    expect(polite.parts).toEqual(message('I will get Ann.', transfer))
  })

  it('reaches nobody who is not named in the spec', async () => {
    const transfer = toolCall('transfer_call', { to: '+19005551234' })
    const { parts, ended, turns } = reply([
      message('Of course.', transfer),
      message('I cannot call that number.'),
    ])
    await ended
    expect(parts).toEqual(message('Of course.', 'I cannot call that number.'))
    expect(resultsOf(turns)).toEqual([expect.stringMatching(/to must be one of "Ann"/)])
  })

  it('tells the model what is wrong with its arguments or its tool', async () => {
    const { ended, turns, runs } = reply([
      message(toolCall('look_up', 'Friday')),
      message(toolCall('fly')),
      message('Sorry.'),
    ])
    await ended
    expect(runs).toEqual([])
    expect(resultsOf(turns)).toEqual([
      expect.stringMatching(/must be an object/),
      expect.stringMatching(/no such tool/),
    ])
  })

  it('ends with what the last message ended with', async () => {
    const note = toolCall('record_outcome', { result: 'x' })
    const { parts, ended } = reply([
      message(note),
      [
        { type: 'text', text: 'It is' },
        { type: 'done', reason: 'length' },
      ],
    ])
    await ended
    expect(parts.at(-1)).toEqual({ type: 'done', reason: 'length' })
  })

  it('runs no tool of a message that the vendor has refused', async () => {
    const { parts, ended, runs } = reply([[toolCall('book'), { type: 'done', reason: 'refusal' }]])
    await ended
    expect(runs).toEqual([])
    expect(parts).toEqual([{ type: 'done', reason: 'refusal' }])
  })

  it('runs no tool of a message that broke off', async () => {
    const broken = new ProviderError('cut', { provider: 'anthropic', code: 'disconnected' })
    const { ended, runs } = reply([], {
      ask: async function* () {
        yield await Promise.resolve(toolCall('book'))
        throw broken
      },
    })
    await expect(ended).rejects.toBe(broken)
    expect(runs).toEqual([])
  })
})

describe('a model that has nothing to add to its tools', () => {
  const note = () => toolCall('record_outcome', { result: 'x' })

  it('has said enough when it spoke before them', async () => {
    const { parts, ended } = reply([message('Noted.', note()), empty])
    await ended
    expect(parts).toEqual(message('Noted.'))
  })

  it('is asked once more when it has not said a word', async () => {
    const { parts, ended, asked } = reply([message(note()), empty, message('Noted.')])
    await ended
    expect(parts).toEqual(message('Noted.'))
    expect(resultsOf(asked[2]!).at(-1)).toMatch(/Answer the person now/)
  })

  it('fails as before when it stays silent', async () => {
    const { ended } = reply([message(note()), empty, empty])
    await expect(ended).rejects.toBe(empty)
  })

  it('does not leave the person alone with a filler', async () => {
    const { parts, ended, runs } = reply([message(toolCall('look_up')), empty, empty])
    await after(1000)
    runs[0]!.answer('free')
    await ended
    expect(spoken(parts)).toEqual([stock.fillers[0], stock.stuck])
  })
})

describe('a model that cannot stop calling tools', () => {
  it('runs three of one message, and no more', async () => {
    const calls = [1, 2, 3, 4, 5].map((i) => toolCall('look_up', { i }))
    const { ended, runs, turns } = reply([message(...calls), message('Done.')])
    await settled()
    for (const run of runs) run.answer('free')
    await ended
    expect(runs).toHaveLength(3)
    expect(resultsOf(turns).slice(3)).toEqual([
      expect.stringMatching(/too many tools at once/),
      expect.stringMatching(/too many tools at once/),
    ])
  })

  it('must answer after four rounds', async () => {
    const rounds = [1, 2, 3, 4].map((i) => message(toolCall('record_outcome', { result: `${i}` })))
    const { parts, ended, asked, turns } = reply([...rounds, message('All noted.')])
    await ended
    expect(parts).toEqual(message('All noted.'))
    expect(asked).toHaveLength(5)
    expect(resultsOf(asked[4]!).at(-1)).toBe(
      'noted\n(Answer the person now, in words, and without another tool.)',
    )
    expect(resultsOf(turns).at(-1)).toBe('noted')
  })

  it('is cut short when it does not answer even then', async () => {
    const rounds = Array.from({ length: 5 }, (_, i) =>
      message(toolCall('record_outcome', { result: `${i}` })),
    )
    const { parts, ended, turns } = reply(rounds)
    await ended
    expect(parts).toEqual(message({ type: 'text', text: stock.stuck, whole: true }))
    expect(resultsOf(turns)).toHaveLength(4)
  })

  it('may still say goodbye then', async () => {
    const rounds = Array.from({ length: 4 }, (_, i) =>
      message(toolCall('record_outcome', { result: `${i}` })),
    )
    const bye = toolCall('end_call')
    const { parts, ended } = reply([...rounds, message('Goodbye.', bye)])
    await ended
    expect(parts).toEqual(message('Goodbye.', bye))
  })
})

describe('a person who waits for a tool', () => {
  it('hears nothing when it answers within a second', async () => {
    const { parts, ended, runs } = reply([message(toolCall('look_up')), message('Free.')])
    await after(999)
    runs[0]!.answer('free')
    await ended
    expect(spoken(parts)).toEqual(['Free.'])
  })

  it('hears a filler after a second, another after three and a half, and no two alike', async () => {
    const { parts, ended, runs } = reply([message(toolCall('look_up')), message('Free.')])
    await after(1000)
    expect(parts).toEqual([{ type: 'text', text: stock.fillers[0], filler: true }])
    await after(3499)
    expect(parts).toHaveLength(1)
    await after(1)
    expect(spoken(parts)).toEqual([stock.fillers[0], stock.fillers[1]])
    runs[0]!.answer('free')
    await ended
    expect(spoken(parts)).toEqual([stock.fillers[0], stock.fillers[1], 'Free.'])
  })

  it('hears no filler on top of the model’s own, unless it takes long', async () => {
    const { parts, ended, runs } = reply([
      message('Let me check.', toolCall('look_up')),
      message('Free.'),
    ])
    await after(3499)
    expect(spoken(parts)).toEqual(['Let me check.'])
    await after(1)
    expect(spoken(parts)).toEqual(['Let me check.', stock.fillers[0]])
    runs[0]!.answer('free')
    await ended
  })

  it('hears no filler of the tool’s once it has its result', async () => {
    const { parts, abort, ended, runs } = reply([message(toolCall('look_up')), 'never'])
    await after(500)
    runs[0]!.answer('free')
    await after(9999)
    expect(spoken(parts)).toEqual([])
    abort.abort()
    await ended
  })

  it('is not told twice within three seconds and a half, not even by two replies', async () => {
    const first = reply([message(toolCall('look_up')), message('Free.')])
    await after(1000)
    first.runs[0]!.answer('free')
    await first.ended
    const parts: SpokenPart[] = []
    const abort = new AbortController()
    const ended = (async () => {
      const second = toolRounds({
        ask: (_, { signal }) => play(message(toolCall('book')), signal),
        turns: () => first.turns,
        said: () => '',
        tools: first.toolRuns,
        stock: () => stock,
        clock: systemClock,
        signal: abort.signal,
      })
      for await (const part of second) parts.push(part)
    })()
    await after(3499)
    expect(parts).toEqual([])
    await after(1)
    expect(spoken(parts)).toEqual([stock.fillers[1]])
    abort.abort()
    await ended
  })
})

describe('a caller who cuts in while a tool runs', () => {
  it('ends the reply quietly, and the tool is not asked again by the next one', async () => {
    const first = reply([message('One moment.', toolCall('book', { day: 'Friday' }))])
    await settled()
    first.abort.abort(new Error('barge-in'))
    await first.ended
    expect(first.parts).toEqual([{ type: 'text', text: 'One moment.' }])
    expect(resultsOf(first.turns)).toEqual([STILL_RUNNING])

    first.script.push(
      message('Still on it.', toolCall('book', { day: 'Friday' })),
      message('Friday is booked.'),
    )
    const parts: SpokenPart[] = []
    const ended = (async () => {
      const second = toolRounds({
        ask: (turns, { signal }) => {
          first.asked.push(turns)
          return play(first.script.shift()!, signal)
        },
        turns: () => first.turns,
        said: () => spoken(parts).join(' '),
        tools: first.toolRuns,
        stock: () => stock,
        clock: systemClock,
        signal: new AbortController().signal,
      })
      for await (const part of second) parts.push(part)
    })()
    await settled()
    expect(first.runs).toHaveLength(1)
    first.runs[0]!.answer('booked')
    await ended
    expect(parts).toEqual(message('Still on it.', 'Friday is booked.'))
    expect(resultsOf(first.asked.at(-1)!)).toEqual([
      'booked',
      'The same call was made before and is not made twice. Its result: booked',
    ])
    expect(first.late).toEqual([])
  })

  it('leaves no timer and no request behind, wherever the reply is', async () => {
    const { abort, ended, parts } = reply(['never'])
    await settled()
    abort.abort()
    await ended
    expect(parts).toEqual([])
  })

  it('lets go of everything when nobody takes the parts any more', async () => {
    let isClosed = false
    const { ended, stream, asked, runs } = reply([], {
      ask: async function* (_, { signal }) {
        try {
          yield* play(message('Let me check.', toolCall('look_up')), signal)
        } finally {
          isClosed = true
        }
      },
    })
    await stream.return(undefined)
    await ended
    expect(isClosed).toBe(true)
    expect(asked).toEqual([])
    expect(runs).toEqual([])
  })

  it('is not kept waiting for a tool by a voice that fails at a filler', async () => {
    const call = toolCalls()
    let signalled: AbortSignal | undefined
    const voiceFails = (async () => {
      const stream = toolRounds({
        ask: (_, { signal }) => {
          signalled = signal
          return play(message(toolCall('look_up')), signal)
        },
        turns: () => call.turns,
        said: () => '',
        tools: call.toolRuns,
        stock: () => stock,
        clock: systemClock,
        signal: new AbortController().signal,
      })
      for await (const part of stream) throw new Error(`cannot say ${part.type}`)
    })()
    const failure = expect(voiceFails).rejects.toThrow('cannot say text')
    await after(1000)
    await failure
    expect(signalled?.aborted).toBe(true)
    expect(resultsOf(call.turns)).toEqual([STILL_RUNNING])
  })
})

describe('a reply that is only a guess', () => {
  it('speaks, but runs no tool before the caller’s turn is certain', async () => {
    const confirmed = Promise.withResolvers<undefined>()
    const { parts, ended, runs, turns } = reply(
      [message('Booking.', toolCall('book')), message('Booked.')],
      { confirmed: confirmed.promise },
    )
    await after(5000)
    expect(spoken(parts)).toEqual(['Booking.'])
    expect(runs).toEqual([])
    expect(turns).toEqual([caller])
    confirmed.resolve(undefined)
    await settled()
    runs[0]!.answer('ok')
    await ended
    expect(spoken(parts)).toEqual(['Booking.', 'Booked.'])
  })

  it('never runs it when the caller goes on speaking', async () => {
    const confirmed = Promise.withResolvers<undefined>()
    const { abort, ended, runs, turns } = reply([message(toolCall('book'))], {
      confirmed: confirmed.promise,
    })
    await settled()
    abort.abort()
    await ended
    confirmed.resolve(undefined)
    await settled()
    expect(runs).toEqual([])
    expect(turns).toEqual([caller])
  })
})
