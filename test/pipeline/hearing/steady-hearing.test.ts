import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { ProviderError, type ProviderErrorCode } from '../../../src/errors.ts'
import type { Circuit } from '../../../src/pipeline/circuit.ts'
import type { Recogniser } from '../../../src/pipeline/hearing/recogniser.ts'
import { SteadyHearing } from '../../../src/pipeline/hearing/steady-hearing.ts'
import type { HearingEvent } from '../../../src/pipeline/ports.ts'
import { speakMulaw } from '../../../src/simulator/tone-speech.ts'
import { framesOf, noise, silence } from '../../helpers/deepgram.ts'
import { SteppingClock } from '../../helpers/stepping-clock.ts'
import {
  type ConnectionFate,
  HEALTHY,
  lost,
  toneRecogniser,
} from '../../helpers/tone-recogniser.ts'
import { expectWholeTurns } from '../../providers/deepgram/turns.ts'

const error = (code: ProviderErrorCode, more: { retryAfterMs?: number } = {}) =>
  new ProviderError(code, { provider: 'deepgram', code, ...more })

/** Ears on a telephone line on which time passes with the audio. */
class Line {
  readonly clock: SteppingClock
  readonly events: HearingEvent[] = []
  readonly atMs: number[] = []
  readonly reconnects: string[] = []
  readonly stt: SteadyHearing
  readonly log: string[] = []
  failure: unknown

  constructor(recognisers: (clock: SteppingClock) => readonly Recogniser[], random = () => 0.5) {
    this.clock = new SteppingClock()
    this.stt = new SteadyHearing({
      recognisers: recognisers(this.clock),
      language: 'en',
      clock: this.clock,
      log: pino({ level: 'info' }, { write: (line: string) => this.log.push(line) }),
      random,
      onReconnect: (vendor) => this.reconnects.push(vendor),
    })
    this.stt
      .start(
        (event) => {
          this.events.push(event)
          this.atMs.push(this.clock.now())
        },
        { signal: new AbortController().signal },
      )
      .catch((reason: unknown) => {
        this.failure = reason
      })
  }

  async hears(...audio: Uint8Array[]): Promise<void> {
    for (const frame of framesOf(...audio)) {
      this.stt.sendAudio(frame)
      this.clock.advance(20)
      // Connections answer by promises.
      for (let i = 0; i < 8; i++) await Promise.resolve()
    }
  }

  get turns(): string[] {
    return this.events.flatMap((event) => (event.type === 'turn_end' ? [event.text] : []))
  }

  get warnings(): number {
    return this.log.filter((line) => line.includes('"level":40')).length
  }
}

const words = fc
  .array(fc.constantFrom('yes', 'Tuesday', 'at', 'half', 'past', 'nine', 'please', 'appointment'), {
    minLength: 1,
    maxLength: 8,
  })
  .map((list) => list.map((word, i) => `${word}${i}`))

const fate: fc.Arbitrary<ConnectionFate> = fc.record({
  connectMs: fc.integer({ min: 0, max: 400 }),
  dropAfterMs: fc.integer({ min: 5000, max: 9000 }),
})

