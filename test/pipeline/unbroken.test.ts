import { describe, expect, it } from 'vitest'
import { ProviderError, type ProviderErrorCode } from '../../src/errors.ts'
import type { ReplyPart } from '../../src/pipeline/ports.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'
import { GO_ON, unbroken } from '../../src/pipeline/unbroken.ts'
import { message, toolCall } from '../helpers/tool-calls.ts'

const question: Turn = { role: 'caller', text: 'When is it?', startMs: 0, endMs: 0 }

type Script = readonly (ReplyPart | ProviderErrorCode)[]

/** Says whole sentences as they come, like a voice, and asks a model that does this. */
async function talk(...scripts: Script[]) {
  const asked: string[][] = []
  let said = ''
  let pending = ''
  const parts: string[] = []
  const stream = unbroken({
    ask: async function* (turns) {
      await Promise.resolve()
      asked.push(turns.map((turn) => ('text' in turn ? turn.text : turn.name)))
      for (const step of scripts.shift() ?? []) {
        if (typeof step === 'object') yield step
        else throw new ProviderError(step, { provider: 'anthropic', code: step })
      }
    },
    turns: () => [
      question,
      ...(said === ''
        ? []
        : [{ role: 'agent', text: said, interrupted: false, startMs: 0, endMs: 0 } as const]),
    ],
    said: () => said,
    signal: new AbortController().signal,
  })
  let failure: unknown
  try {
    for await (const part of stream) {
      parts.push(part.type)
      if (part.type === 'broken') pending = ''
      if (part.type !== 'text') continue
      pending += part.text
      const end = pending.lastIndexOf('.') + 1
      said += pending.slice(0, end)
      pending = pending.slice(end)
    }
  } catch (error) {
    failure = error
  }
  return { said: said + pending, asked, parts, failure }
}

const text = (words: string): ReplyPart => ({ type: 'text', text: words })

describe('a message that breaks off', () => {
  it('goes on behind what was said of it, and says no sentence twice', async () => {
    const { said, asked } = await talk(
      [text('It is at two. It is in Ma'), 'disconnected'],
      message('It is at two.', ' It is in Main Street.'),
    )
    expect(said).toBe('It is at two. It is in Main Street.')
    expect(asked).toEqual([['When is it?'], ['When is it?', 'It is at two.', GO_ON]])
  })

  it('is asked for anew when nothing of it was said', async () => {
    const { said, asked } = await talk([text('It is'), 'timeout'], message('At two.'))
    expect(said).toBe('At two.')
    expect(asked).toEqual([['When is it?'], ['When is it?']])
  })

  it('makes the tool calls of the whole message only', async () => {
    const { parts } = await talk(
      [toolCall('book'), 'disconnected'],
      message('Booking.', toolCall('book')),
    )
    expect(parts).toEqual(['tool_call', 'broken', 'text', 'tool_call', 'done'])
  })

  it('is given up when it breaks off again and again', async () => {
    const broken: Script = [text('Well. '), 'unavailable']
    const { failure, asked } = await talk(broken, broken, broken, message('Never.'))
    expect(failure).toMatchObject({ code: 'unavailable' })
    expect(asked).toHaveLength(3)
  })

  it.each(['auth', 'quota', 'rejected'] as const)('is given up at once with %s', async (code) => {
    const { failure, asked } = await talk([text('Well. '), code], message('Never.'))
    expect(failure).toMatchObject({ code })
    expect(asked).toHaveLength(1)
  })

  it('that never began is not asked for again', async () => {
    const { failure, asked } = await talk(['timeout'], message('Never.'))
    expect(failure).toMatchObject({ code: 'timeout' })
    expect(asked).toHaveLength(1)
  })
})
