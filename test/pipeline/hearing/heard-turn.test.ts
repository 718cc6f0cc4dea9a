import { describe, expect, it } from 'vitest'
import { HeardTurn } from '../../../src/pipeline/hearing/heard-turn.ts'
import type { TimedWord } from '../../../src/pipeline/ports.ts'

/** Words of half a second each, from some point of the call's audio on. */
const spoken = (text: string, fromMs = 0): { text: string; timed: readonly TimedWord[] } => ({
  text,
  timed: text
    .split(' ')
    .map((word, i) => ({ text: word, startMs: fromMs + i * 500, endMs: fromMs + i * 500 + 400 })),
})

const words = (text: string, fromMs = 0) => ({ type: 'words', ...spoken(text, fromMs) }) as const
const eager = (text: string, fromMs = 0) =>
  ({ type: 'eager_end', ...spoken(text, fromMs) }) as const
const end = (text: string, fromMs = 0) => {
  const said = spoken(text, fromMs)
  return { type: 'turn_end', ...said, speechEndMs: said.timed.at(-1)?.endMs ?? 0 } as const
}

describe('a turn that several connections have heard', () => {
  it('is told as one connection tells it, when there is but one', () => {
    const turn = new HeardTurn()
    expect([
      ...turn.hear(words('One'), 500),
      ...turn.hear(words('One two'), 1000),
      ...turn.hear(eager('One two'), 1200),
      ...turn.hear({ type: 'resumed' }, 1300),
      ...turn.hear(words('One two three'), 1500),
      ...turn.hear(eager('One two three'), 1700),
      ...turn.hear(end('One two three'), 1800),
    ]).toEqual([
      { type: 'words', text: 'One', speechStartMs: 0 },
      { type: 'words', text: 'One two' },
      { type: 'eager_end', text: 'One two' },
      { type: 'resumed' },
      { type: 'words', text: 'One two three' },
      { type: 'eager_end', text: 'One two three' },
      { type: 'turn_end', text: 'One two three', speechEndMs: 1400 },
    ])
    expect(turn.isOpen).toBe(false)
  })

  it('takes an eager end back when whoever told it is gone', () => {
    const turn = new HeardTurn()
    turn.hear(words('One two three'), 1500)
    turn.hear(eager('One two three'), 1700)
    expect(turn.lose(0)).toEqual([{ type: 'resumed' }])
    expect(turn.lose(0)).toEqual([])
  })

  it('keeps what is settled, and takes the rest from the next one', () => {
    const turn = new HeardTurn()
    turn.hear(words('One two thr'), 1500)
    turn.lose(0)
    expect(turn.resumeMs).toBeGreaterThan(0)
    expect(turn.resumeMs).toBeLessThan(1000)
    // The tail of a word that is known comes again, and what was told already is not told as less.
    expect(turn.hear(words('wo', 700), 1600)).toEqual([])
    expect(turn.hear(words('wo three four', 600), 2000)).toEqual([
      { type: 'words', text: 'One two three four' },
    ])
    expect(turn.hear(end('wo three four', 600), 2600)).toMatchObject([
      { type: 'turn_end', text: 'One two three four', speechEndMs: 2000 },
    ])
  })

  it('tells the pauses of the whole turn', () => {
    const turn = new HeardTurn()
    turn.hear(words('One two'), 1000)
    turn.hear(
      {
        ...words('One two three'),
        timed: [...spoken('One two').timed, ...spoken('three', 3000).timed],
      },
      3500,
    )
    turn.lose(0)
    expect(turn.hear(end('three four', 3000), 4500)).toMatchObject([
      { text: 'One two three four', pausesMs: [2100] },
    ])
  })

  it('goes on where the next one believes it to be over, and the one before knew better', () => {
    const turn = new HeardTurn()
    turn.hear(words('One two three four five'), 2500)
    turn.lose(0)
    turn.lose(0)
    const parts = [
      ...turn.hear(end('three four', 1000), 2600),
      ...turn.hear(end('five six', 2000), 3500),
    ]
    expect(parts.at(-1)).toMatchObject({ type: 'turn_end' })
    const text = parts.flatMap((event) => (event.type === 'turn_end' ? [event.text] : [])).join(' ')
    expect(text).toBe('One two three four five six')
  })

  it('does not tell what belongs to the turn before', () => {
    const turn = new HeardTurn()
    turn.hear(words('One two'), 1000)
    turn.hear(end('One two'), 1500)
    turn.lose(0)
    expect(turn.resumeMs).toBe(900)
    expect(turn.hear(words('two', 500), 1600)).toEqual([])
    expect(turn.hear(eager('two', 500), 1600)).toEqual([])
    expect(turn.hear(end('two', 500), 1700)).toEqual([])
    expect(turn.hear(end('two Three', 500), 2700)).toMatchObject([
      { type: 'words', text: 'Three', speechStartMs: 1000 },
      { type: 'turn_end', text: 'Three' },
    ])
  })

  it('keeps the words that are too old to be heard again', () => {
    const turn = new HeardTurn()
    turn.hear(words('One two'), 1000)
    turn.lose(5000)
    expect(turn.resumeMs).toBeGreaterThanOrEqual(4800)
    expect(turn.end()).toEqual([{ type: 'turn_end', text: 'One two', speechEndMs: 900 }])
    expect(turn.end()).toEqual([])
  })

  it('without times keeps all that was told', () => {
    const turn = new HeardTurn()
    turn.hear({ type: 'words', text: 'One two' }, 1000)
    turn.lose(0)
    expect(turn.resumeMs).toBe(1000)
    expect(turn.hear({ type: 'words', text: 'three' }, 1500)).toEqual([
      { type: 'words', text: 'One two three' },
    ])
    expect(turn.hear({ type: 'turn_end', text: 'three.' }, 1900)).toEqual([
      { type: 'turn_end', text: 'One two three.' },
    ])
  })

  it('ends with marks that its last words did not have yet', () => {
    const turn = new HeardTurn()
    turn.hear(words('One'), 500)
    turn.hear(eager('One'), 600)
    expect(turn.hear(end('One.'), 700)).toEqual([
      { type: 'resumed' },
      { type: 'words', text: 'One.' },
      { type: 'turn_end', text: 'One.', speechEndMs: 400 },
    ])
  })
})
