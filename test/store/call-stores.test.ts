import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { UnfinishedCall } from '../../src/calls/call-store.ts'
import { MemoryCallStore } from '../../src/calls/memory-call-store.ts'
import { systemClock } from '../../src/clock.ts'
import { Keyring, newKey } from '../../src/keyring.ts'
import { openStore } from '../../src/store/open-store.ts'
import { Presence } from '../../src/store/presence.ts'
import { StoreOutbox } from '../../src/store/store-outbox.ts'
import { quiet } from '../helpers/fake-ports.ts'
import { describeStore } from './conformance.ts'
import { after, call, liveCall, turnEvent } from './kept-calls.ts'
import { hasPostgres, PostgresServer } from './postgres-server.ts'

const keyring = new Keyring([newKey()])
const surroundings = { clock: systemClock, log: quiet }

describeStore('the store in memory', () => Promise.resolve(new MemoryCallStore()))

describeStore('the libSQL store in memory', () => openStore('file::memory:', surroundings))

describeStore('the outbox of a libSQL store', async () => {
  const store = await openStore('file::memory:', surroundings)
  return new StoreOutbox({ store, ...surroundings })
})

describe('in a folder', () => {
  let folder: string
  let files = 0
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-store-'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  describeStore('the sealed libSQL store in a file', () =>
    openStore(`file:${folder}/data/${++files}.db`, { ...surroundings, keyring }),
  )
  describeStore('the libSQL store in a file', () =>
    openStore(`file:${folder}/data/${++files}.db`, surroundings),
  )
})

describe.skipIf(!hasPostgres)('on a server', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await PostgresServer.start()
  })
  afterAll(async () => {
    await server.stop()
  })
  let database: string | undefined
  describeStore('the PostgreSQL store', async () => {
    if (database === undefined) database = await server.newDatabase()
    else await server.empty(database)
    return openStore(database, surroundings)
  })

  it('gives the open calls of a process that is gone to one of the others, and takes nothing more from it', async () => {
    const url = await server.newDatabase()
    const enter = async (process: number) => {
      const store = await openStore(url, surroundings)
      const { presence } = await Presence.take({ ...surroundings, url, process })
      expect(presence.isSeen).toBe(true)
      store.shareAs(process)
      onTestFinished(() => Promise.all([store.close(), presence.close()]).then(() => undefined))
      return { store, presence }
    }
    const [first, second, third] = [await enter(1), await enter(2), await enter(2 ** 31 - 1)]
    const open = [liveCall(0), liveCall(1)]
    const over = call(2)
    for (const record of [...open, over]) await first.store.save(record)
    await third.store.save(liveCall(3))
    expect(await second.presence.gone()).toEqual([])

    await first.presence.close()
    await expect.poll(() => second.presence.gone(), { timeout: 10_000 }).toEqual([1])
    expect(await third.presence.gone()).toEqual([1])
    // When the server fails all of them lose their connections, and nobody is taken for dead who has not come back yet.
    const admin = new Client(url)
    await admin.connect()
    const holder = async () => {
      const locks = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 2147483647"
      return (await admin.query<{ pid: number }>(locks)).rows[0]?.pid ?? 0
    }
    const before = await holder()
    await admin.query('SELECT pg_terminate_backend($1)', [before])
    await expect.poll(holder, { timeout: 10_000 }).not.toBeOneOf([0, before])
    await admin.end()
    expect(await third.presence.gone()).toEqual([])
    expect(await second.presence.gone()).toEqual([1])
    const left = { createdBefore: after(9), from: [1] }
    const taken = await Promise.all([second.store.takeOver(left), third.store.takeOver(left)])
    const idsOf = (calls: readonly UnfinishedCall[]) => calls.map(({ record }) => record.callId)
    expect(taken.flatMap(idsOf).sort()).toEqual(open.map(({ callId }) => callId).sort())
    expect(await second.presence.gone()).toEqual([])

    // It was not dead, and does not know yet that its calls have changed hands.
    const [contested] = open
    const asItSays = call(0, { callId: contested!.callId, status: 'failed' })
    await first.store.save(asItSays)
    expect(await second.store.get(contested!.callId)).toMatchObject({ status: 'in_progress' })
    const [owner] = taken[0].length > 0 ? [second] : [third]
    const callIds = [...open, over].map(({ callId }) => callId)
    expect(await first.store.lost(callIds)).toEqual(open.map(({ callId }) => callId))
    expect(await owner.store.lost(taken.flatMap(idsOf))).toEqual([])
    await first.store.appendEvent(turnEvent(contested!.callId, 1))
    expect(await second.store.events(contested!.callId)).toEqual([])
    await owner.store.appendEvent(turnEvent(contested!.callId, 1))
    expect(await second.store.events(contested!.callId)).toHaveLength(1)
    await owner.store.save({ ...asItSays, status: 'completed' })
    expect(await first.store.get(contested!.callId)).toMatchObject({ status: 'completed' })
  })
})
