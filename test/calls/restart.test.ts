import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished, vi } from 'vitest'
import { CallEvents } from '../../src/calls/call-events.ts'
import { Outcomes } from '../../src/calls/outcome/outcomes.ts'
import { WebhookSigner } from '../../src/calls/webhooks/webhook-signer.ts'
import { Webhooks } from '../../src/calls/webhooks/webhooks.ts'
import { scaledClock } from '../../src/clock.ts'
import { CallError } from '../../src/errors.ts'
import type { FormFiller } from '../../src/pipeline/form.ts'
import { WebhookClient } from '../../src/providers/webhooks/webhook-client.ts'
import { openStore } from '../../src/store/open-store.ts'
import { StoreOutbox } from '../../src/store/store-outbox.ts'
import { quiet as log } from '../helpers/fake-ports.ts'
import { startReceiver } from '../helpers/webhook-receiver.ts'
import { endedCall } from './outcome/ended-call.ts'

/** What follows calls in one process, on a database file. */
async function startProcess(database: string, url: string, fill: FormFiller['fill']) {
  const clock = scaledClock(20)
  const store = new StoreOutbox({ store: await openStore(database, { clock, log }), clock, log })
  const events = new CallEvents(clock, (error) => {
    throw error
  })
  store.follow(events)
  const records = {
    get: async (callId: string) => {
      const record = await store.get(callId)
      if (record) return record
      throw new CallError('no such call', { code: 'call_not_found' })
    },
  }
  const http = new WebhookClient()
  const signer = new WebhookSigner([`whsec_${Buffer.alloc(24, 7).toString('base64')}`])
  const outcomes = new Outcomes({ events, records, jobs: store, filler: { fill }, clock, log })
  const webhooks = new Webhooks({ events, records, store, http, signer, url, clock, log })
  outcomes.start()
  webhooks.start()
  const close = async () => {
    await outcomes.close()
    await webhooks.close()
    await http.close()
    await store.close()
  }
  return { events, store, webhooks, close }
}

it('what a process still owes when it ends, the next one does', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-restart-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const database = pathToFileURL(join(folder, 'parley.db')).href
  const receiver = await startReceiver('hang')
  const record = endedCall({ endedAt: new Date() })

  const first = await startProcess(
    database,
    receiver.url,
    (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error)
        })
      }),
  )
  await first.store.save(record)
  first.events.publish('call_1', { type: 'call.created', record })
  first.events.publish('call_1', {
    type: 'call.ended',
    status: 'completed',
    endReason: 'agent_hung_up',
  })
  await vi.waitFor(() => {
    expect(receiver.types()).toEqual(['call.started'])
  })
  await first.close()

  receiver.answer(200)
  const next = await startProcess(database, receiver.url, () =>
    Promise.resolve({ summary: 'He comes. All is well.', disposition: 'completed' }),
  )
  onTestFinished(next.close)
  await vi.waitFor(
    () => {
      expect(receiver.types().slice(1)).toEqual(['call.started', 'call.ended', 'call.outcome'])
    },
    { timeout: 20_000 },
  )
  await vi.waitFor(async () => {
    const states = (await next.webhooks.list('call_1')).map(({ state }) => state)
    expect(states).toEqual(['delivered', 'delivered', 'delivered'])
  })
  expect(await next.store.outcome('call_1')).toMatchObject({ disposition: 'completed' })
  const events = await next.store.events('call_1')
  expect(events.map(({ type, seq }) => [type, seq])).toEqual([
    ['call.created', 1],
    ['call.ended', 2],
    ['call.outcome', 3],
  ])
})
