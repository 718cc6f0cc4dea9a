import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dataOfEvents } from '../../../src/providers/smallest/server-sent-events.ts'

async function read(pieces: readonly Uint8Array[]): Promise<string[]> {
  async function* stream() {
    for (const piece of pieces) yield await Promise.resolve(piece)
  }
  const data: string[] = []
  for await (const each of dataOfEvents(stream())) data.push(each)
  return data
}

describe('server-sent events', () => {
  it('are the same wherever the stream is cut, even inside a character or a line end', async () => {
    const text =
      'event: audio\r\ndata: {"a":"é"}\r\n\r\n: comment\n\ndata:one\ndata: two\n\nid: 7\ndata: ünd\r\n\r\n'
    const bytes = Buffer.from(text)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length })), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
        const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end))
        expect(await read(pieces)).toEqual(['{"a":"é"}', 'one\ntwo', 'ünd'])
      }),
    )
  })

  it('without an end are not collected for ever', async () => {
    const piece = Buffer.alloc(1024 * 1024, 'x')
    await expect(read([piece, piece, piece, piece, piece])).rejects.toThrow('without an end')
  })
})
