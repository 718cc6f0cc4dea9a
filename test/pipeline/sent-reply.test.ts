import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { Playback } from '../../src/pipeline/playout.ts'
import { SentReply } from '../../src/pipeline/sent-reply.ts'
import { Transcript } from '../../src/pipeline/transcript.ts'
import { FakeLine } from '../helpers/fake-ports.ts'
import { toolCall } from '../helpers/tool-calls.ts'

const TIMES = { startMs: 0, endMs: 10 }
const NOT_DONE = 'not done: the person spoke, or was gone, before you had finished'

function replyOf(...texts: string[]) {
  const line = new FakeLine()
  const playback = new Playback({
    reply: 1,
    held: false,
    clock: systemClock,
    line: () => line,
    listener: {
      audio: () => undefined,
      filler: () => undefined,
      dry: () => undefined,
      heardFirst: () => undefined,
      sent: () => undefined,
      heard: () => undefined,
    },
  })
  const reply = new SentReply(playback, { reply: 1, kind: 'answer' })
  for (const text of texts) playback.addText(text)
  return { reply, playback, transcript: new Transcript() }
}

function inShort({ turns }: Transcript): string[] {
  return turns.map((turn) => {
    if (turn.role === 'tool') return turn.name
    return `${turn.text}${turn.role === 'agent' && turn.interrupted ? ' —' : ''}`
  })
}

describe('what a reply leaves on record', () => {
  it('is what was heard of it, once', () => {
    const { reply, transcript } = replyOf(' One two three.')
    reply.record(transcript, { text: 'One two', whole: false, isOver: false }, TIMES)
    reply.record(transcript, { text: 'One two three.', whole: true, isOver: true }, TIMES)
    expect(transcript.turns).toEqual([
      { role: 'agent', text: 'One two', interrupted: true, ...TIMES },
    ])
  })

  it('is nothing when nothing was heard', () => {
    const { reply, transcript } = replyOf('One two three.')
    reply.record(transcript, { text: '', whole: false, isOver: false }, TIMES)
    expect(transcript.turns).toEqual([])
  })

  it('has every word of it once and in order, whatever tools were called, and wherever it was cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(12), { maxLength: 4 }),
        fc.nat(12),
        (words, calls, heardWords) => {
          const { reply, playback, transcript } = replyOf()
          reply.begin(transcript)
          words.forEach((word, i) => {
            for (const call of calls) {
              if (call === i) reply.calledTool(transcript.begin(toolCall(`t${call}`), 0))
            }
            playback.addText(`${word} `)
          })
          const heard = words.slice(0, heardWords)
          const whole = heard.length === words.length
          reply.record(transcript, { text: heard.join(' '), whole, isOver: whole }, TIMES)
          const said = transcript.turns.flatMap((turn) =>
            turn.role === 'agent' ? turn.text.split(' ') : [],
          )
          expect(said).toEqual(heard)
          const tools = transcript.turns.flatMap((turn) =>
            turn.role === 'tool' ? [turn.name] : [],
          )
          expect(tools).toEqual([...tools].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1))))
          const cuts = transcript.turns.flatMap((turn) =>
            turn.role === 'agent' ? [turn.interrupted] : [],
          )
          expect(cuts).toEqual(cuts.map((_, i) => !whole && i === cuts.length - 1))
        },
      ),
    )
  })

  it('stands before what the caller said since its first word, and after what they had said before', () => {
    const { reply, transcript } = replyOf('One two.')
    const says = (text: string) => {
      transcript.add({ role: 'caller', text, startMs: 0, endMs: 0 })
    }
    says('Hello?')
    reply.begin(transcript)
    says('Uh-huh.')
    reply.begin(transcript)
    reply.record(transcript, { text: 'One two.', whole: true, isOver: true }, TIMES)
    expect(inShort(transcript)).toEqual(['Hello?', 'One two.', 'Uh-huh.'])
  })
})

describe('what a reply was to do when it was heard', () => {
  const GOODBYE = toolCall('end_call', { reason: 'done' })
  const KEYS = toolCall('press_keys', { keys: '1' })

  function afterwards(then: typeof GOODBYE, isOver: boolean, isConfirmed = true) {
    const { reply, transcript } = replyOf('Bye.')
    reply.then = then
    if (isConfirmed) reply.confirm()
    reply.record(transcript, { text: 'Bye.', whole: true, isOver }, TIMES)
    return transcript.turns.slice(1)
  }

  it('is on record when it is done: a goodbye here, keys when they are pressed', () => {
    expect(afterwards(GOODBYE, true)).toMatchObject([{ name: 'end_call', result: 'ok', endMs: 10 }])
    expect(afterwards(KEYS, true)).toEqual([])
  })

  it('is on record as not done when it would have left the line', () => {
    expect(afterwards(KEYS, false)).toMatchObject([{ name: 'press_keys', result: NOT_DONE }])
    expect(afterwards(GOODBYE, false)).toEqual([])
  })

  it('never was when the reply was a guess that nobody confirmed', () => {
    for (const then of [GOODBYE, KEYS]) {
      expect(afterwards(then, false, false)).toEqual([])
      expect(afterwards(then, true, false)).toEqual([])
    }
  })
})
