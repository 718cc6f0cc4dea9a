import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LineFile, type LineSink } from '../../src/calls/line-file.ts'
import { systemClock } from '../../src/clock.ts'
import { useFakeTimers } from '../helpers/fake-timers.ts'

/** A file whose every write the test lets succeed or fail. */
class SlowSink implements LineSink {
  readonly appended: string[] = []
  readonly #waiting: PromiseWithResolvers<undefined>[] = []
  isClosed = false

  append(text: string): Promise<void> {
    this.appended.push(text)
    const done = Promise.withResolvers<undefined>()
    this.#waiting.push(done)
    return done.promise
  }

  async finish(error?: Error): Promise<void> {
    const done = this.#waiting.shift()
    if (error) done?.reject(error)
    else done?.resolve(undefined)
    await vi.advanceTimersByTimeAsync(0)
  }

  close(): Promise<void> {
    this.isClosed = true
    return Promise.resolve()
  }
}

function setUp(open?: () => Promise<LineSink>) {
  const sink = new SlowSink()
  const failures: unknown[] = []
  const file = new LineFile({
    open: open ?? (() => Promise.resolve(sink)),
    clock: systemClock,
    onFailed: (error) => failures.push(error),
  })
  return { sink, file, failures }
}

beforeEach(() => {
  useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('a file of lines', () => {
  it('is opened when there is something to write, and has it a second later', async () => {
    const open = vi.fn(() => Promise.resolve(sink))
    const { sink, file } = setUp(() => open())
    file.write('one')
    file.write('two')
    await vi.advanceTimersByTimeAsync(999)
    expect(open).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(sink.appended).toEqual(['one\ntwo\n'])
    await sink.finish()
    const closed = file.close()
    await closed
    expect(open).toHaveBeenCalledOnce()
    expect(sink.isClosed).toBe(true)
  })

  it('keeps the order of lines however slow the disk is', async () => {
    const { sink, file } = setUp()
    file.write('one')
    await vi.advanceTimersByTimeAsync(1000)
    file.write('two')
    await vi.advanceTimersByTimeAsync(5000)
    expect(sink.appended).toEqual(['one\n'])
    await sink.finish()
    file.write('three')
    await vi.advanceTimersByTimeAsync(1000)
    expect(sink.appended).toEqual(['one\n', 'two\nthree\n'])
    file.write('four')
    const closed = file.close()
    await sink.finish()
    await sink.finish()
    await closed
    expect(sink.appended.join('')).toBe('one\ntwo\nthree\nfour\n')
  })

  it('takes no more than a megabyte that waits, and takes lines again when there is room', async () => {
    const { sink, file } = setUp()
    const line = 'x'.repeat(999)
    let taken = 0
    while (file.write(line)) taken++
    expect(taken).toBe(1000)
    expect(file.write('the end', { always: true })).toBe(true)
    await vi.advanceTimersByTimeAsync(1000)
    expect(file.write(line)).toBe(false)
    await sink.finish()
    expect(file.write(line)).toBe(true)
    const closed = file.close()
    await vi.advanceTimersByTimeAsync(0)
    await sink.finish()
    await closed
  })

  it('writes a burst at once', async () => {
    const { sink, file } = setUp()
    for (let i = 0; i < 10_000; i++) file.write(`${i}`)
    const closed = file.close()
    await vi.advanceTimersByTimeAsync(0)
    await sink.finish()
    await closed
    expect(sink.appended).toHaveLength(1)
  })

  it('gives up when the disk is full, says so once, and troubles nobody', async () => {
    const { sink, file, failures } = setUp()
    file.write('one')
    await vi.advanceTimersByTimeAsync(1000)
    file.write('two')
    const full = new Error('ENOSPC')
    await sink.finish(full)
    expect(file.write('three')).toBe(true)
    await vi.advanceTimersByTimeAsync(5000)
    await file.close()
    expect(failures).toEqual([full])
    expect(sink.appended).toEqual(['one\n'])
    expect(sink.isClosed).toBe(true)
  })

  it('gives up when it cannot be opened, or not be closed', async () => {
    const denied = setUp(() => Promise.reject(new Error('EACCES')))
    denied.file.write('one')
    await denied.file.close()
    expect(denied.failures).toEqual([new Error('EACCES')])
    const { sink, file, failures } = setUp()
    sink.close = () => Promise.reject(new Error('EIO'))
    file.write('one')
    const closed = file.close()
    await vi.advanceTimersByTimeAsync(0)
    await sink.finish()
    await closed
    expect(failures).toEqual([new Error('EIO')])
  })

  it('of nothing is no file', async () => {
    const { file } = setUp(() => Promise.reject(new Error('must not be opened')))
    await file.close()
    expect(file.write('too late')).toBe(true)
  })
})
