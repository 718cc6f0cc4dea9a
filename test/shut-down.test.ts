import { afterEach, describe, expect, it } from 'vitest'
import { scaledClock } from '../src/clock.ts'
import { shutDown } from '../src/shut-down.ts'
import { spec } from './helpers/fake-calls.ts'
import { startApp, type TestApp } from './helpers/parley-app.ts'

let app: TestApp

afterEach(() => app.close())

/** The server of a test, with a call going on, being shut down. */
async function shuttingDown(drainTimeoutMs: number) {
  app = await startApp()
  await app.calls.place(spec)
  const events: string[] = []
  const parley = {
    app: app.app,
    calls: app.calls,
    close: async () => {
      events.push('closed')
      await app.close()
    },
  }
  const done = shutDown(parley, { clock: scaledClock(10), drainTimeoutMs, lameDuckMs: 0 })
  return { events, done, conversation: app.conversations[0]! }
}

describe('shutting down', () => {
  it('waits for calls to finish, and says meanwhile that no new ones are taken', async () => {
    const { events, done, conversation } = await shuttingDown(600_000)
    expect((await app.get('/api/phone/health/ready')).status).toBe(503)
    const refused = await app.post('/api/phone/call', {
      phone_number: '+15551234567',
      action: 'talk',
    })
    expect(refused).toMatchObject({ status: 503, json: { error: { code: 'draining' } } })
    expect(refused.headers.has('retry-after')).toBe(true)
    expect(events).toEqual([])
    conversation.finish({ reason: 'agent_hung_up' })
    await done
    expect(events).toEqual(['closed'])
    expect(conversation.did).not.toContain('end requested')
  })

  it('ends calls that take longer than it may', async () => {
    const { events, done, conversation } = await shuttingDown(1000)
    await done
    expect(events).toEqual(['closed'])
    expect(conversation.did).toContain('end requested')
    expect(app.telephony.did).toEqual(['hang up CA1'])
  })
})
