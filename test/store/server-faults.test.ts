import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { ConfigError } from '../../src/errors.ts'
import { openStore } from '../../src/store/open-store.ts'
import { Presence } from '../../src/store/presence.ts'
import { PostgresEngine } from '../../src/store/postgres-engine.ts'
import type { SqlCallStore } from '../../src/store/sql-call-store.ts'
import { StoreOutbox } from '../../src/store/store-outbox.ts'
import { call, liveCall, NUMBER, turnEvent } from './kept-calls.ts'
import { hasPostgres, PostgresServer } from './postgres-server.ts'
import { readableLog } from './unreliable.ts'

const WAIT = { timeout: 25_000, interval: 20 }

describe.skipIf(!hasPostgres)('a PostgreSQL server that fails', () => {
  let server: PostgresServer
  let databases = 0
  let url: string
  beforeAll(async () => {
    server = await PostgresServer.start()
  })
  afterAll(async () => {
    await server.stop()
  })
  beforeEach(async () => {
    const name = `faults${++databases}`
    const client = new Client(server.url())
    await client.connect()
    await client.query(`CREATE DATABASE ${name}`)
    await client.end()
    url = server.url(name)
  })

  async function setUp() {
    const { log, messages } = readableLog()
    const surroundings = { clock: systemClock, log }
    const store = await openStore(url, surroundings)
    const outbox = new StoreOutbox({ store, ...surroundings })
    return { store, outbox, messages }
  }

  const seqsOf = async (store: SqlCallStore, callId: string) =>
    (await store.events(callId)).map(({ seq }) => seq)
  const oneTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

  it('disturbs no call when it dies, and has all of it once it is back', async () => {
    const { store, outbox, messages } = await setUp()
    const record = liveCall(0)
    await outbox.save(record)
    await outbox.appendEvent(turnEvent(record.callId, 1))
    await outbox.flush(5000)
    await server.kill()
    for (let seq = 2; seq <= 90; seq++) await outbox.appendEvent(turnEvent(record.callId, seq))
    await outbox.save(call(0, { callId: record.callId }))
    await vi.waitFor(() => {
      expect(outbox.isFailing).toBe(true)
    }, WAIT)
    await expect(store.ping()).rejects.toMatchObject({ name: 'StoreError', code: 'unavailable' })
    expect(await outbox.get(record.callId)).toMatchObject({ status: 'completed' })
    await server.up()
    await vi.waitFor(() => {
      expect(outbox.depth.writes).toBe(0)
    }, WAIT)
    expect(await seqsOf(store, record.callId)).toEqual(oneTo(90))
    expect(messages()).toEqual([
      'database cannot be written; calls go on, and their records wait',
      'database can be written again',
    ])
    await outbox.close()
  })

  it('ends no server when it dies in the middle of a question', async () => {
    const engine = new PostgresEngine({ url, clock: systemClock, log: readableLog().log })
    await engine.run([{ sql: 'SELECT 1' }])
    const asked = expect(engine.run([{ sql: 'SELECT pg_sleep(20)' }])).rejects.toMatchObject({
      name: 'StoreError',
      code: 'unavailable',
    })
    await vi.waitFor(async () => {
      const [rows] = await engine.run([
        { sql: "SELECT * FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20)'" },
      ])
      expect(rows).toHaveLength(1)
    }, WAIT)
    // An error of a connection that nobody listens to ends the process.
    await server.kill()
    await asked
    await server.up()
    await engine.close()
  })

  it('disturbs no call when it stops answering, and has all of it once it does again', async () => {
    const { store, outbox } = await setUp()
    const record = liveCall(0)
    await outbox.save(record)
    await outbox.flush(5000)
    server.freeze()
    try {
      for (let seq = 1; seq <= 60; seq++) await outbox.appendEvent(turnEvent(record.callId, seq))
      await vi.waitFor(() => {
        expect(outbox.isFailing).toBe(true)
      }, WAIT)
      expect(outbox.depth.writes).toBe(60)
    } finally {
      server.thaw()
    }
    await vi.waitFor(() => {
      expect(outbox.depth.writes).toBe(0)
    }, WAIT)
    expect(await seqsOf(store, record.callId)).toEqual(oneTo(60))
    await outbox.close()
  })

  it('tells who is alone from who is not, whatever becomes of their connections', async () => {
    const { log } = readableLog()
    let processes = 0
    const enter = async () => {
      const entered = await Presence.take({ url, clock: systemClock, log, process: ++processes })
      onTestFinished(() => entered.presence.close())
      return entered
    }
    const first = await enter()
    const second = await enter()
    expect([first.isAlone, second.isAlone]).toEqual([true, false])
    await first.presence.close()
    // The second loses its connection, and is back in a moment.
    const admin = new Client(url)
    await admin.connect()
    const { rows: cut } = await admin.query<{ pid: number }>(
      "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley presence' AND datname = current_database()",
    )
    expect(cut).toHaveLength(1)
    const isThere = async () => {
      // The connection that is cut may hold its lock for a moment longer.
      const { rows } = await admin.query(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND pid <> $1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        [cut[0]?.pid],
      )
      return rows.length
    }
    await expect.poll(isThere, WAIT).toBe(1)
    const third = await enter()
    expect(third.isAlone).toBe(false)
    await Promise.all([second.presence.close(), third.presence.close()])
    await expect.poll(isThere, WAIT).toBe(0)
    // Of two who come at once one at most is alone.
    const both = await Promise.all([enter(), enter()])
    expect(both.filter(({ isAlone }) => isAlone)).toHaveLength(1)
    await Promise.all(both.map(({ presence }) => presence.close()))
    await admin.end()
    const nowhere = await Presence.take({
      url: 'postgres://parley:secret@127.0.0.1:9/none',
      clock: systemClock,
      log,
      process: 99,
    })
    expect(nowhere.isAlone).toBe(false)
    await nowhere.presence.close()
  })

  it('holds up nobody who leaves, though it does not answer', async () => {
    const { store, outbox } = await setUp()
    await outbox.save(call(0))
    await outbox.flush(5000)
    const startedAt = performance.now()
    server.freeze()
    try {
      await store.close()
    } finally {
      server.thaw()
    }
    expect(performance.now() - startedAt).toBeLessThan(5000)
  })

  it('tells nobody the password or what was to be stored', async () => {
    const { store } = await setUp()
    const record = call(0)
    await store.save(record)
    const bad = { ...record, status: 'x'.repeat(3), callId: 'a\u0000b', createdAt: new Date(NaN) }
    const error: unknown = await store
      .save(bad as typeof record)
      .catch((failure: unknown) => failure)
    expect(error).toMatchObject({ name: 'StoreError', code: 'refused' })
    expect(JSON.stringify([String(error), (error as Error).cause ?? ''])).not.toContain(NUMBER)
    await store.close()
  })

  it('says what is wrong with it', async () => {
    const problemOf = (wrong: string) =>
      openStore(wrong, { clock: systemClock, log: readableLog().log }).then(
        () => 'nothing',
        (error: unknown) =>
          error instanceof ConfigError ? error.problems.join() : 'another error',
      )
    expect(await problemOf(server.url('missing'))).toContain('it has no such database: create it')
    const client = new Client(url)
    await client.connect()
    await client.query('CREATE ROLE guest LOGIN')
    await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC')
    await client.end()
    expect(await problemOf(url.replace('parley:', 'guest:'))).toContain(
      'the user may not create tables there',
    )
  })

  it('is set up once by processes that start together', async () => {
    const { log } = readableLog()
    const opening = Array.from({ length: 4 }, () => openStore(url, { clock: systemClock, log }))
    const stores = await Promise.all(opening)
    await stores[0]!.save(call(0))
    expect((await stores[3]!.list({ limit: 5 })).records).toHaveLength(1)
    for (const store of stores) await store.close()
  })
})
