import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CALL_STATUSES,
  type CallStatus,
  isTerminal,
  laterStatus,
} from '../../src/calls/call-status.ts'

const status = fc.constantFrom(...CALL_STATUSES)

describe('the status of a call', () => {
  it('is the same whatever the order of the reports, and however often each comes', () => {
    fc.assert(
      fc.property(
        fc.array(status, { minLength: 1, maxLength: 8 }).chain((reports) =>
          fc.tuple(
            fc.constant(reports),
            fc.shuffledSubarray([...reports, ...reports], {
              minLength: reports.length * 2,
              maxLength: reports.length * 2,
            }),
          ),
        ),
        ([reports, shuffledTwice]) => {
          expect(shuffledTwice.reduce(laterStatus)).toBe(reports.reduce(laterStatus))
        },
      ),
    )
  })

  it('never leaves an end', () => {
    fc.assert(
      fc.property(status, status, (before, report) => {
        fc.pre(isTerminal(before))
        expect(isTerminal(laterStatus(before, report))).toBe(true)
      }),
    )
  })

  it('follows the life of a call', () => {
    const life: CallStatus[] = ['registered', 'queued', 'ringing', 'in_progress', 'completed']
    expect(life.reduce(laterStatus)).toBe('completed')
    expect(laterStatus('completed', 'ringing')).toBe('completed')
    expect(laterStatus('ringing', 'busy')).toBe('busy')
    expect(life.filter(isTerminal)).toEqual(['completed'])
  })
})
