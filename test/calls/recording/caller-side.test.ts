import { describe, expect, it } from 'vitest'
import { CallerSide } from '../../../src/calls/recording/caller-side.ts'
import { SoundTrack } from '../../../src/calls/recording/sound-track.ts'
import { noise } from './model-carrier.ts'

const FRAME = 160
const SILENT = new Uint8Array(FRAME).fill(0xff)

/** Frames of 20 ms that come `lateMs` after they were over; the stream's time begins with 150 ms. */
function setUp() {
  const track = new SoundTrack()
  const side = new CallerSide(track)
  const receive = (number: number, lateMs = 0) => {
    const now = (number + 1) * FRAME + lateMs * 8
    side.receive(noise(number), 150 + number * 20, now)
  }
  const pause = (number: number) => {
    side.receive(SILENT, 150 + number * 20, (number + 1) * FRAME)
  }
  return { track, side, receive, pause }
}

const frames = (...numbers: (number | undefined)[]) =>
  Buffer.concat(numbers.map((number) => (number === undefined ? SILENT : noise(number))))

describe('the caller on a recording', () => {
  it('is silent where frames are missing, and goes on in time', () => {
    const { track, receive } = setUp()
    for (const number of [0, 1, 4]) receive(number)
    expect(Buffer.from(track.take(5 * FRAME))).toEqual(frames(0, 1, undefined, undefined, 4))
  })

  it('is where they spoke, however late their frames come', () => {
    const { track, receive } = setUp()
    receive(0)
    receive(1, 400)
    receive(2, 380)
    receive(3)
    expect(Buffer.from(track.take(4 * FRAME))).toEqual(frames(0, 1, 2, 3))
  })

  it('is not moved by frames that come when their place has been written', () => {
    const { track, receive } = setUp()
    receive(0)
    track.take(3 * FRAME)
    receive(1, 900)
    receive(3)
    expect(Buffer.from(track.take(4 * FRAME))).toEqual(frames(3))
  })

  it('is moved to where they spoke when the first frames were the late ones', () => {
    const { track, receive } = setUp()
    receive(1, 60)
    receive(2, 40)
    receive(3)
    expect(Buffer.from(track.take(4 * FRAME))).toEqual(frames(undefined, 1, 2, 3))
  })

  it('loses nothing for a difference that nobody hears', () => {
    const { track, receive, pause } = setUp()
    receive(0, 10)
    track.take(2 * FRAME)
    receive(1)
    pause(2)
    expect(track.end).toBe(3 * FRAME + 80)
  })

  it('has every word whole when frames that were late come in time in the middle of one', () => {
    const { track, receive } = setUp()
    receive(0, 45)
    const written = [...track.take(FRAME + 45 * 8)]
    for (const number of [1, 2, 3]) receive(number)
    written.push(...track.take(5 * FRAME + 45 * 8))
    expect(Buffer.from(written.slice(45 * 8))).toEqual(frames(0, 1, 2, 3, undefined))
  })

  it('is in time again after a pause, which is shorter by what the words before it were behind', () => {
    const { track, receive, pause } = setUp()
    receive(0, 45)
    const written = [...track.take(FRAME + 45 * 8)]
    receive(1)
    for (const number of [2, 3, 4]) pause(number)
    receive(5)
    written.push(...track.take(7 * FRAME))
    expect(Buffer.from(written.slice(45 * 8, 2 * FRAME + 45 * 8))).toEqual(frames(0, 1))
    const found = Buffer.from(written).indexOf(noise(5))
    expect(found).toBeGreaterThanOrEqual(5 * FRAME)
    expect(found).toBeLessThanOrEqual(6 * FRAME)
  })

  it('has their first word whole although it comes in one go with the beginning of the line', () => {
    const { track, side } = setUp()
    for (const number of [0, 1, 2, 3]) side.receive(noise(number), number * 20, 0)
    expect(Buffer.from(track.take(4 * FRAME))).toEqual(frames(0, 1, 2, 3))
  })

  it('loses no more than it is behind when there is no pause to make up for it', () => {
    const { track, receive } = setUp()
    receive(0, 150)
    const written = [...track.take(FRAME + 150 * 8)]
    for (let number = 1; number <= 20; number++) receive(number)
    written.push(...track.take(21 * FRAME + 150 * 8))
    const lost = 21 * FRAME - written.filter((byte) => byte !== 0xff).length
    expect(lost).toBeGreaterThan(0)
    expect(lost).toBeLessThanOrEqual(3 * FRAME)
    expect(track.end).toBeLessThanOrEqual(21 * FRAME + 100 * 8)
  })

  it('stays in time when the carrier’s clock is slower or faster than ours', () => {
    for (const factor of [1.001, 0.999]) {
      const track = new SoundTrack()
      const side = new CallerSide(track)
      const off: number[] = []
      for (let number = 0; number < 6000; number++) {
        const now = Math.round((number + 1) * FRAME * factor)
        side.receive(noise(number), number * 20, now)
        off.push(Math.abs(now - track.end))
        if (number % 20 === 0) track.take(now - 800)
      }
      // Judged over ten seconds, in which a clock that is one part in a thousand wrong is 10 ms off. This caller makes no pause.
      expect(Math.max(...off)).toBeLessThanOrEqual(factor > 1 ? 160 + 160 : 800 + 160)
    }
  })

  it('is not disturbed by a timestamp that means nothing', () => {
    const { track, side, receive } = setUp()
    receive(0)
    side.receive(noise(9), Infinity, 2 * FRAME)
    side.receive(noise(9), NaN, 2 * FRAME)
    receive(1)
    expect(Buffer.from(track.take(2 * FRAME))).toEqual(frames(0, 1))
  })
})
