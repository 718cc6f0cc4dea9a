import { expect, it } from 'vitest'
import { newCallId } from '../../src/calls/call-id.ts'

it('makes ids that are unique and sort by age', () => {
  const older = newCallId(new Date('2026-01-01T00:00:00.000Z'))
  const newer = newCallId(new Date('2026-01-01T00:00:00.001Z'))
  expect(older).toMatch(/^call_[0-9a-hjkmnp-tv-z]{26}$/)
  expect(older < newer).toBe(true)
  const sameMoment = new Date()
  const ids = new Set(Array.from({ length: 1000 }, () => newCallId(sameMoment)))
  expect(ids.size).toBe(1000)
})
