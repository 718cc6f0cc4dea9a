import { describe, expect, test } from 'vitest'
import { benchCall } from '../../bench/conversation.ts'
import { consumptionOf, latenciesOf } from '../../bench/figures.ts'
import { machineMs, type Moment, StampBook, type Stamp } from '../../bench/stamps.ts'

const call = benchCall(1, 3)

function stamp(what: Moment, code: string, atMs: number): Stamp {
  return { what, code, atMs }
}

/** A turn that begins at `at`: 2 ms to the model, 1 to the voice, 4 to the line, between them the vendors' time. */
function turn(code: string, at: number): Stamp[] {
  return [
    stamp('turn_end_sent', code, at),
    stamp('model_asked', code, at + 2),
    stamp('phrase_written', code, at + 302),
    stamp('phrase_given', code, at + 303),
    stamp('voice_began', code, at + 453),
    stamp('media_got', 'qc', at + 457),
  ]
}

const bargeIn = [stamp('words_sent', 'qc', 5900), stamp('clear_got', 'qc', 5903)]
const stamps = [
  stamp('picked_up', 'qc', 100),
  stamp('media_got', 'qc', 130),
  stamp('words_sent', 'qc', 1800),
  ...turn('qca', 2000),
  stamp('words_sent', 'qc', 3800),
  ...turn('qce', 4000),
  ...bargeIn,
  ...turn('qci', 6000),
]
const always = { fromMs: 0, toMs: 10_000 }

describe('latencies', () => {
  test("add up our hops and leave the vendors' time out", () => {
    const { toModel, toVoice, toLine, added, missed } = latenciesOf([call], stamps, always)
    expect(toModel.p50).toBe(2)
    expect(toVoice.p50).toBe(1)
    expect(toLine.p50).toBe(4)
    expect(added).toMatchObject({ count: 3, p50: 7, max: 7 })
    expect(missed).toEqual([])
  })

  test('tell how soon an interruption clears the line, and the phone is greeted', () => {
    const { bargeIn, greeting } = latenciesOf([call], stamps, always)
    expect(bargeIn).toMatchObject({ count: 1, p50: 3 })
    expect(greeting).toMatchObject({ count: 1, p50: 30 })
  })

  test('count turns of the window only', () => {
    const { added, bargeIn } = latenciesOf([call], stamps, { fromMs: 3000, toMs: 5000 })
    expect(added.count).toBe(1)
    expect(bargeIn.count).toBe(0)
  })

  test.each<Moment>(['model_asked', 'phrase_written', 'phrase_given', 'voice_began'])(
    'report a turn without %s as missed',
    (what) => {
      const partial = stamps.filter((one) => one.what !== what || one.code !== 'qca')
      expect(latenciesOf([call], partial, always)).toMatchObject({
        added: { count: 2 },
        missed: ['qca was not answered'],
      })
    },
  )

  test('report a reply that the line never got as missed', () => {
    const partial = stamps.filter(({ what, atMs }) => what !== 'media_got' || atMs < 6000)
    expect(latenciesOf([call], partial, always)).toMatchObject({
      missed: ['qci was not answered'],
    })
  })

  test('report an interruption that did not clear the line as missed', () => {
    const withoutClear = stamps.filter(({ what }) => what !== 'clear_got')
    expect(latenciesOf([call], withoutClear, always)).toMatchObject({
      bargeIn: { count: 0 },
      missed: ['qci did not clear the line'],
    })
  })
})

describe('stamps', () => {
  test('are found in the order of time, whatever order they came in', () => {
    const book = new StampBook([stamp('media_got', 'qc', 9), stamp('media_got', 'qc', 3)])
    expect(book.first('media_got', 'qc')).toBe(3)
    expect(book.firstSince('media_got', 'qc', 4)).toBe(9)
    expect(book.firstSince('media_got', 'qc', 10)).toBeUndefined()
    expect(book.first('media_got', 'qcc')).toBeUndefined()
  })

  test('are taken from a clock that only goes forward', () => {
    expect(machineMs()).toBeLessThanOrEqual(machineMs())
  })
})

test('consumption is told for one call, memory against the idle server', () => {
  const MB = 1024 ** 2
  const loopDelayMs = { p50: 0.1, p99: 2, max: 5 }
  const idle = { wallMs: 1000, cpuMs: 900, rssBytes: 100 * MB, liveBytes: 60 * MB, loopDelayMs }
  const busy = { wallMs: 2000, cpuMs: 500, rssBytes: 150 * MB, liveBytes: 70 * MB, loopDelayMs }
  expect(consumptionOf(idle, busy, 50)).toEqual({
    seconds: 2,
    cpuPercent: 25,
    cpuPercentPerCall: 0.5,
    mbPerCall: 1,
    liveMbPerCall: 0.2,
    loopDelayMs,
  })
})
