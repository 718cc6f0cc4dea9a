import { expect, it } from 'vitest'
import { LinePulse } from '../../../src/providers/twilio/line-pulse.ts'
import { Outflow } from '../../../src/providers/twilio/outflow.ts'
import { SteppingClock } from '../../helpers/stepping-clock.ts'

const SECOND = 8000

function setUp() {
  const clock = new SteppingClock()
  const network = { waiting: 0 }
  const happened: string[] = []
  const pulse = new LinePulse({
    clock,
    ask: () => happened.push('asked'),
    waitingBytes: () => network.waiting,
    look: () => undefined,
    stuck: (reason) => {
      happened.push(reason)
      pulse.stop()
    },
  })
  pulse.begin()
  const pass = (ms: number, each: () => void = () => undefined) => {
    for (let at = 0; at < ms; at += 250) {
      each()
      clock.advance(250)
    }
  }
  return { clock, network, happened, pulse, pass }
}

it('is content while frames come and marks come back', () => {
  const { pulse, pass, happened } = setUp()
  pass(20_000, () => {
    pulse.heard()
    pulse.sent(2000)
    pulse.marked('a')
    pulse.returned('a')
  })
  expect(happened).toEqual([])
})

it('asks a line that has gone quiet, and gives it up when nobody answers: five seconds in all', () => {
  const { pass, happened } = setUp()
  pass(2500)
  expect(happened).toEqual([])
  pass(500)
  expect(happened).toEqual(['asked'])
  pass(2250)
  expect(happened).toEqual(['asked'])
  pass(500)
  expect(happened).toEqual(['asked', 'no answer'])
})

it('leaves a telephone alone that sends nothing in silence, and answers', () => {
  const { pulse, pass, happened } = setUp()
  for (let i = 0; i < 5; i++) {
    pass(3000)
    pulse.heard()
  }
  expect(happened).toEqual(['asked', 'asked', 'asked', 'asked', 'asked'])
})

it('gives a line up that plays nothing, counted from when the audio before a mark should be over', () => {
  const { pulse, pass, happened } = setUp()
  const heard = () => {
    pulse.heard()
  }
  pulse.sent(6 * SECOND)
  pulse.marked('six seconds')
  pass(6000 + 4250, heard)
  expect(happened).toEqual([])
  pass(750, heard)
  expect(happened).toEqual(['audio is not played'])
})

it('does not blame the line for a process that stood still', () => {
  const { clock, pulse, pass, happened } = setUp()
  pulse.sent(SECOND)
  pulse.marked('a')
  pass(1000)
  clock.stall(8000)
  pass(250)
  expect(happened).toEqual([])
})

it('expects nothing of what was cleared', () => {
  const { pulse, pass, happened } = setUp()
  pulse.sent(SECOND)
  pulse.marked('a')
  pulse.cleared()
  pass(20_000, () => {
    pulse.heard()
  })
  expect(happened).toEqual([])
})

it('gives a socket up that takes nothing, and not one that is slow', () => {
  const { network, pulse, pass, happened } = setUp()
  network.waiting = 1_000_000
  pass(10_000, () => {
    pulse.heard()
    network.waiting -= 1000
  })
  expect(happened).toEqual([])
  pass(5500, () => {
    pulse.heard()
  })
  expect(happened).toEqual(['audio is not taken'])
})

it('hands a socket no more than it gets rid of, keeps the order, and forgets what was cleared', () => {
  const sent: string[] = []
  const socket = { bufferedAmount: 0, send: (text: string) => sent.push(text) }
  const outflow = new Outflow(socket)
  outflow.send('a')
  socket.bufferedAmount = 300 * 1024
  outflow.send('b')
  outflow.send('c')
  expect([sent, outflow.waitingBytes]).toEqual([['a'], 300 * 1024 + 2])
  socket.bufferedAmount = 0
  // Not before what has waited.
  outflow.send('d')
  outflow.resume()
  expect(sent).toEqual(['a', 'b', 'c', 'd'])
  socket.bufferedAmount = 300 * 1024
  outflow.send('e')
  outflow.drop()
  socket.bufferedAmount = 0
  outflow.resume()
  expect([sent.length, outflow.waitingBytes]).toEqual([4, 0])
  socket.bufferedAmount = 300 * 1024
  expect(outflow.send('x'.repeat(8 * 1024 * 1024))).toBe(false)
})
