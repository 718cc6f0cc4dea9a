import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReplyPart } from '../../src/pipeline/ports.ts'
import { withoutRepetition } from '../../src/pipeline/repetition.ts'

async function* written(...texts: string[]): AsyncIterable<ReplyPart> {
  await Promise.resolve()
  for (const text of texts) yield { type: 'text', text }
  yield { type: 'done', reason: 'end' }
}

async function heard(said: string, ...texts: string[]): Promise<string> {
  let all = ''
  for await (const part of withoutRepetition(written(...texts), said)) {
    if (part.type === 'text') all += part.text
  }
  return all
}

describe('a model that goes on with its line', () => {
  it('is heard as it writes', async () => {
    expect(await heard('It is at two.', 'And it ', 'is near.')).toBe('And it is near.')
  })

  it('that begins again is heard from where it stopped', async () => {
    expect(await heard('It is  at two. ', 'It is', ' at two. And', ' near.')).toBe(' And near.')
    expect(await heard('It is at two.', 'it is at two.')).toBe('')
  })

  it('that begins in the same words and goes on otherwise loses none', async () => {
    expect(await heard('It is at two.', 'It is', ' near.')).toBe('It is near.')
  })

  it('loses nothing but what was said, however it is cut', async () => {
    const words = fc.array(fc.constantFrom('It', 'is', 'at', 'two.', 'Ölweg', 'İ'), {
      minLength: 1,
    })
    await fc.assert(
      fc.asyncProperty(words, words, fc.array(fc.nat(8)), async (said, rest, cuts) => {
        const before = said.join(' ')
        const pieces: string[] = []
        let left = `${before} ${rest.join(' ')}`
        for (const cut of cuts) {
          pieces.push(left.slice(0, cut))
          left = left.slice(cut)
        }
        expect((await heard(before, ...pieces, left)).trim()).toBe(rest.join(' '))
      }),
    )
  })
})
