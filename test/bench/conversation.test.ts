import { describe, expect, test } from 'vitest'
import {
  BENCH_RULES,
  benchCall,
  codesIn,
  compareHearing,
  turnsLasting,
} from '../../bench/conversation.ts'

const call = benchCall(7, 5)
const [first, story, afterStory, fourth, last] = call.turns
const STORY_CUT = 'Yes, qke is a long st'
const heardWell = [
  call.opening,
  first?.reply,
  STORY_CUT,
  afterStory?.reply,
  fourth?.reply,
  last?.reply,
].join(' ')

describe('the conversation of a call', () => {
  test('has a code of its own in every turn', () => {
    const codes = [1, 2, 11].flatMap((n) => benchCall(n, 60).turns.map(({ code }) => code))
    expect(new Set(codes).size).toBe(codes.length)
    for (const code of codes) expect(code).toMatch(/^q[b-m]+[aeiou]+$/)
  })

  test('asks for what the rules reply to', () => {
    for (const { says, reply } of call.turns) {
      const rule = BENCH_RULES.find(({ when }) => when.test(says))
      const code = rule?.when.exec(says)?.[1] ?? ''
      expect(rule?.say?.replace('$1', code)).toBe(reply)
    }
  })

  test('interrupts the long story, and nothing else', () => {
    expect(story?.says).toContain('tell me everything')
    expect(call.turns.map(({ interrupts }) => interrupts)).toEqual([
      false,
      false,
      true,
      false,
      false,
    ])
    expect(call.person.does.filter((step) => 'hear' in step && step.hear !== 'end')).toHaveLength(1)
    expect(call.person.does.at(-1)).toEqual({ hangUp: true })
  })

  test('of somebody who hesitates has a pause in every fourth turn, and the same words', () => {
    const hesitant = benchCall(7, 5, { hesitant: true })
    expect(hesitant.turns.map(({ pausesAfter }) => pausesAfter !== undefined)).toEqual([
      true,
      false,
      false,
      false,
      true,
    ])
    const said = (does: typeof call.person.does) =>
      does.map((step) => ('say' in step ? step.say : '')).join('')
    expect(said(hesitant.person.does)).toBe(said(call.person.does))
    const steps = hesitant.person.does
    const first = steps.findIndex((step) => 'say' in step)
    expect(steps.slice(first, first + 3)).toEqual([
      { say: 'qka comes next,' },
      { pause: 400 },
      { say: ' please write it down.' },
    ])
  })

  test('lasts longer with more turns', () => {
    expect(turnsLasting(0)).toBe(0)
    expect(turnsLasting(1)).toBe(1)
    expect(turnsLasting(60_000)).toBeGreaterThan(turnsLasting(30_000))
  })

  test('names the last turn that a text speaks of', () => {
    expect(codesIn('qcda comes first, and qfuu last.')).toEqual({ turn: 'qfuu', call: 'qf' })
    expect(codesIn('the agent of qcd.')).toBeUndefined()
  })
})

describe('what was heard', () => {
  test('is right when all replies came, the story cut off inside a word', () => {
    expect(compareHearing(call, heardWell)).toMatchObject({ wordsWrong: 0, crossed: [] })
  })

  test('counts a word that was broken', () => {
    expect(compareHearing(call, heardWell.replace('noted', 'n�ted')).wordsWrong).toBe(1)
  })

  test('counts every word of a reply that never came', () => {
    const heard = heardWell.replace(` ${last?.reply ?? ''}`, '')
    expect(compareHearing(call, heard).wordsWrong).toBe(last?.reply.split(' ').length)
  })

  test('counts words that nobody said', () => {
    expect(compareHearing(call, `${heardWell} and more`).wordsWrong).toBe(2)
    expect(compareHearing(call, `${heardWell} Yes, again.`).wordsWrong).toBe(2)
  })

  test('counts a story that was cut before it was interrupted', () => {
    expect(compareHearing(call, heardWell.replace(STORY_CUT, 'Yes, qke')).wordsWrong).toBe(3)
  })

  test('does not take a reply that was not interrupted for right when it was cut', () => {
    const cut = heardWell.slice(0, -3)
    expect(compareHearing(call, cut).wordsWrong).toBe(1)
  })

  test('names the calls whose words came across', () => {
    const heard = heardWell.replace('qko', 'qlo')
    expect(compareHearing(call, heard)).toMatchObject({ wordsWrong: 1, crossed: ['ql'] })
  })

  test('is all wrong when nothing was heard', () => {
    const { wordsExpected, wordsWrong } = compareHearing(call, '')
    expect(wordsWrong).toBe(wordsExpected)
    expect(wordsExpected).toBeGreaterThan(30)
  })
})
