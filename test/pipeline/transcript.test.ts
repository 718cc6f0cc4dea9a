import { describe, expect, it } from 'vitest'
import { pressed, STILL_RUNNING, Transcript, type Turn } from '../../src/pipeline/transcript.ts'

const caller = (text: string): Turn => ({ role: 'caller', text, startMs: 0, endMs: 0 })
const agent = (text: string): Turn => ({
  role: 'agent',
  text,
  interrupted: false,
  startMs: 0,
  endMs: 0,
})
const CALL = { id: 'a', name: 'look_up', input: { day: 1 } }

function inShort({ turns }: Transcript): string[] {
  return turns.map((turn) => (turn.role === 'tool' ? `${turn.name}: ${turn.result}` : turn.text))
}

describe('a transcript', () => {
  it('keeps turns in their order, and none without a word', () => {
    const transcript = new Transcript()
    transcript.add(agent('Hello.'))
    transcript.add(caller('  '))
    transcript.add(agent(''))
    transcript.add(caller('Hi.'))
    expect(inShort(transcript)).toEqual(['Hello.', 'Hi.'])
  })

  it('has a tool call from its beginning on, and its result where it stands', () => {
    const transcript = new Transcript()
    const entry = transcript.begin(CALL, 10)
    expect(transcript.turns).toEqual([
      { role: 'tool', ...CALL, result: STILL_RUNNING, startMs: 10, endMs: 10 },
    ])
    transcript.add(caller('And?'))
    entry.finish('at two', 500)
    expect(inShort(transcript)).toEqual(['look_up: at two', 'And?'])
    expect(transcript.turns[0]).toMatchObject({ startMs: 10, endMs: 500 })
  })

  it('puts a turn that began earlier in its place', () => {
    const transcript = new Transcript()
    transcript.add(agent('Hello.'))
    const entry = transcript.begin(CALL, 0)
    expect(transcript.placeOf(entry)).toBe(1)
    transcript.add(agent('Let me check.'), transcript.placeOf(entry))
    entry.finish('at two', 0)
    expect(transcript.placeOf(entry)).toBe(2)
    transcript.add(agent('At two.'), transcript.placeOf(entry) + 1)
    expect(inShort(transcript)).toEqual(['Hello.', 'Let me check.', 'look_up: at two', 'At two.'])
  })

  it('tells two calls of the same tool apart', () => {
    const transcript = new Transcript()
    const first = transcript.begin(CALL, 0)
    const second = transcript.begin(CALL, 0)
    second.finish('two', 0)
    first.finish('one', 0)
    expect(inShort(transcript)).toEqual(['look_up: one', 'look_up: two'])
  })

  it('tells whoever follows it of every turn once, and of a tool call twice', () => {
    const told: string[] = []
    const transcript = new Transcript((turn) => {
      told.push(turn.role === 'tool' ? turn.result : turn.text)
    })
    transcript.add(caller(' '))
    transcript.add(caller('Hi.'))
    transcript.begin(CALL, 0).finish('at two', 0)
    transcript.add(agent('First.'), 0)
    expect(told).toEqual(['Hi.', STILL_RUNNING, 'at two', 'First.'])
  })

  it('writes keys in a way that can be read', () => {
    expect(pressed('12#')).toBe('(pressed 1 2 #)')
  })
})
