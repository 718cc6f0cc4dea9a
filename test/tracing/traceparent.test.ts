import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTraceparent, traceparentOf } from '../../src/tracing/traceparent.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

describe('a traceparent header', () => {
  it.each([
    [`00-${TRACE}-${SPAN}-01`, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    // Other flags are not about sampling.
    [`00-${TRACE}-${SPAN}-02`, false],
    [`00-${TRACE}-${SPAN}-03`, true],
    // A later version may have more to say.
    [`01-${TRACE}-${SPAN}-01-more`, true],
    [` 00-${TRACE}-${SPAN}-01 `, true],
  ])('%s is continued', (header, sampled) => {
    expect(parseTraceparent(header)).toEqual({ traceId: TRACE, spanId: SPAN, sampled })
    expect(traceparentOf({ traceparent: header })).toEqual({ traceparent: header })
  })

  it.each([
    '',
    TRACE,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}-1`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.slice(1)}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01\r\nx: y`,
    ['a', 'b'],
    undefined,
  ])('%j begins a trace of its own', (header) => {
    expect(parseTraceparent(header)).toBeUndefined()
    expect(traceparentOf({ traceparent: header })).toEqual({})
  })

  it('of any kind breaks nothing', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const parsed = parseTraceparent(header)
        expect(parsed === undefined || /^[0-9a-f]{32}$/.test(parsed.traceId)).toBe(true)
      }),
    )
  })
})
