import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHAOS_AREAS } from '../../src/cli/chaos-fault.ts'
import { faultText, planCall } from '../../src/cli/chaos-plan.ts'
import {
  agentWordsWrong,
  wasHeard,
  callerWordsWrong,
  CUT_AGAIN,
  SENTENCE_AGAIN,
  unacknowledgedWordsWrong,
} from '../../src/cli/chaos-words.ts'

describe('a plan', () => {
  const described = (seed: number, index: number) => {
    const { scenario, faults } = planCall(seed, index, CHAOS_AREAS)
    return [scenario.name, ...faults.map(faultText), ...faults.map(({ chance }) => chance)]
  }

  it('is the same for the same seed and call, and another one for others', () => {
    const number = fc.integer({ min: 1, max: 100_000 })
    fc.assert(
      fc.property(number, number, (seed, index) => {
        expect(described(seed, index)).toEqual(described(seed, index))
      }),
    )
    const many = Array.from({ length: 200 }, (_, i) => described(7, i + 1).join())
    expect(new Set(many).size).toBeGreaterThan(150)
    expect(new Set([1, 2, 3, 4].map((seed) => described(seed, 1).join())).size).toBe(4)
  })

  it('breaks every area, alone and together, and nothing that it is not to break', () => {
    const plans = Array.from({ length: 200 }, (_, i) => planCall(1, i + 1, CHAOS_AREAS).faults)
    const areas = plans.flat().map(({ fault }) => fault.area)
    expect(new Set(areas)).toEqual(new Set(CHAOS_AREAS))
    expect(new Set(plans.map(({ length }) => length))).toEqual(new Set([0, 1, 2]))
    const lines = Array.from({ length: 50 }, (_, i) => planCall(1, i + 1, ['line']).faults).flat()
    expect(new Set(lines.map(({ fault }) => fault.area))).toEqual(new Set(['line']))
  })
})

const turn = (text: string, interrupted = false) => ({ text, interrupted })
const LAST = 'I have to go. Goodbye.'
const strict = { lastWords: LAST, again: [] }

