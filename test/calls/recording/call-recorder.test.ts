import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ByteSink } from '../../../src/audio/wav-writer.ts'
import { CallRecorder } from '../../../src/calls/recording/call-recorder.ts'
import { systemClock } from '../../../src/clock.ts'
import type { Line, LineListener } from '../../../src/pipeline/ports.ts'
import { MemorySink, readWav } from '../../audio/wav-reader.ts'
import { FakeLine } from '../../helpers/fake-ports.ts'
import { useFakeTimers } from '../../helpers/fake-timers.ts'
import { noise } from './model-carrier.ts'

const SECOND = 8000

beforeEach(() => {
  useFakeTimers()
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function setUp(open?: () => Promise<ByteSink>) {
  const sink = new MemorySink()
  const failures: unknown[] = []
  let closed = 0
  const recorder = new CallRecorder({
    open: open ?? (() => Promise.resolve(sink)),
    clock: systemClock,
    onFailed: (error) => failures.push(error),
    onClosed: () => closed++,
  })
  const told: string[] = []
  /** Attaches a line as a call does; `line` is what the call talks through. */
  const attach = (real: Line = new FakeLine()) => {
    let line = real
    const listener = recorder.tap(real, (tapped) => {
      line = tapped
      return {
        audio: (frame, timestampMs) => told.push(`audio ${frame.length} ${timestampMs}`),
        mark: (name) => told.push(`mark ${name}`),
        digit: (digit) => told.push(`digit ${digit}`),
        closed: (cause) => told.push(`closed ${cause}`),
      }
    })
    return { line, listener }
  }
  return { sink, recorder, failures, told, attach, closings: () => closed }
}

/** So many frames of the caller, one every 20 ms. */
async function speak(listener: LineListener, count: number, from = 0): Promise<void> {
  for (let frame = from; frame < from + count; frame++) {
    await vi.advanceTimersByTimeAsync(20)
    listener.audio(noise(frame), 150 + frame * 20)
  }
}

/** Samples of a side that are no silence. */
const sounding = (side: Uint8Array) => side.filter((byte) => byte !== 0xff).length

describe('a call that is recorded', () => {
  it('does not notice: its line and its listener are told everything, in order', () => {
    const { attach, told, recorder } = setUp()
    const real = new FakeLine()
    const { line, listener } = attach(real)
    expect(line.id).toBe(real.id)
    line.send(noise(1))
    line.mark('1:160')
    line.flush()
    line.clear()
    listener.audio(noise(2), 150)
    listener.mark('1:160')
    listener.mark('recording 1')
    listener.digit('5')
    listener.closed('stopped')
    line.close()
    expect(real.did).toEqual([
      'mark recording 1',
      'send 160',
      'mark 1:160',
      'flush',
      'clear',
      'close',
    ])
    expect(told).toEqual(['audio 160 150', 'mark 1:160', 'digit 5', 'closed stopped'])
    return recorder.close()
  })

  it('is in the file as it goes, all but the last two seconds', async () => {
    const { attach, sink, recorder, failures, closings } = setUp()
    const { listener } = attach()
    const behind: number[] = []
    for (let second = 0; second < 20; second++) {
      await speak(listener, 50, second * 50)
      const inFile = second === 0 ? 0 : readWav(sink.bytes).left.length
      behind.push((second + 1) * SECOND - inFile)
    }
    expect(Math.max(...behind)).toBeLessThanOrEqual(2 * SECOND)
    await recorder.close()
    await recorder.close()
    const { left, right } = readWav(sink.bytes)
    expect(Buffer.from(left)).toEqual(
      Buffer.concat(Array.from({ length: 1000 }, (_, frame) => noise(frame))),
    )
    expect(sounding(right)).toBe(0)
    expect(sink.isClosed).toBe(true)
    expect(failures).toEqual([])
    expect(closings()).toBe(1)
  })

  it('is at its place after keys, a transfer or a lost stream: the time away is silence', async () => {
    const { attach, sink, recorder } = setUp()
    const first = attach()
    first.line.send(noise(900, 4 * SECOND))
    await speak(first.listener, 50)
    first.listener.closed('stopped')
    // Whatever an old line still brings is of no interest.
    first.listener.audio(noise(99), 1170)
    first.line.send(noise(99))
    await vi.advanceTimersByTimeAsync(3000)
    const second = attach()
    second.line.send(noise(901, SECOND))
    await speak(second.listener, 50, 500)
    await vi.advanceTimersByTimeAsync(500)
    second.listener.closed('stopped')
    await recorder.close()
    const { left, right } = readWav(sink.bytes)
    expect(left.length).toBe(5.5 * SECOND)
    expect(Buffer.from(left).indexOf(noise(0))).toBe(0)
    expect(Buffer.from(left).indexOf(noise(500))).toBe(4 * SECOND)
    expect(sounding(left)).toBe(2 * SECOND)
    expect(Buffer.from(right).indexOf(noise(901, SECOND))).toBe(4 * SECOND)
    expect(sounding(right)).toBe(2 * SECOND)
  })

  it('goes on with the new line when the old one is still there', async () => {
    const { attach, sink, recorder } = setUp()
    const first = attach()
    first.line.send(noise(900, 4 * SECOND))
    await speak(first.listener, 50)
    const second = attach()
    first.line.close()
    second.line.send(noise(901, SECOND))
    await speak(second.listener, 50)
    await recorder.close()
    const { right } = readWav(sink.bytes)
    expect(Buffer.from(right).indexOf(noise(901, SECOND))).toBe(SECOND)
    expect(sounding(right)).toBe(2 * SECOND)
  })

  it('has no file when nobody has answered', async () => {
    const open = vi.fn(() => Promise.resolve(new MemorySink()))
    const { recorder, closings, attach } = setUp(open)
    await recorder.close()
    expect(open).not.toHaveBeenCalled()
    expect(closings()).toBe(1)
    const { line } = attach()
    line.send(noise(1))
  })

  it('loses nothing when the network holds the caller up for the better part of a second', async () => {
    const { attach, sink, recorder } = setUp()
    const { listener } = attach()
    await speak(listener, 100)
    await vi.advanceTimersByTimeAsync(900)
    for (let frame = 100; frame < 145; frame++) listener.audio(noise(frame), 150 + frame * 20)
    await speak(listener, 50, 145)
    await recorder.close()
    expect(sounding(readWav(sink.bytes).left)).toBe(195 * 160)
  })

  it('is written on while the caller’s line sends nothing', async () => {
    const { attach, sink, recorder } = setUp()
    const { listener, line } = attach()
    await speak(listener, 10)
    line.send(noise(900, 5 * SECOND))
    await vi.advanceTimersByTimeAsync(5000)
    expect(sounding(readWav(sink.bytes).right)).toBeGreaterThan(3 * SECOND)
    await recorder.close()
    expect(sounding(readWav(sink.bytes).right)).toBe(5 * SECOND)
  })

  it('loses nothing when the process stands still for a while', async () => {
    const { attach, sink, recorder } = setUp()
    const { listener } = attach()
    await speak(listener, 100)
    vi.setSystemTime(Date.now() + 3000)
    const now = vi.spyOn(performance, 'now')
    const before = performance.now()
    now.mockImplementation(() => before + 3000)
    // The timer that is due comes first, and then the frames that wait in the socket.
    await vi.advanceTimersByTimeAsync(400)
    for (let frame = 100; frame < 250; frame++) listener.audio(noise(frame), 150 + frame * 20)
    await vi.advanceTimersByTimeAsync(400)
    await recorder.close()
    now.mockRestore()
    const { left } = readWav(sink.bytes)
    expect(sounding(left)).toBe(250 * 160)
  })
})

describe('a disk', () => {
  /** A sink whose writes wait until the test lets them go on. */
  function slowSink() {
    const memory = new MemorySink()
    let gate = Promise.withResolvers<undefined>()
    gate.resolve(undefined)
    return {
      memory,
      sink: {
        write: async (bytes: Uint8Array, at: number) => {
          await gate.promise
          await memory.write(bytes, at)
        },
        close: () => memory.close(),
      },
      stop: () => {
        gate = Promise.withResolvers()
      },
      goOn: () => {
        gate.resolve(undefined)
      },
    }
  }

  it('that is slow for a moment costs nothing', async () => {
    const { memory, sink, stop, goOn } = slowSink()
    const { attach, recorder } = setUp(() => Promise.resolve(sink))
    const { listener } = attach()
    await speak(listener, 100)
    stop()
    await speak(listener, 40, 100)
    goOn()
    await speak(listener, 100, 140)
    await recorder.close()
    expect(recorder.lostMs).toBe(0)
    expect(sounding(readWav(memory.bytes).left)).toBe(240 * 160)
  })

  it('that is too slow makes a gap of silence, counted, and all that follows is in its place', async () => {
    const { memory, sink, stop, goOn } = slowSink()
    const { attach, recorder, failures } = setUp(() => Promise.resolve(sink))
    const { listener, line } = attach()
    line.send(noise(900, 60 * SECOND))
    await speak(listener, 100)
    stop()
    await speak(listener, 1000, 100)
    goOn()
    await speak(listener, 100, 1100)
    await recorder.close()
    const { left, right } = readWav(memory.bytes)
    expect(left.length).toBe(1200 * 160)
    expect(Buffer.from(left).indexOf(noise(0))).toBe(0)
    expect(Buffer.from(left).indexOf(noise(1199))).toBe(1199 * 160)
    const lost = recorder.lostMs * 8
    expect(lost).toBeGreaterThan(18 * SECOND)
    expect(lost).toBeLessThan(20 * SECOND)
    expect(sounding(left)).toBe(left.length - lost)
    expect(sounding(right)).toBe(right.length - lost)
    expect(failures).toEqual([])
  })

  it('that is full ends the recording, is told once, and leaves what there is', async () => {
    const sink = new MemorySink(50_000)
    const { attach, recorder, failures, told } = setUp(() => Promise.resolve(sink))
    const { listener } = attach()
    await speak(listener, 400)
    expect(failures).toMatchObject([{ message: 'ENOSPC: no space left' }])
    expect(told.length).toBe(400)
    await recorder.close()
    expect(failures.length).toBe(1)
    expect(sink.isClosed).toBe(true)
    const { left } = readWav(sink.bytes)
    expect(left.length).toBeGreaterThan(2 * SECOND)
    expect(Buffer.from(left).indexOf(noise(10))).toBe(10 * 160)
  })

  it('that takes no file at all is told once, and the call goes on', async () => {
    const { attach, recorder, failures, told } = setUp(() => Promise.reject(new Error('EACCES')))
    const { listener } = attach()
    await speak(listener, 200)
    await recorder.close()
    expect(failures).toMatchObject([{ message: 'EACCES' }])
    expect(told.length).toBe(200)
  })

  it('that cannot close the file is told', async () => {
    const memory = new MemorySink()
    const sink = {
      write: (bytes: Uint8Array, at: number) => memory.write(bytes, at),
      close: () => Promise.reject(new Error('EIO')),
    }
    const { attach, recorder, failures } = setUp(() => Promise.resolve(sink))
    const { listener } = attach()
    await speak(listener, 20)
    await recorder.close()
    expect(failures).toMatchObject([{ message: 'EIO' }])
  })
})

describe('a fault of the recording itself', () => {
  it('does not reach the call', async () => {
    const { attach, recorder, failures, told } = setUp()
    const { listener } = attach()
    const broken = vi.spyOn(Uint8Array.prototype, 'subarray').mockImplementation(() => {
      throw new Error('a bug')
    })
    listener.audio(noise(1), 150)
    broken.mockRestore()
    listener.audio(noise(2), 170)
    expect(told).toEqual(['audio 160 150', 'audio 160 170'])
    expect(failures).toMatchObject([{ message: 'a bug' }])
    await recorder.close()
    expect(failures.length).toBe(1)
  })

  it('does not end the process when it comes with a timer, or at the end', async () => {
    const { attach, recorder, failures } = setUp()
    const { listener } = attach()
    await speak(listener, 15)
    const broken = vi.spyOn(Uint8Array.prototype, 'set').mockImplementation(() => {
      throw new Error('a bug')
    })
    await vi.advanceTimersByTimeAsync(2000)
    await recorder.close()
    broken.mockRestore()
    expect(failures).toMatchObject([{ message: 'a bug' }])
  })
})