describe('a call whose connections for hearing are lost', () => {
  it('hears every word once, wherever it is cut', async () => {
    const pauses = fc.array(fc.constantFrom(0, 0, 120, 240, 700, 1500), {
      minLength: 16,
      maxLength: 16,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(words, words),
        pauses,
        fc.integer({ min: 0, max: 100 }),
        fc.array(fate, { maxLength: 1 }),
        async ([first, second], gaps, cutPercent, later) => {
          const said = [...first, ...second]
          const audio = said.flatMap((word, i) => [speakMulaw(`${word} `), silence(gaps[i] ?? 0)])
          const ms = audio.reduce((sum, { length }) => sum + length / 8, 0)
          const cutMs = (ms * cutPercent) / 100
          const line = new Line((clock) => [
            toneRecogniser(clock, [{ connectMs: 50, dropAfterMs: cutMs }, ...later]).recogniser,
          ])
          await line.hears(...audio)
          await line.hears(silence(4000))
          await line.stt.close()
          expect(line.turns.join(' ').split(' ')).toEqual(said)
          expectWholeTurns(line.events)
          expect(line.reconnects.length).toBeGreaterThan(0)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('goes on with the turn as one turn, and says nothing twice on the way', async () => {
    const line = new Line((clock) => [
      toneRecogniser(clock, [{ connectMs: 50, dropAfterMs: 1200 }]).recogniser,
    ])
    await line.hears(speakMulaw('I would like to come on Tuesday at nine.'), silence(1500))
    expect(line.turns).toEqual(['I would like to come on Tuesday at nine.'])
    const told = line.events.flatMap((event) => (event.type === 'words' ? [event.text] : []))
    const counts = told.map((text) => text.split(' ').length)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    expect(line.events.filter((event) => 'speechStartMs' in event)).toHaveLength(1)
    expect(line.warnings).toBe(1)
    await line.stt.close()
  })

  it('tells times as those of the call', async () => {
    const line = new Line((clock) => [
      toneRecogniser(clock, [{ connectMs: 50, dropAfterMs: 1400 }]).recogniser,
    ])
    await line.hears(silence(600), speakMulaw('I would like to come. '), silence(400))
    await line.hears(speakMulaw('On Tuesday.'), silence(1500))
    const ends = line.events.flatMap((event) =>
      event.type === 'turn_end' ? [event.speechEndMs ?? 0] : [],
    )
    expect(line.turns).toEqual(['I would like to come.', 'On Tuesday.'])
    expect(Math.abs((ends[0] ?? 0) - 1650)).toBeLessThan(60)
    expect(Math.abs((ends[1] ?? 0) - 2650)).toBeLessThan(60)
    await line.stt.close()
  })

  it('catches up at no more than 1.25 times real time, and leaves pauses out to be there sooner', async () => {
    const made: ReturnType<typeof toneRecogniser>['made'][] = []
    const line = new Line((clock) => {
      const tones = toneRecogniser(clock, [HEALTHY, { ...HEALTHY, connectMs: 1500 }])
      made.push(tones.made)
      return [tones.recogniser]
    })
    await line.hears(silence(200), speakMulaw('Hello.'), silence(600))
    made[0]?.[0]?.fail(lost())
    await line.hears(speakMulaw('Are you'), silence(1000), speakMulaw('still there?'))
    const spokenAt = line.clock.now()
    await line.hears(silence(2000))
    expect(line.turns).toEqual(['Hello.', 'Are you', 'still there?'])
    const second = made[0]?.[1]
    // A 20 ms frame more than the rate, by which the first moment is rounded.
    expect(second?.rate).toBeLessThan(1.26)
    expect((line.atMs.at(-1) ?? 0) - spokenAt).toBeLessThan(1500 + 300)
    await line.stt.close()
  })

  it('does without times: nothing is told twice', async () => {
    const line = new Line((clock) => [
      toneRecogniser(clock, [
        { connectMs: 50, dropAfterMs: 1300, untimed: true },
        { ...HEALTHY, untimed: true },
      ]).recogniser,
    ])
    await line.hears(speakMulaw('One two three four five six seven.'), silence(1500))
    const heard = line.turns.join(' ').split(' ')
    expect(new Set(heard).size).toBe(heard.length)
    expect(heard[0]).toBe('One')
    await line.stt.close()
  })

  it('ends a turn by its silence when nobody is there who could end it by its words', async () => {
    const line = new Line((clock) => {
      const tones = toneRecogniser(clock, [
        { connectMs: 50, dropAfterMs: 1540 },
        ...Array<ConnectionFate>(20).fill({ connectMs: 400, dropAfterMs: 0, refusal: lost() }),
      ])
      return [tones.recogniser]
    })
    await line.hears(speakMulaw('This is all that I said, sir.'), silence(1400))
    expect(line.turns).toEqual(['This is all that I said, sir.'])
    await line.stt.close()
  })

  it('does not end a turn of which something was not heard', async () => {
    const line = new Line((clock) => {
      const tones = toneRecogniser(clock, [
        { connectMs: 50, dropAfterMs: 1000 },
        { ...HEALTHY, connectMs: 3000 },
      ])
      return [tones.recogniser]
    })
    await line.hears(speakMulaw('This is not all that I said, sir.'), silence(2000))
    expect(line.turns).toEqual([])
    await line.hears(silence(2500))
    expect(line.turns).toEqual(['This is not all that I said, sir.'])
    await line.stt.close()
  })

  it('keeps patience and language for whoever hears next', async () => {
    const made: ReturnType<typeof toneRecogniser>['made'][] = []
    const line = new Line((clock) => {
      const tones = toneRecogniser(clock, [])
      made.push(tones.made)
      return [tones.recogniser]
    })
    await line.hears(silence(100))
    line.stt.setPatience(1500)
    line.stt.switchLanguage('de')
    made[0]?.[0]?.fail(lost())
    await line.hears(silence(200))
    expect(made[0]?.map(({ language }) => language)).toEqual(['en', 'de'])
    expect(made[0]?.[0]?.switchedTo).toEqual(['de'])
    expect(made[0]?.[1]?.patience).toEqual([1500])
    expect(made[0]?.[0]?.isClosed).toBe(true)
    await line.stt.close()
    expect(made[0]?.[1]?.isClosed).toBe(true)
  })

  it('catches up with a noisy line as well, at the pace that is allowed', async () => {
    const made: ReturnType<typeof toneRecogniser>['made'][] = []
    const line = new Line((clock) => {
      const tones = toneRecogniser(clock, [HEALTHY, { ...HEALTHY, connectMs: 1000 }])
      made.push(tones.made)
      return [tones.recogniser]
    })
    await line.hears(noise(500))
    made[0]?.[0]?.fail(lost())
    await line.hears(noise(9000))
    expect(made[0]?.[1]?.sentMs).toBeGreaterThan(9000)
    expect(line.events).toEqual([])
    await line.stt.close()
  })
})

describe('a recogniser that does not hear', () => {
  const refused = (refusal: ProviderError, connectMs = 100): ConnectionFate => ({
    connectMs,
    dropAfterMs: Infinity,
    refusal,
  })

  it.each<ProviderErrorCode>(['auth', 'quota', 'rejected'])(
    'is not asked again when it says no (%s), and the next one hears at once',
    async (code) => {
      const told: boolean[] = []
      const circuit: Circuit = {
        isOpen: false,
        succeeded: () => told.push(true),
        failed: () => told.push(false),
      }
      const counts: (() => number)[] = []
      const line = new Line((clock) => {
        const first = toneRecogniser(clock, Array<ConnectionFate>(9).fill(refused(error(code))), {
          circuit,
        })
        const second = toneRecogniser(clock, [])
        counts.push(
          () => first.made.length,
          () => second.made.length,
        )
        return [first.recogniser, second.recogniser]
      })
      await line.hears(speakMulaw('Hello?'), silence(800))
      expect(line.turns).toEqual(['Hello?'])
      expect(counts.map((count) => count())).toEqual([1, 1])
      expect(told).toEqual([false])
      expect(line.warnings).toBe(1)
      await line.stt.close()
    },
  )

  it('tells at once that nobody hears when nobody else is there', async () => {
    const line = new Line((clock) => [toneRecogniser(clock, [refused(error('auth'))]).recogniser])
    await line.hears(silence(200))
    expect(line.failure).toMatchObject({ code: 'auth' })
    expect(line.events).toEqual([])
  })

  it.each([
    [undefined, 2, 0],
    [400, 2, 0],
    [2000, 1, 1],
  ])(
    'that is busy is asked once more, if it may be soon enough: after %s ms',
    async (retryAfterMs, own, others) => {
      const counts: (() => number)[] = []
      const busy = error('rate_limited', retryAfterMs === undefined ? {} : { retryAfterMs })
      const line = new Line((clock) => {
        const first = toneRecogniser(clock, [refused(busy)])
        const second = toneRecogniser(clock, [])
        counts.push(
          () => first.made.length,
          () => second.made.length,
        )
        return [first.recogniser, second.recogniser]
      })
      await line.hears(speakMulaw('Hello?'), silence(1500))
      expect(line.turns).toEqual(['Hello?'])
      expect(counts.map((count) => count())).toEqual([own, others])
      await line.stt.close()
    },
  )

  it('twice busy is left alone', async () => {
    const line = new Line((clock) => [
      toneRecogniser(clock, Array<ConnectionFate>(9).fill(refused(error('rate_limited'))))
        .recogniser,
    ])
    await line.hears(silence(1000))
    expect(line.failure).toMatchObject({ code: 'rate_limited' })
    expect(line.reconnects).toHaveLength(1)
  })

  it('and never answers does not keep the call waiting: 5 s at the most', async () => {
    const line = new Line((clock) => [
      toneRecogniser(clock, Array<ConnectionFate>(9).fill(refused(error('timeout'), 1000)))
        .recogniser,
    ])
    await line.hears(silence(3900))
    expect(line.failure).toBeUndefined()
    await line.hears(silence(1100))
    expect(line.failure).toMatchObject({ code: 'timeout' })
  })

  it('that accepts a connection and ends it at once, three times, is left alone', async () => {
    const counts: (() => number)[] = []
    const line = new Line((clock) => {
      const tones = toneRecogniser(
        clock,
        Array<ConnectionFate>(20).fill({ connectMs: 50, dropAfterMs: 300 }),
      )
      counts.push(() => tones.made.length)
      return [tones.recogniser]
    })
    await line.hears(silence(5000))
    expect(counts[0]?.()).toBe(3)
    expect(line.events).toMatchObject([{ type: 'failed', error: { code: 'disconnected' } }])
  })

  it('any more is asked once more, and then replaced', async () => {
    const made: ReturnType<typeof toneRecogniser>['made'][] = []
    const line = new Line((clock) => {
      const tones = [toneRecogniser(clock, []), toneRecogniser(clock, [])]
      made.push(...tones.map((each) => each.made))
      return tones.map((each) => each.recogniser)
    })
    await line.hears(silence(6000))
    made[0]?.[0]?.fail(error('timeout'), 3000)
    await line.hears(silence(6000))
    expect(made.map(({ length }) => length)).toEqual([2, 0])
    made[0]?.[1]?.fail(error('timeout'), 3000)
    await line.hears(silence(200), speakMulaw('Hello?'), silence(800))
    expect(made.map(({ length }) => length)).toEqual([2, 1])
    expect(line.turns).toEqual(['Hello?'])
    await line.stt.close()
  })

  it('for five seconds ends hearing for good, once', async () => {
    const made: ReturnType<typeof toneRecogniser>['made'][] = []
    const line = new Line((clock) => {
      const tones = toneRecogniser(clock, [
        HEALTHY,
        ...Array<ConnectionFate>(99).fill(refused(error('unavailable'), 10)),
      ])
      made.push(tones.made)
      return [tones.recogniser]
    })
    await line.hears(silence(500))
    made[0]?.[0]?.fail(lost())
    await line.hears(silence(4000))
    expect(line.events).toEqual([])
    await line.hears(silence(2000))
    expect(line.events).toMatchObject([{ type: 'failed', error: { code: 'unavailable' } }])
    // 0, 100, 250 and then 500 ms apart: nobody is stormed.
    expect(made[0]?.length).toBeLessThan(15)
  })

  it('and is known not to is not asked first', async () => {
    const isOpen = { isOpen: true, succeeded: () => undefined, failed: () => undefined }
    const counts: (() => number)[] = []
    const line = new Line((clock) => {
      const first = toneRecogniser(clock, [], { circuit: isOpen })
      const second = toneRecogniser(clock, [])
      counts.push(
        () => first.made.length,
        () => second.made.length,
      )
      return [first.recogniser, second.recogniser]
    })
    await line.hears(speakMulaw('Hello?'), silence(800))
    expect(line.turns).toEqual(['Hello?'])
    expect(counts.map((count) => count())).toEqual([0, 1])
    await line.stt.close()
  })

  it('in time is replaced, if somebody else can hear', async () => {
    const slow: ConnectionFate = { ...HEALTHY, lateMs: 3500 }
    const line = new Line((clock) => [
      toneRecogniser(clock, [slow]).recogniser,
      toneRecogniser(clock, []).recogniser,
    ])
    const said =
      'I have been waiting for quite a while now and I still do wonder whether anybody hears me at all.'
    await line.hears(speakMulaw(said), silence(5000))
    expect(line.reconnects).toHaveLength(1)
    expect(line.turns).toEqual([said])
    expectWholeTurns(line.events)
    await line.stt.close()
  })
})

describe('ears that are closed', () => {
  it('do not begin to hear any more', async () => {
    const line = new Line((clock) => [toneRecogniser(clock, []).recogniser])
    await line.stt.close()
    await line.hears(speakMulaw('Hello?'), silence(500))
    expect(line.failure).toMatchObject({ name: 'AbortError' })
    expect(line.events).toEqual([])
    expect(line.clock.pending).toBe(0)
  })

  it('do not come back from an outage', async () => {
    const line = new Line((clock) => [
      toneRecogniser(clock, [{ ...HEALTHY, dropAfterMs: 500 }, refused500()]).recogniser,
    ])
    await line.hears(silence(560))
    await line.stt.close()
    await line.hears(silence(2000))
    expect(line.events).toEqual([])
    expect(line.clock.pending).toBe(0)
  })
})

function refused500(): ConnectionFate {
  return { connectMs: 10, dropAfterMs: Infinity, refusal: error('unavailable') }
}
