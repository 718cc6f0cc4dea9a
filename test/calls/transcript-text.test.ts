import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { speakersOf, transcriptText, transcriptVtt } from '../../src/calls/transcript-text.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'

const speakers = { agent: 'Alex', caller: 'John' }

const turns: readonly Turn[] = [
  { role: 'agent', text: 'Hi John, I am', interrupted: true, startMs: 420.4, endMs: 5100 },
  { role: 'caller', text: 'Yes?', startMs: 4800, endMs: 6300 },
  {
    role: 'tool',
    id: 't1',
    name: 'find_slot',
    input: { day: 'Friday' },
    result: '{"slot":\n"2pm"}',
    startMs: 7000,
    endMs: 7500,
  },
  {
    role: 'agent',
    text: 'Two  p.m.\nis free.',
    interrupted: false,
    startMs: 3_661_950,
    endMs: 3_662_500,
  },
]

it('reads like a conversation, with a dash where the agent was cut off', () => {
  expect(transcriptText(turns, speakers)).toBe(
    '[00:00.4] Alex: Hi John, I am —\n' +
      '[00:04.8] John: Yes?\n' +
      '[00:07.0] (find_slot {"day":"Friday"} → {"slot": "2pm"})\n' +
      '[61:02.0] Alex: Two p.m. is free.\n',
  )
})

it('is empty when nothing was said', () => {
  expect(transcriptText([], speakers)).toBe('')
  expect(transcriptVtt([], speakers)).toBe('WEBVTT\n')
})

it('names the speakers as the spec does', () => {
  expect(speakersOf({ agentName: 'Alex', calleeName: 'John' })).toEqual(speakers)
  expect(speakersOf({})).toEqual({ agent: 'Agent', caller: 'Caller' })
})

it('shows a tool that was asked nothing', () => {
  const tool = { role: 'tool', id: 't', name: 'ping', input: undefined, result: 'ok' } as const
  expect(transcriptText([{ ...tool, startMs: 0, endMs: 1 }], speakers)).toBe(
    '[00:00.0] (ping  → ok)\n',
  )
})

describe('subtitles', () => {
  it('have a cue for each turn that is heard', () => {
    expect(transcriptVtt(turns, speakers)).toBe(
      'WEBVTT\n' +
        '\n1\n00:00:00.420 --> 00:00:05.100\n<v Alex>Hi John, I am —\n' +
        '\n2\n00:00:04.800 --> 00:00:06.300\n<v John>Yes?\n' +
        '\n3\n01:01:01.950 --> 01:01:02.500\n<v Alex>Two p.m. is free.\n',
    )
  })

  it('cannot be broken by what somebody says, or is called', () => {
    const said: Turn = {
      role: 'caller',
      text: 'a --> b\n\nNOTE <b>&amp;',
      startMs: -5,
      endMs: -5,
    }
    expect(transcriptVtt([said], { ...speakers, caller: 'J>\nX' })).toBe(
      'WEBVTT\n\n1\n00:00:00.000 --> 00:00:00.001\n<v J&gt; X>a --&gt; b NOTE &lt;b&gt;&amp;amp;\n',
    )
  })

  const turn = fc.record({
    role: fc.constantFrom('agent' as const, 'caller' as const),
    text: fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.trim() !== ''),
    interrupted: fc.boolean(),
    startMs: fc.double({ min: -1e4, max: 2e7, noNaN: true }),
    endMs: fc.double({ min: -1e4, max: 2e7, noNaN: true }),
  })

  it('hold every word, in the order in which turns began, whatever is said', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 20 }), (said) => {
        const cues = cuesOf(transcriptVtt(said, speakers))
        const inOrder = said.toSorted((a, b) => at(a.startMs) - at(b.startMs))
        expect(cues.map(({ text }) => text)).toEqual(
          inOrder.map(
            ({ text, role, interrupted }) =>
              text.replaceAll(/\s+/gu, ' ').trim() + (role === 'agent' && interrupted ? ' —' : ''),
          ),
        )
        for (const [i, { start, end, speaker }] of cues.entries()) {
          expect(end).toBeGreaterThan(start)
          expect(start).toBe(at(inOrder[i]!.startMs))
          expect(speaker).toBe(speakers[inOrder[i]!.role])
        }
      }),
    )
  })
})

const at = (ms: number) => Math.max(0, Math.round(ms))

/** Reads WebVTT as its specification says: cues are set apart by empty lines. */
function cuesOf(vtt: string) {
  const [header, ...blocks] = vtt.split('\n\n')
  expect(header?.trim()).toBe('WEBVTT')
  return blocks.map((block, i) => {
    const [id, times = '', payload = '', ...more] = block.trimEnd().split('\n')
    expect(id).toBe(String(i + 1))
    expect(more).toEqual([])
    const [, start, end] = /^(\d{2,}:\d\d:\d\d\.\d{3}) --> (\d{2,}:\d\d:\d\d\.\d{3})$/.exec(times)!
    const [, speaker, text] = /^<v ([^>]+)>(.*)$/su.exec(payload)!
    return { start: ms(start!), end: ms(end!), speaker, text: unescaped(text!) }
  })
}

function ms(time: string): number {
  const [h, m, s] = time.split(':')
  return Math.round((Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1000)
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
