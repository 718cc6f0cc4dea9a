import { describe, expect, it } from 'vitest'
import { readFlight } from '../../src/cli/replay-file.ts'
import { BROKEN_CALL, recordOf } from '../helpers/flights.ts'

const text = recordOf(BROKEN_CALL)
const lines = text.trimEnd().split('\n')

describe('reading a flight record', () => {
  it('gives every entry with its line', () => {
    const { header, entries, isCut } = readFlight(text)
    expect(header).toMatchObject({ call_id: 'call_01example', redacted: false })
    expect(entries.map(({ line }) => line)).toEqual(lines.slice(1).map((_, i) => i + 2))
    expect(isCut).toBe(false)
  })

  it('leaves out a last line that is cut off, wherever it is cut', () => {
    const start = text.length - lines.at(-1)!.length - 1
    for (let length = start + 1; length < text.length - 1; length++) {
      const { entries, isCut } = readFlight(text.slice(0, length))
      expect(isCut).toBe(true)
      expect(entries).toHaveLength(lines.length - 2)
    }
  })

  it('takes a last line without its line break, and empty lines', () => {
    const { entries, isCut } = readFlight(lines.join('\n\n'))
    expect(isCut).toBe(false)
    expect(entries).toHaveLength(lines.length - 1)
  })

  it.each([
    ['', 'line 1: expected the header of a flight record'],
    ['{"type":"call","ver', 'line 1: expected the header of a flight record'],
    [
      'hello there, this is no record of any call\n',
      'line 1: expected JSON, found "hello there, this is no record of any ca…"',
    ],
    [
      '{"type":"call","version":7}\n',
      'line 1: a flight record of version 7; this Parley reads version 1',
    ],
    ['{"some":"json"}\n', /^line 1: type: .*"call"/],
    [`${lines[0]!}\n{"type":"step"}\n`, /^line 2: n: /],
    [`${lines[0]!}\n\n{oops\n${lines[1]!}\n`, 'line 3: expected JSON, found "{oops"'],
    [`${lines[0]!}\n{"type":"dance","at_ms":1}\n`, /^line 2: type: /],
  ])('says what is wrong with %j', (content, message) => {
    expect(() => readFlight(content)).toThrow(message)
  })
})
