import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  LONG_PAUSE_MS,
  LONGEST_PAUSE_MS,
  NORMAL_PAUSE_MS,
  Patience,
} from '../../src/pipeline/patience.ts'

const english = () => new Patience(() => 'en')

type Happening = (patience: Patience) => void

const pause = fc
  .oneof(fc.integer({ min: -10, max: 8000 }), fc.constantFrom(0, NaN, Infinity))
  .map((ms): Happening => (patience) => {
    patience.callerPaused(ms)
  })
const other: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ words: fc.nat(60), ms: fc.nat(30_000) }).map((turn): Happening => (patience) => {
    patience.callerTurn(turn)
  }),
  fc
    .constantFrom('Could you spell your last name?', 'Great, thank you.', '')
    .map((text): Happening => (patience) => {
      patience.agentAsked(text)
    }),
  fc
    .constantFrom('my number is 555 01', 'Thursday and', 'Yes.', '')
    .map((text): Happening => (patience) => {
      patience.callerSays(text)
    }),
)

describe('patience with a caller', () => {
  it('is normal to begin with, and stays so for a fluent one', () => {
    const patience = english()
    expect(patience.pauseMs).toBe(NORMAL_PAUSE_MS)
    for (let i = 0; i < 20; i++) {
      patience.agentAsked('Does Thursday at two still work for you?')
      patience.callerSays('Yes, that works for me.')
      patience.callerPaused(250)
      patience.callerTurn({ words: 5, ms: 1800 })
    }
    expect(patience.pauseMs).toBe(NORMAL_PAUSE_MS)
  })

  it('is more for one who dictates, for that one turn', () => {
    const patience = english()
    patience.agentAsked('Sure. Could you give me your phone number?')
    expect(patience.pauseMs).toBe(LONG_PAUSE_MS)
    patience.callerTurn({ words: 10, ms: 5000 })
    expect(patience.pauseMs).toBe(NORMAL_PAUSE_MS)
    patience.agentAsked('What is your e-mail address?')
    patience.agentAsked('Never mind. When would you like to come?')
    expect(patience.pauseMs).toBe(NORMAL_PAUSE_MS)
  })

  it('is not taught by what is read out: an ordinary answer after it is not slowed', () => {
    const patience = english()
    for (const asked of ['What is your phone number?', 'And your e-mail address?']) {
      patience.agentAsked(asked)
      for (const ms of [1500, 2000, 1800]) patience.callerPaused(ms)
      expect(patience.pauseMs).toBeGreaterThanOrEqual(LONG_PAUSE_MS)
      patience.callerTurn({ words: 8, ms: 9000 })
      expect(patience.pauseMs).toBe(NORMAL_PAUSE_MS)
    }
  })

  it('is more as long as the words cannot end there', () => {
    const patience = english()
    patience.callerSays('I would like to come on Thursday and')
    expect(patience.pauseMs).toBeGreaterThan(NORMAL_PAUSE_MS)
    patience.callerSays('I would like to come on Thursday and Friday.')
    expect(patience.pauseMs).toBe(NORMAL_PAUSE_MS)
  })

  it('is learnt from pauses, in a few turns, and fades without any', () => {
    const patience = english()
    const seen: number[] = []
    for (let turn = 0; turn < 4; turn++) {
      patience.callerPaused(1400)
      patience.callerTurn({ words: 8, ms: 4000 })
      seen.push(patience.pauseMs)
    }
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    // Two such turns are enough for most of it; what it comes to leaves a margin.
    expect(seen[1]).toBeGreaterThanOrEqual(1300)
    expect(seen[3]).toBeGreaterThanOrEqual(1600)
    for (let turn = 0; turn < 20; turn++) patience.callerTurn({ words: 8, ms: 3000 })
    expect(patience.pauseMs).toBe(NORMAL_PAUSE_MS)
  })

  it('is not taught by an absence', () => {
    const patience = english()
    patience.callerPaused(20_000)
    expect(patience.pauseMs).toBe(NORMAL_PAUSE_MS)
  })

  it('is more for one who speaks slowly', () => {
    const patience = english()
    patience.callerTurn({ words: 2, ms: 8000 })
    expect(patience.pauseMs).toBe(NORMAL_PAUSE_MS)
    patience.callerTurn({ words: 6, ms: 6000 })
    const slow = patience.pauseMs
    expect(slow).toBeGreaterThan(1000)
    patience.callerTurn({ words: 20, ms: 7000 })
    patience.callerTurn({ words: 20, ms: 7000 })
    expect(patience.pauseMs).toBeLessThan(slow)
  })

  it('follows the language of the call', () => {
    let language = 'en'
    const patience = new Patience(() => language)
    patience.agentAsked('Wie lautet Ihre Telefonnummer?')
    expect(patience.pauseMs).toBe(NORMAL_PAUSE_MS)
    language = 'de-DE'
    patience.agentAsked('Wie lautet Ihre Telefonnummer?')
    expect(patience.pauseMs).toBe(LONG_PAUSE_MS)
  })

  it('has bounds, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(pause, other), { maxLength: 60 }), (happenings) => {
        const patience = english()
        for (const happen of happenings) {
          happen(patience)
          expect(patience.pauseMs).toBeGreaterThanOrEqual(NORMAL_PAUSE_MS)
          expect(patience.pauseMs).toBeLessThanOrEqual(LONGEST_PAUSE_MS)
          expect(patience.pauseMs % 100).toBe(0)
        }
      }),
    )
  })

  it('never becomes less by pauses of the same turn', () => {
    fc.assert(
      fc.property(fc.array(other), fc.array(pause), (before, pauses) => {
        const patience = english()
        for (const happen of before) happen(patience)
        let least = patience.pauseMs
        for (const happen of pauses) {
          happen(patience)
          expect(patience.pauseMs).toBeGreaterThanOrEqual(least)
          least = patience.pauseMs
        }
      }),
    )
  })
})
