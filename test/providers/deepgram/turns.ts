import { expect } from 'vitest'
import type { HearingEvent } from '../../../src/pipeline/ports.ts'

/** What every listener relies on: words before anything else, eager ends that are answered, and one end. */
export function expectWholeTurns(events: readonly HearingEvent[]): void {
  let open = false
  let eager: string | undefined
  for (const event of events) {
    switch (event.type) {
      case 'words':
        expect(event.text).not.toBe('')
        expect(eager).toBeUndefined()
        open = true
        break
      case 'eager_end':
        expect(event.text).not.toBe('')
        expect(open).toBe(true)
        expect(eager).toBeUndefined()
        eager = event.text
        break
      case 'resumed':
        expect(eager).toBeDefined()
        eager = undefined
        break
      case 'turn_end':
        expect(open).toBe(true)
        if (eager !== undefined) expect(event.text).toBe(eager)
        open = false
        eager = undefined
        break
      case 'failed':
        expect.unreachable()
    }
  }
}
