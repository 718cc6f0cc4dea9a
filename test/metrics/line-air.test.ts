import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { scaledClock } from '../../src/clock.ts'
import { LineAir } from '../../src/metrics/line-air.ts'
import type { Line } from '../../src/pipeline/ports.ts'
import { FakeLine } from '../helpers/fake-ports.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const ms = (length: number) => new Uint8Array(length * 8)

function tapped() {
  const air = new LineAir(scaledClock(1))
  const line = new FakeLine()
  return { air, line, tap: air.tap(line) }
}

function pieces(air: LineAir) {
  const origin = air.attachedMs!
  return air.takeTurn().pieces.map(({ sentMs, playsMs }) => [sentMs - origin, playsMs - origin])
}

describe('a line that is listened to', () => {
  it('is the same line to the call', () => {
    const { line, tap } = tapped()
    const all: (keyof Line)[] = ['id', 'send', 'flush', 'mark', 'clear', 'close']
    expect(Object.keys(tap).sort()).toEqual([...all].sort())
    tap.send(ms(20))
    tap.flush()
    tap.mark('1:160')
    tap.clear()
    tap.close()
    expect(tap.id).toBe(line.id)
    expect(line.did).toEqual(['send 160', 'flush', 'mark 1:160', 'clear', 'close'])
  })

  it('plays a piece when the one before it is over', () => {
    const { air, tap } = tapped()
    tap.send(ms(300))
    vi.advanceTimersByTime(100)
    tap.send(ms(300))
    vi.advanceTimersByTime(600)
    tap.send(ms(20))
    expect(pieces(air)).toEqual([
      [0, 0],
      [100, 300],
      [700, 700],
    ])
  })
})

describe('silence', () => {
  it('in the middle of what the agent says is told', () => {
    const { air, tap } = tapped()
    tap.send(ms(500))
    vi.advanceTimersByTime(3000)
    tap.send(ms(500))
    expect(air.takeTurn().gapsMs).toEqual([2500])
  })

  it('is none when it is as short as a pause of ordinary speech', () => {
    const { air, tap } = tapped()
    tap.send(ms(500))
    vi.advanceTimersByTime(699)
    tap.send(ms(500))
    expect(air.takeTurn().gapsMs).toEqual([])
  })

  it('is not the agent’s while the caller speaks', () => {
    const { air, tap } = tapped()
    tap.send(ms(500))
    vi.advanceTimersByTime(200)
    tap.clear()
    vi.advanceTimersByTime(4000)
    tap.send(ms(500))
    expect(air.takeTurn().gapsMs).toEqual([])
  })

  it('is not the agent’s between two of its turns', () => {
    const { air, tap } = tapped()
    tap.send(ms(500))
    vi.advanceTimersByTime(500)
    expect(air.takeTurn().pieces).toHaveLength(1)
    vi.advanceTimersByTime(4000)
    tap.send(ms(500))
    expect(air.takeTurn()).toMatchObject({ gapsMs: [], pieces: [{}] })
  })

  it('is not the agent’s while there is no line', () => {
    const { air, tap } = tapped()
    const attachedMs = air.attachedMs
    tap.send(ms(500))
    vi.advanceTimersByTime(5000)
    air.tap(new FakeLine()).send(ms(500))
    expect(air.takeTurn().gapsMs).toEqual([])
    expect(air.attachedMs).toBe(attachedMs)
  })

  it('of an endless turn fills no memory', () => {
    const { air, tap } = tapped()
    for (let i = 0; i < 5000; i++) tap.send(ms(20))
    expect(air.takeTurn().pieces).toHaveLength(4096)
  })
})
