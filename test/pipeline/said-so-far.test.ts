import { describe, expect, it } from 'vitest'
import { SaidSoFar } from '../../src/pipeline/said-so-far.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'

const caller: Turn = { role: 'caller', text: 'Friday?', startMs: 100, endMs: 900 }
const tool = (id: string): Turn => ({
  role: 'tool',
  id,
  name: 'look_up',
  input: {},
  result: 'free',
  startMs: 0,
  endMs: 0,
})
const agent = (text: string) => ({ role: 'agent', text, interrupted: false })

describe('the words of a reply that goes on after tools', () => {
  it('stand before the tools that were called with them', () => {
    let said = ''
    const words = new SaidSoFar(() => said)
    words.beginMessage(1)
    said += 'Let me check. '
    words.beginMessage(2)
    said += 'One moment, please. And the price. '
    words.beginMessage(3)
    expect(words.among([caller, tool('1'), tool('2')])).toMatchObject([
      caller,
      agent('Let me check.'),
      tool('1'),
      agent('One moment, please. And the price.'),
      tool('2'),
    ])
  })

  it('leave out what was never said', () => {
    const words = new SaidSoFar(() => '')
    words.beginMessage(1)
    words.beginMessage(2)
    expect(words.among([caller, tool('1')])).toEqual([caller, tool('1')])
  })

  it('come first where nothing was said before', () => {
    let said = ''
    const words = new SaidSoFar(() => said)
    words.beginMessage(0)
    said = 'Hello.'
    expect(words.among([tool('1')])).toMatchObject([agent('Hello.'), tool('1')])
  })
})