describe('words of the agent', () => {
  it('are wrong when one is missing, doubled, or not on record', () => {
    const turns = [turn('Hi John. This is Alex.'), turn('Thank you.')]
    expect(agentWordsWrong(turns, 'Hi John. This is Alex. Thank you.', strict)).toEqual([])
    expect(agentWordsWrong(turns, 'Hi John. This Alex. Thank you.', strict)).not.toEqual([])
    expect(
      agentWordsWrong(turns, 'Hi John. This is Alex. Hi John. This is Alex. Thank you.', strict),
    ).not.toEqual([])
    expect(agentWordsWrong(turns, 'Hi John. This is Alex. Thank you. So.', strict)).not.toEqual([])
  })

  it('may begin a sentence again once for each time that the voice broke off, and no more', () => {
    const turns = [turn('Hi John. This is Alex from the dentist.')]
    const torn = 'This is Alex from th'
    const once = `Hi John. ${torn} This is Alex from the dentist.`
    const twice = `Hi John. ${torn} ${torn} This is Alex from the dentist.`
    const [again, cut] = [[SENTENCE_AGAIN], [CUT_AGAIN]]
    expect(agentWordsWrong(turns, once, { ...strict, again })).toEqual([])
    expect(agentWordsWrong(turns, once, { ...strict, again: cut })).not.toEqual([])
    expect(agentWordsWrong(turns, once, strict)).not.toEqual([])
    expect(agentWordsWrong(turns, twice, { ...strict, again })).not.toEqual([])
    expect(agentWordsWrong(turns, twice, { ...strict, again: [...again, ...again] })).toEqual([])
  })

  it('are followed by the carrier’s own, which are not on record', () => {
    expect(agentWordsWrong([turn('Hi John.')], `Hi John. ${LAST}`, strict)).toEqual([])
    expect(agentWordsWrong([], LAST, strict)).toEqual([])
    expect(agentWordsWrong([turn('Hi John, it', true)], `Hi John, i ${LAST}`, strict)).toEqual([])
  })

  it('are told apart where one turn begins in a word of another', () => {
    const turns = [turn('Hi from Downtown Dental.', true), turn("I'm sorry.")]
    expect(agentWordsWrong(turns, "Hi from Downtown DentI'm sorry.", strict)).toEqual([])
  })

  it('may have begun before half of a word was heard, once, where a turn begins', () => {
    const turns = [turn('Hi John.'), turn('Thank you.')]
    expect(agentWordsWrong(turns, 'Hi John. H Thank you.', strict)).toEqual([])
    expect(agentWordsWrong(turns, 'Hi John. Thank H you.', strict)).not.toEqual([])
    expect(agentWordsWrong(turns, 'Hi John. Half Thank you.', strict)).not.toEqual([])
    const pressed = [turn('Press one. Then the hash', true), turn("I'm sorry.")]
    expect(agentWordsWrong(pressed, "Press one. Then the hash kI'm sorry.", strict)).toEqual([])
  })

  it('say that the call has to end even if the line broke in them', () => {
    const again = [CUT_AGAIN]
    const sorry = 'I have a technical problem. Goodbye.'
    expect(wasHeard(sorry, `Hi John. ${sorry}`, [])).toBe(true)
    expect(wasHeard(sorry, 'I have a techni technical problem. Goodbye.', again)).toBe(true)
    expect(wasHeard(sorry, 'I have a techni technical problem. Goodbye.', [])).toBe(false)
    expect(wasHeard(sorry, 'I have a problem. Goodbye.', again)).toBe(false)
  })

  it('were heard, if they are on record, whatever a silent line has played besides', () => {
    const heard = [
      { text: 'Hi John. This is Alex.', startMs: 0, endMs: 2000 },
      { text: 'Thank you.', startMs: 9000, endMs: 9500 },
    ]
    const outages = [{ fromMs: 1000, toMs: 6000 }]
    const right = [turn('Hi', true), turn('Thank you.')]
    expect(unacknowledgedWordsWrong(right, heard, outages)).toEqual([])
    expect(unacknowledgedWordsWrong([turn('Hi'), turn('Thanks.')], heard, outages)).toHaveLength(3)
  })
})

describe('words of the person', () => {
  const said = [
    { text: 'Yes, Thursday works.', startMs: 1000, endMs: 2000 },
    { text: 'Which suite is it?', startMs: 5000, endMs: 6000 },
    { text: 'Bye!', startMs: 9000, endMs: 9300 },
  ]

  it('are no others when a mark stands by itself', () => {
    const said = [{ text: 'One moment, please.', startMs: 0, endMs: 900 }]
    expect(callerWordsWrong(['One moment, please', '.'], said, [])).toEqual([])
    expect(callerWordsWrong(['One moment,', '.'], said, [])).not.toEqual([])
  })

  it('are all on record when there was a line', () => {
    const record = said.map(({ text }) => text)
    expect(callerWordsWrong(record, said, [])).toEqual([])
    expect(callerWordsWrong(['Yes, works.', ...record.slice(1)], said, [])).not.toEqual([])
  })

  it('may be lost, or torn, when they were said into a dead line, and only those', () => {
    const outages = [{ fromMs: 5500, toMs: 5800 }]
    const torn = ['Yes, Thursday works.', 'Which suis it?', 'Bye!']
    expect(callerWordsWrong(torn, said, outages)).toEqual([])
    expect(callerWordsWrong(['Yes, Thursday works.', 'Bye!'], said, outages)).toEqual([])
    expect(callerWordsWrong(['Yes, works.', 'Which', 'Bye!'], said, outages)).toEqual([
      '"Thursday" was said and is not on record',
    ])
    const invented = ['Yes, Thursday works.', 'Which zebra it?', 'Bye!']
    expect(callerWordsWrong(invented, said, outages)).toEqual([
      'the record has "zebra", which nobody said',
    ])
  })
})
