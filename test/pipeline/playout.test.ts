import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { parseMark, Playback } from '../../src/pipeline/playout.ts'
import { alignmentOf, audioOf, FakeLine } from '../helpers/fake-ports.ts'

const TEXT = 'one two three four five six'

function setUp({ held = false } = {}) {
  const line = new FakeLine()
  const happened: string[] = []
  const playback = new Playback({
    reply: 3,
    held,
    clock: systemClock,
    line: () => line,
    listener: {
      audio: () => happened.push('audio'),
      filler: () => happened.push('filler'),
      dry: () => happened.push('dry'),
      heardFirst: () => happened.push('heardFirst'),
      sent: () => happened.push('sent'),
      heard: () => happened.push('heard'),
    },
  })
  const speak = (text: string) => {
    playback.addText(text)
    playback.push(audioOf(text), alignmentOf(text))
  }
  return { line, happened, playback, speak }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('playback', () => {
  it('sends audio as it comes, marks its way, and hears the end', () => {
    const { line, happened, playback, speak } = setUp()
    speak(TEXT)
    playback.finish({ whole: true })
    expect(line.did.slice(0, 2)).toEqual(['send 10800', 'mark 3:10800'])
    expect(line.did.slice(2)).toEqual(['flush', 'mark 3:10800'])
    vi.advanceTimersByTime(1350)
    playback.acknowledge(10_800)
    expect(happened).toEqual(['audio', 'sent', 'heardFirst', 'heard'])
    expect(playback.heard()).toEqual({ text: TEXT, whole: true })
    expect(playback.audible).toBe(false)
  })

  it('holds everything back until it is released', () => {
    const { line, happened, playback, speak } = setUp({ held: true })
    speak(TEXT)
    playback.finish({ whole: true })
    expect(line.did).toEqual([])
    playback.release()
    playback.release()
    expect(line.did).toEqual(['send 10800', 'mark 3:10800', 'flush', 'mark 3:10800'])
    expect(happened).toEqual(['audio', 'sent'])
  })

  it('can be held again', () => {
    const { line, playback, speak } = setUp()
    playback.hold()
    speak(TEXT)
    expect(line.did).toEqual([])
  })

  it('tells the words heard when it is cut, by the clock alone', () => {
    const { line, playback, speak } = setUp()
    speak(TEXT)
    vi.advanceTimersByTime(360)
    expect(playback.cut()).toEqual({ text: 'one two', whole: false })
    expect(line.did.at(-1)).toBe('clear')
    speak(' more')
    playback.finish({ whole: true })
    playback.acknowledge(10_800)
    expect(line.did.at(-1)).toBe('clear')
  })

  it('counts audio that arrives late from when it arrives', () => {
    const { playback, speak } = setUp()
    speak('one ')
    vi.advanceTimersByTime(5000)
    speak('two three')
    vi.advanceTimersByTime(150)
    expect(playback.cut().text).toBe('one two')
  })

  it('believes a mark that came early: what lies before it was heard', () => {
    const { playback, speak } = setUp()
    speak('one two ')
    speak('three four')
    vi.advanceTimersByTime(10)
    playback.acknowledge(3200)
    expect(playback.cut().text).toBe('one two')
  })

  it('believes a mark that came late: the line had run dry', () => {
    const { playback, speak } = setUp()
    speak('one two ')
    speak('three four')
    vi.advanceTimersByTime(700)
    playback.acknowledge(3200)
    expect(playback.cut().text).toBe('one two three')
  })

  it('goes on from the word at which it was paused', () => {
    const { line, happened, playback, speak } = setUp()
    speak(TEXT)
    playback.finish({ whole: true })
    vi.advanceTimersByTime(500)
    playback.pause()
    playback.pause()
    expect(line.did.at(-1)).toBe('clear')
    expect(playback.heard()).toEqual({ text: 'one two', whole: false })
    vi.advanceTimersByTime(60_000)
    playback.acknowledge(10_800)
    expect(happened).not.toContain('heard')
    line.did.length = 0
    playback.resume()
    // “three” begins after eight characters of 50 ms each.
    expect(line.did).toEqual([`send ${10_800 - 8 * 400}`, 'mark 3:10800', 'flush', 'mark 3:10800'])
    vi.advanceTimersByTime(500)
    expect(playback.heard().text).toBe('one two three four')
    playback.acknowledge(10_800)
    expect(playback.heard()).toEqual({ text: TEXT, whole: true })
    expect(happened.filter((event) => event === 'audio')).toHaveLength(1)
  })

  it('may be cut while it is paused', () => {
    const { line, playback, speak } = setUp()
    speak(TEXT)
    vi.advanceTimersByTime(500)
    playback.pause()
    speak(' seven')
    vi.advanceTimersByTime(5000)
    expect(playback.text).toBe(`${TEXT} seven`)
    expect(playback.cut()).toEqual({ text: 'one two', whole: false })
    expect(line.did.filter((did) => did === 'clear')).toHaveLength(1)
  })

  it('does not wait for ever for the last mark', () => {
    const { happened, playback, speak } = setUp()
    speak(TEXT)
    playback.finish({ whole: true })
    vi.advanceTimersByTime(1350 + 5999)
    expect(happened).not.toContain('heard')
    vi.advanceTimersByTime(1)
    expect(happened.at(-1)).toBe('heard')
  })

  it('marks its way about every half second', () => {
    const { line, playback } = setUp()
    for (let i = 0; i < 100; i++) playback.push(new Uint8Array(160))
    expect(line.marks).toEqual(['3:800', '3:4800', '3:8800', '3:12800'])
  })

  it('says nothing to the line when nothing was sent', () => {
    const { line, playback, speak } = setUp({ held: true })
    speak(TEXT)
    expect(playback.cut()).toEqual({ text: '', whole: false })
    expect(line.did).toEqual([])
  })

  it('reads its own marks and no others', () => {
    expect(parseMark('3:1600')).toEqual({ reply: 3, bytes: 1600 })
    expect(parseMark('hello')).toBeUndefined()
  })

  it('is rewound to its first word, and counts as not heard until it goes on', () => {
    const { line, happened, playback, speak } = setUp()
    speak(TEXT)
    playback.finish({ whole: true })
    vi.advanceTimersByTime(500)
    playback.rewind()
    expect(line.did.at(-1)).toBe('clear')
    expect(playback.heard()).toEqual({ text: '', whole: false })
    vi.advanceTimersByTime(60_000)
    expect(happened).not.toContain('heard')
    playback.resume()
    expect(line.sentBytes).toBe(2 * TEXT.length * 400)
    vi.advanceTimersByTime(TEXT.length * 50)
    playback.acknowledge(TEXT.length * 400)
    expect(happened.at(-1)).toBe('heard')
    playback.rewind()
    expect(playback.heard()).toEqual({ text: TEXT, whole: true })
  })

  it('is rewound while it is paused, too', () => {
    const { line, playback, speak } = setUp()
    speak(TEXT)
    vi.advanceTimersByTime(500)
    playback.pause()
    playback.rewind()
    expect(line.did.filter((did) => did === 'clear')).toHaveLength(1)
    expect(playback.heard().text).toBe('')
    playback.resume()
    expect(line.sentBytes).toBe(2 * TEXT.length * 400)
  })

  it('remembers how far it was heard when it goes on from somewhat before that', () => {
    const { playback, speak } = setUp()
    speak(TEXT)
    // In the last letter of “three”: it is said again from its beginning.
    vi.advanceTimersByTime(12 * 50 + 30)
    playback.pause()
    expect(playback.heard().text).toBe('one two three')
    playback.resume()
    vi.advanceTimersByTime(50)
    expect(playback.heard().text).toBe('one two three')
    expect(playback.cut().text).toBe('one two three')
    expect(playback.heard().text).not.toContain('four')
  })

  it('goes back once for two lines that come one right after the other', () => {
    const { line, playback, speak } = setUp()
    speak(TEXT)
    // In “five”; of the last 300 ms nobody knows whether the first line played them.
    vi.advanceTimersByTime(20 * 50)
    const moveToNextLine = () => {
      playback.pause(300)
      const before = line.sentBytes
      playback.resume()
      return line.sentBytes - before
    }
    const fromFour = (TEXT.length - TEXT.indexOf('four')) * 400
    expect([moveToNextLine(), moveToNextLine()]).toEqual([fromFour, fromFour])
    // What the next line has played for some time is not said again.
    vi.advanceTimersByTime(9 * 50)
    expect(moveToNextLine()).toBe(fromFour)
    vi.advanceTimersByTime(12 * 50)
    expect(moveToNextLine()).toBe((TEXT.length - TEXT.indexOf('five')) * 400)
  })

  it('tells after a cut what was heard, not what was acknowledged', () => {
    const { playback, speak } = setUp()
    speak(TEXT)
    vi.advanceTimersByTime(700)
    const heard = playback.cut()
    vi.advanceTimersByTime(700)
    expect(playback.heard()).toEqual(heard)
  })

  it('believes late marks and not the clock: what a stuck line has not played is said on the next one', () => {
    const { line, playback, speak } = setUp()
    speak(TEXT)
    playback.finish({ whole: true })
    vi.advanceTimersByTime(800)
    playback.acknowledge(800)
    // Everything is played by our clock, and no mark comes back.
    vi.advanceTimersByTime(4000)
    expect(playback.heard()).toMatchObject({ whole: false })
    const before = line.sentBytes
    playback.pause()
    playback.resume()
    expect(line.sentBytes - before).toBeGreaterThan(before / 2)
  })

  it('claims no words that a line did not play any more when the person spoke into the silence', () => {
    const { playback, speak } = setUp()
    speak('one two ')
    speak('three four five six')
    vi.advanceTimersByTime(400)
    playback.acknowledge(3200)
    // A mark after the last word is 350 ms late: whoever heard silence after “two” has begun to speak.
    vi.advanceTimersByTime(950 + 350)
    expect(playback.cut().text).toBe('one two')
  })

  it('takes its time to find out how long the way to a far line is', () => {
    const { playback, speak } = setUp()
    speak(TEXT)
    vi.advanceTimersByTime(1350 + 600)
    expect(playback.heard().text).toBe(TEXT)
  })

  it('counts a word whose beginning came without audio of its own', () => {
    const { playback } = setUp()
    playback.addText('one two')
    playback.push(new Uint8Array(0), alignmentOf('o'))
    playback.push(audioOf('ne two'), alignmentOf('ne two'))
    vi.advanceTimersByTime(7 * 50)
    expect(playback.heard().text).toBe('one two')
  })

  it('is not believed to be over while marks come back late', () => {
    const { happened, playback, speak } = setUp()
    speak(TEXT)
    playback.finish({ whole: true })
    // The line plays it three seconds late, and says so in the middle.
    vi.advanceTimersByTime(675 + 3000 - 400)
    playback.acknowledge(5400)
    vi.advanceTimersByTime(675 + 5800)
    expect(happened).not.toContain('heard')
    vi.advanceTimersByTime(200)
    expect(happened).toContain('heard')
  })
})
