import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { CallEvents } from '../../src/calls/call-events.ts'
import { MemoryCallStore } from '../../src/calls/call-store.ts'
import { WebhookSigner } from '../../src/calls/webhooks/webhook-signer.ts'
import { Webhooks } from '../../src/calls/webhooks/webhooks.ts'
import { scaledClock } from '../../src/clock.ts'
import { WebhookClient } from '../../src/providers/webhooks/webhook-client.ts'
import { endedCall } from '../calls/outcome/ended-call.ts'
import { quiet } from '../helpers/fake-ports.ts'

const receiver = fileURLToPath(
  new URL('../../examples/webhook-receiver/receiver.js', import.meta.url),
)
const secretOf = (byte: number) => `whsec_${Buffer.alloc(24, byte).toString('base64')}`

/** The example as a process of its own, and what it prints. */
async function startExample(environment: Record<string, string>) {
  const child = spawn(process.execPath, [receiver], {
    env: { PATH: process.env['PATH'], PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  await vi.waitFor(
    () => {
      expect(lines[0]).toMatch(/^listening on /)
    },
    { timeout: 20_000 },
  )
  return { url: lines[0]!.replace('listening on ', ''), lines }
}

/** A call that is reported there from its beginning to its outcome. */
async function report(url: string, secret: string) {
  const clock = scaledClock(1)
  const store = new MemoryCallStore({ clock })
  const events = new CallEvents(clock, (error) => {
    throw error
  })
  const http = new WebhookClient()
  const record = endedCall()
  const webhooks = new Webhooks({
    events,
    records: { get: () => Promise.resolve(record) },
    store,
    http,
    signer: new WebhookSigner([secret]),
    url,
    clock,
    log: quiet,
  })
  onTestFinished(async () => {
    await webhooks.close()
    await http.close()
  })
  await store.save(record)
  events.publish('call_1', { type: 'call.created', record })
  events.publish('call_1', { type: 'call.answered' })
  events.publish('call_1', { type: 'call.ended', status: 'completed', endReason: 'agent_hung_up' })
  const summary = 'He comes. All is well.'
  const outcome = {
    disposition: 'completed',
    summary,
    turns: {},
    unknown: [],
    problems: [],
  } as const
  events.publish('call_1', { type: 'call.outcome', outcome })
  await webhooks.idle()
  return webhooks
}

describe('the example of a receiver', () => {
  it('takes what is genuine, once', async () => {
    const { url, lines } = await startExample({ WEBHOOK_SECRET: secretOf(7) })
    const webhooks = await report(url, secretOf(7))
    await vi.waitFor(
      () => {
        expect(lines.slice(1)).toEqual([
          'msg_call_1_started: a call to +15551234567',
          'msg_call_1_answered: somebody answered',
          'msg_call_1_ended: over: agent_hung_up',
          'msg_call_1_outcome: completed: He comes. All is well.',
        ])
      },
      { timeout: 10_000 },
    )
    await webhooks.resend('msg_call_1_ended')
    await vi.waitFor(() => {
      expect(lines.at(-1)).toBe('msg_call_1_ended: seen before')
    })
    expect((await webhooks.list('call_1')).map(({ lastStatus }) => lastStatus)).toEqual([
      204, 204, 204, 204,
    ])
  })

  it('refuses what anybody else has sent', async () => {
    const { url, lines } = await startExample({ WEBHOOK_SECRET: secretOf(7) })
    const webhooks = await report(url, secretOf(8))
    await vi.waitFor(() => {
      expect(lines[1]).toMatch(/^refused: /)
    })
    const [started] = await webhooks.list('call_1')
    expect(started).toMatchObject({ state: 'pending', lastError: 'answered 401' })
    const unsigned = await fetch(url, { method: 'POST', body: '{"type":"call.ended"}' })
    expect(unsigned.status).toBe(401)
    expect((await fetch(url)).status).toBe(405)
  })
})
