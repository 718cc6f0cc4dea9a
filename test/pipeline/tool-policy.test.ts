import { describe, expect, it } from 'vitest'
import { agrees } from '../../src/pipeline/agreement.ts'
import { ASK_FIRST, policyProblem } from '../../src/pipeline/tool-policy.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'

const at = { startMs: 0, endMs: 0 }
const agent = (text: string, interrupted = false): Turn => ({
  role: 'agent',
  text,
  interrupted,
  ...at,
})
const caller = (text: string): Turn => ({ role: 'caller', text, ...at })
const booking = (input: object, result: string): Turn => ({
  role: 'tool',
  id: 't',
  name: 'book',
  input,
  result,
  ...at,
})

const friday = { day: 'friday', at: { h: 2, m: 0 } }
const putOff = booking({ at: { m: 0, h: 2 }, day: 'friday' }, ASK_FIRST)

function problem(turns: readonly Turn[], input: object = friday) {
  const call = { id: 't', name: 'book', input }
  return policyProblem(call, { confirm: true }, { turns, ran: 0 })
}

describe('a tool that the person must agree to', () => {
  it('runs once they have said yes to what the agent has said', () => {
    expect(problem([putOff, agent('Friday at two, right?'), caller('Yes, please.')])).toBe(
      undefined,
    )
    expect(problem([agent('Let me'), putOff, agent('Okay?'), caller('um'), caller('sure')])).toBe(
      undefined,
    )
  })

  it.each<[string, readonly Turn[]]>([
    ['nobody was asked', []],
    ['they said yes before they were told', [caller('Yes.'), putOff]],
    ['the agent has said nothing since', [agent('Friday?'), putOff, caller('Yes.')]],
    ['they cut in before they had heard it', [putOff, agent('Friday at', true), caller('Yes.')]],
    ['they have not answered', [putOff, agent('Friday?')]],
    ['they said no', [putOff, agent('Friday?'), caller('No.')]],
    ['they said yes, but', [putOff, agent('Friday?'), caller('Yes, but make it Monday.')]],
    ['they took it back', [putOff, agent('Friday?'), caller('Yes.'), caller('Wait, no.')]],
    [
      'they agreed to something else',
      [putOff, agent('Friday?'), caller('Hello?'), agent('Shall I go on?'), caller('What?')],
    ],
    [
      'it was done already',
      [
        putOff,
        agent('Friday?'),
        caller('Yes.'),
        booking(friday, 'booked'),
        agent('Done.'),
        caller('Yes.'),
      ],
    ],
  ])('does not run when %s', (_, turns) => {
    expect(problem(turns)).toBe(ASK_FIRST)
  })

  it('does not run with other arguments than those they have heard of', () => {
    const turns = [putOff, agent('Friday?'), caller('Yes.')]
    expect(problem(turns, { ...friday, day: 'monday' })).toBe(ASK_FIRST)
  })
})

it('a tool does not run more often than the spec wants', () => {
  const call = { id: 't', name: 'book', input: {} }
  expect(policyProblem(call, { maxCalls: 2 }, { turns: [], ran: 1 })).toBeUndefined()
  expect(policyProblem(call, { maxCalls: 2 }, { turns: [], ran: 2 })).toMatch(/^Not run/)
  expect(policyProblem(call, {}, { turns: [], ran: 39 })).toBeUndefined()
})

it('a yes is known in every language, and whatever holds back outweighs it', () => {
  for (const yes of ['Yes.', 'Ja, genau', 'Sí, claro', 'Oui, d’accord', 'Sì', 'Sim', 'Ja, graag']) {
    expect(agrees(yes), yes).toBe(true)
  }
  for (const no of [
    '',
    'Hm.',
    'Friday',
    'Yes? No!',
    "I don't, okay?",
    'Ja, aber erst morgen',
    'Sí, pero no',
    'Oui mais non',
    'Ja, maar niet nu',
  ]) {
    expect(agrees(no), no).toBe(false)
  }
})
