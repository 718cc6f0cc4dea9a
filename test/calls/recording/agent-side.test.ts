import { describe, expect, it } from 'vitest'
import { AgentSide, isOwnMark } from '../../../src/calls/recording/agent-side.ts'
import { SoundTrack } from '../../../src/calls/recording/sound-track.ts'
import { noise } from './model-carrier.ts'

const MS = 8

function setUp() {
  const track = new SoundTrack()
  const side = new AgentSide(track)
  /** Sends so many ms of sound; the name of the recording's own mark, if one had to go ahead. */
  const send = (ms: number, atMs: number) => side.send(noise(ms, ms * MS), atMs * MS)
  return { track, side, send }
}

/** From and to of each sound, in ms. */
function soundsOf(track: SoundTrack, upToMs: number): [number, number][] {
  const sounds: [number, number][] = []
  track.take(upToMs * MS).forEach((byte, sample) => {
    if (byte === 0xff) return
    const last = sounds.at(-1)
    if (last?.[1] === sample / MS) last[1] = (sample + 1) / MS
    else sounds.push([sample / MS, (sample + 1) / MS])
  })
  return sounds
}

describe('the agent on a recording', () => {
  it('is played in order, behind what is still being played', () => {
    const { track, send } = setUp()
    send(100, 50)
    send(100, 60)
    send(100, 400)
    expect(soundsOf(track, 1000)).toEqual([
      [50, 250],
      [400, 500],
    ])
  })

  it('begins when the mark ahead of it comes back, and so does what follows', () => {
    const { track, side, send } = setUp()
    const mark = send(100, 50)
    expect(isOwnMark(mark ?? '')).toBe(true)
    expect(send(100, 60)).toBeUndefined()
    side.marked(mark ?? '', 170 * MS)
    send(100, 1000)
    expect(soundsOf(track, 2000)).toEqual([
      [170, 370],
      [1120, 1220],
    ])
  })

  it('is moved back when the first mark was the late one', () => {
    const { track, side, send } = setUp()
    const mark = send(200, 0)
    side.mark('1:1600')
    side.marked(mark ?? '', 150 * MS)
    side.marked('1:1600', 260 * MS)
    send(100, 1000)
    expect(soundsOf(track, 2000)).toEqual([
      [60, 260],
      [1060, 1160],
    ])
  })

  it('does not jump for a mark that is a little late', () => {
    const { track, side, send } = setUp()
    const mark = send(200, 0)
    side.mark('1:1600')
    side.marked(mark ?? '', 0)
    side.marked('1:1600', 300 * MS)
    expect(soundsOf(track, 1000)).toEqual([[0, 200]])
  })

  it('pauses where the carrier ran dry', () => {
    const { track, side, send } = setUp()
    const mark = send(500, 0)
    side.mark('1:4000')
    for (const name of ['1:8000', '1:12000']) {
      send(500, 10)
      side.mark(name)
    }
    send(100, 20)
    side.marked(mark ?? '', 0)
    side.marked('1:4000', 500 * MS)
    side.marked('1:8000', 1400 * MS)
    side.marked('1:12000', 1950 * MS)
    expect(soundsOf(track, 3000)).toEqual([
      [0, 1000],
      [1400, 2000],
    ])
  })

  it('is whole when a mark was held up on its way, and cut where it really was', () => {
    const { track, side, send } = setUp()
    const mark = send(500, 0)
    side.mark('1:4000')
    send(500, 10)
    side.mark('1:8000')
    side.marked(mark ?? '', 0)
    side.marked('1:4000', 950 * MS)
    side.clear(960 * MS)
    expect(soundsOf(track, 2000)).toEqual([[0, 960]])
  })

  it('is not moved once it is in the file', () => {
    const { track, side, send } = setUp()
    const mark = send(300, 0)
    expect(soundsOf(track, 200)).toEqual([[0, 200]])
    side.marked(mark ?? '', 100 * MS)
    expect(soundsOf(track, 1000)).toEqual([[0, 100]])
  })

  it('stops where it was cut off, and begins anew', () => {
    const { track, side, send } = setUp()
    const mark = send(1000, 0)
    side.mark('1:8000')
    side.marked(mark ?? '', 40 * MS)
    side.clear(300 * MS)
    side.marked('1:8000', 400 * MS)
    expect(send(100, 300)).toBeDefined()
    expect(soundsOf(track, 2000)).toEqual([[40, 440]])
  })

  it('ends with the line', () => {
    const { track, side, send } = setUp()
    send(1000, 0)
    side.end(300 * MS)
    expect(soundsOf(track, 2000)).toEqual([[0, 300]])
  })

  it('has the silence that fills a frame up, and not what never left the line', () => {
    const { track, side, send } = setUp()
    send(30, 0)
    side.flush()
    side.flush()
    send(30, 0)
    side.clear(200 * MS)
    send(0, 500)
    expect(soundsOf(track, 1000)).toEqual([
      [0, 30],
      [40, 60],
    ])
  })

  it('takes a mark for that of the whole frames before it, which are all that has left the line', () => {
    const { track, side, send } = setUp()
    const mark = send(110, 0)
    side.mark('1:880')
    side.marked(mark ?? '', 0)
    side.marked('1:880', 100 * MS)
    send(100, 500)
    expect(soundsOf(track, 1000)).toEqual([
      [0, 110],
      [500, 600],
    ])
  })

  it('takes a mark of sound that is long over for no sign of what is played now', () => {
    const { track, side, send } = setUp()
    send(100, 0)
    side.mark('1:800')
    const mark = send(100, 500)
    side.marked('1:800', 590 * MS)
    side.marked('nobody’s', 600 * MS)
    side.marked(mark ?? '', 520 * MS)
    expect(soundsOf(track, 1000)).toEqual([
      [0, 100],
      [520, 620],
    ])
  })

  it('believes no network to be slow for ever', () => {
    const { track, side, send } = setUp()
    const mark = send(100, 0)
    side.marked(mark ?? '', 3000 * MS)
    send(100, 5000)
    expect(soundsOf(track, 9000)).toEqual([
      [3000, 3100],
      [5500, 5600],
    ])
  })
})
