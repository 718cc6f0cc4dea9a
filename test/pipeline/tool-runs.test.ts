import { describe, expect, it } from 'vitest'
import { STILL_RUNNING } from '../../src/pipeline/tools.ts'
import { settled } from '../helpers/fake-ports.ts'
import { resultsOf, toolCall, toolCalls } from '../helpers/tool-calls.ts'

const never = new AbortController().signal

describe('a tool run', () => {
  it('is on record while it runs, and then with its result', async () => {
    const { toolRuns, turns, runs } = toolCalls()
    const started = toolRuns.start(toolCall('look_up', { day: 'Friday' }), { knownAt: 0 })
    expect(resultsOf(turns)).toEqual([STILL_RUNNING])
    expect(toolRuns.pending).toBe(true)
    runs[0]!.answer('free')
    await toolRuns.settle([started], { signal: never })
    expect(resultsOf(turns)).toEqual(['free'])
    expect(toolRuns.pending).toBe(false)
  })

  it('goes on when the reply that began it is cut off, and somebody is told', async () => {
    const { toolRuns, turns, runs, late, over } = toolCalls()
    const reply = new AbortController()
    const started = toolRuns.start(toolCall('book'), { knownAt: 0 })
    const waiting = toolRuns.settle([started], reply)
    reply.abort()
    await waiting
    expect(runs[0]!.signal.aborted).toBe(false)
    expect(late).toEqual([])
    runs[0]!.answer('booked')
    await settled()
    expect(resultsOf(turns)).toEqual(['booked'])
    expect(late).toEqual(['book'])
    over.abort()
  })

  it('is nobody’s news when a reply waits for it', async () => {
    const { toolRuns, runs, late } = toolCalls()
    const started = toolRuns.start(toolCall('book'), { knownAt: 0 })
    const waiting = toolRuns.settle([started], { signal: never })
    runs[0]!.answer('booked')
    await waiting
    await settled()
    expect(late).toEqual([])
  })

  it('ends with the call, and says so on record', async () => {
    const { toolRuns, turns, late, tasks, over } = toolCalls()
    toolRuns.start(toolCall('book'), { knownAt: 0 })
    over.abort()
    await Promise.all(tasks)
    expect(resultsOf(turns)).toEqual(['The call was over before the tool answered.'])
    expect(late).toEqual([])
  })
})

describe('the same tool call, made again', () => {
  it('does not book twice while the first booking is under way', async () => {
    const { toolRuns, turns, runs } = toolCalls()
    const first = toolRuns.start(toolCall('book', { day: 'Friday', at: { h: 2, m: 0 } }), {
      knownAt: 0,
    })
    const again = toolRuns.start(toolCall('book', { at: { m: 0, h: 2 }, day: 'Friday' }), {
      knownAt: 0,
    })
    expect(runs).toHaveLength(1)
    runs[0]!.answer('booked')
    await toolRuns.settle([first, again], { signal: never })
    expect(resultsOf(turns)).toEqual([
      'booked',
      'The same call was made before and is not made twice. Its result: booked',
    ])
  })

  it('does not book twice when the model has not seen the result yet', async () => {
    const { toolRuns, runs } = toolCalls()
    const first = toolRuns.start(toolCall('book'), { knownAt: 0 })
    const knownAt = toolRuns.moment
    runs[0]!.answer('booked')
    await toolRuns.settle([first], { signal: never })
    toolRuns.start(toolCall('book'), { knownAt })
    expect(runs).toHaveLength(1)
  })

  it('is made when the model knows the result and wants another one', async () => {
    const { toolRuns, turns, runs } = toolCalls()
    const first = toolRuns.start(toolCall('look_up'), { knownAt: 0 })
    runs[0]!.answer('busy')
    await toolRuns.settle([first], { signal: never })
    const second = toolRuns.start(toolCall('look_up'), { knownAt: toolRuns.moment })
    runs[1]!.answer('free')
    await toolRuns.settle([second], { signal: never })
    expect(resultsOf(turns)).toEqual(['busy', 'free'])
  })

  it('is another one with other arguments', () => {
    const { toolRuns, runs } = toolCalls()
    toolRuns.start(toolCall('book', { days: ['Friday', 'Monday'] }), { knownAt: 0 })
    toolRuns.start(toolCall('book', { days: ['Monday', 'Friday'] }), { knownAt: 0 })
    toolRuns.start(toolCall('look_up', { days: ['Monday', 'Friday'] }), { knownAt: 0 })
    expect(runs).toHaveLength(3)
  })
})

describe('tools without an endpoint', () => {
  it('are carried out by the session at once', () => {
    const inputs: unknown[] = []
    const record_outcome = (input: unknown) => {
      inputs.push(input)
      return 'noted'
    }
    const { toolRuns, turns, runs } = toolCalls({ handlers: { record_outcome } })
    toolRuns.start(toolCall('record_outcome', { result: 'yes' }), { knownAt: 0 })
    expect(inputs).toEqual([{ result: 'yes' }])
    expect(resultsOf(turns)).toEqual(['noted'])
    expect(runs).toEqual([])
  })

  it('do not end the call when they break', () => {
    const broken = () => {
      throw new Error('a bug')
    }
    const { toolRuns, turns } = toolCalls({ handlers: { record_outcome: broken } })
    toolRuns.start(toolCall('record_outcome', { result: 'yes' }), { knownAt: 0 })
    expect(resultsOf(turns)).toEqual([expect.stringMatching(/^The tool failed/)])
  })
})

describe('a model that calls tools without end', () => {
  it('is told to stop, and reaches no endpoint any more', async () => {
    const { toolRuns, turns, runs } = toolCalls()
    for (let i = 0; i < 45; i++) {
      const started = toolRuns.start(toolCall('look_up', { i }), { knownAt: 0 })
      runs[i]?.answer('free')
      await toolRuns.settle([started], { signal: never })
    }
    expect(runs).toHaveLength(40)
    expect(resultsOf(turns).at(-1)).toMatch(/^Not run: tools were used too often/)
  })
})
