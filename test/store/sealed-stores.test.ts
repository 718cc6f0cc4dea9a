import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CallStore } from '../../src/calls/call-store.ts'
import { systemClock } from '../../src/clock.ts'
import { ConfigError } from '../../src/errors.ts'
import { Keyring, newKey } from '../../src/keyring.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { SqlCallStore } from '../../src/store/sql-call-store.ts'
import { quiet } from '../helpers/fake-ports.ts'
import { call, delivery, event, outcome, turnEvent } from './kept-calls.ts'
import { hasPostgres, PostgresServer } from './postgres-server.ts'

/** Words of people; none may stand in what a database keeps, in any of the forms in which text is found in files. */
const CANARIES = {
  number: '+15550104711',
  action: 'CANARY-ACTION',
  context: 'CANARY-CONTEXT',
  turn: 'CANARY-TURN',
  summary: 'CANARY-SUMMARY',
  payload: 'CANARY-PAYLOAD',
  url: 'https://canary-hook.example/x',
  metadata: 'CANARY-METADATA',
  listed: '+15550104712',
  audited: '+15550104713',
  answer: 'CANARY-ANSWER',
}

const callOf = () =>
  call(0, {
    spec: {
      phoneNumber: CANARIES.number,
      action: CANARIES.action,
      context: CANARIES.context,
      metadata: { [`${CANARIES.metadata}-name`]: CANARIES.metadata },
    },
    notes: [{ result: CANARIES.turn }],
  })

async function fill(store: SqlCallStore) {
  const record = callOf()
  const { callId } = record
  await store.write([
    { kind: 'record', record },
    { kind: 'event', event: event(callId, 1, { type: 'call.created', record }) },
    { kind: 'event', event: turnEvent(callId, 2, CANARIES.turn) },
    { kind: 'outcome', callId, outcome: { ...outcome, summary: CANARIES.summary } },
  ])
  await store.addDelivery(delivery(callId, { url: CANARIES.url, payload: CANARIES.payload }))
  await store.doNotCall.add(CANARIES.listed, { callId })
  await store.audit.add({ ...audited, phoneNumber: CANARIES.audited })
  expect(await store.requests.reserve(asked, LONG_AGO)).toBeUndefined()
  await store.requests.complete(asked, { status: 400, body: CANARIES.answer })
  return record
}

const audited = { id: 'audit_1', at: new Date(), type: 'dial.blocked' } as const
const asked = { owner: 'crm', key: 'k', fingerprint: 'f', callId: 'call_other', at: new Date() }
const LONG_AGO = new Date(0)

/** Everything of the call can be read and found. */
async function expectReadable(store: CallStore, record: ReturnType<typeof callOf>) {
  const { callId } = record
  expect(await store.get(callId)).toEqual(record)
  for (const filter of [{ phoneNumber: CANARIES.number }, { metadata: record.spec.metadata }]) {
    const { records } = await store.list({ ...filter, limit: 10 })
    expect(records.map((each) => each.callId)).toContain(callId)
  }
  expect((await store.list({ phoneNumber: '+15550100000', limit: 10 })).records).toEqual([])
  expect((await store.events(callId)).map(({ seq }) => seq)).toEqual([1, 2])
  expect((await store.outcome(callId))?.summary).toBe(CANARIES.summary)
  expect(await store.deliveriesOf(callId)).toMatchObject([
    { url: CANARIES.url, payload: CANARIES.payload },
  ])
  expect(await store.doNotCall.has(CANARIES.listed)).toBe(true)
  const { entries } = await store.doNotCall.list({ limit: 10 })
  expect(entries).toMatchObject([{ phoneNumber: CANARIES.listed, callId }])
  expect(await store.audit.list({ limit: 10 })).toEqual({
    entries: [{ ...audited, phoneNumber: CANARIES.audited }],
  })
  expect(await store.requests.reserve(asked, LONG_AGO)).toMatchObject({
    answer: { status: 400, body: CANARIES.answer },
  })
  const { calls } = await store.exportNumber(CANARIES.number)
  expect(calls.map(({ events }) => events.length)).toContain(2)
}

function expectSealed(kept: Buffer): void {
  for (const canary of Object.values(CANARIES)) {
    expect(kept.includes(canary), canary).toBe(false)
    expect(kept.includes(Buffer.from(canary).toString('hex')), canary).toBe(false)
  }
}

/** Stores that begin empty, and all that their database keeps. */
type Place = {
  open(keyring: Keyring | undefined): Promise<SqlCallStore>
  kept(): Promise<Buffer>
}

const old = newKey()
const young = newKey()

function describeSealed(name: string, begin: () => Promise<Place>): void {
  describe(name, () => {
    it('keeps nothing of people that can be read without the key, and finds it with the key', async () => {
      const place = await begin()
      const store = await place.open(new Keyring([old]))
      const record = await fill(store)
      await expectReadable(store, record)
      expectSealed(await place.kept())
      await store.close()
      expectSealed(await place.kept())
      const again = await place.open(new Keyring([old]))
      await expectReadable(again, record)
      await again.close()
    })

    it('seals what was kept before there was a key', async () => {
      const place = await begin()
      const before = await place.open(undefined)
      const record = await fill(before)
      await before.close()
      expect((await place.kept()).includes(CANARIES.turn)).toBe(true)
      const store = await place.open(new Keyring([old]))
      await expectReadable(store, record)
      await store.close()
      expectSealed(await place.kept())
    })

    it('lets an old key go once a newer one has come, and not before', async () => {
      const place = await begin()
      const first = await place.open(new Keyring([old]))
      const record = await fill(first)
      await first.close()
      await expect(place.open(new Keyring([young]))).rejects.toThrow(ConfigError)
      await expect(place.open(undefined)).rejects.toThrow(ConfigError)
      const turned = await place.open(new Keyring([young, old]))
      await expectReadable(turned, record)
      await turned.close()
      await expect(place.open(new Keyring([old]))).rejects.toThrow(ConfigError)
      const without = await place.open(new Keyring([young]))
      await expectReadable(without, record)
      expect(await without.eraseNumber(CANARIES.number)).toEqual([record.callId])
      await without.close()
    })

    it('makes a call unreadable by erasing its key, for whoever has a copy of the rest', async () => {
      const place = await begin()
      const store = await place.open(new Keyring([old]))
      const record = await fill(store)
      const other = call(1)
      await store.save(other)
      expect(await store.erase(record.callId)).toBe(true)
      expect(await store.get(record.callId)).toBeUndefined()
      // What is written late leaves nothing behind, and a call that comes again is another one.
      await store.appendEvent(turnEvent(record.callId, 3))
      expect(await store.events(record.callId)).toEqual([])
      expect(await store.get(other.callId)).toEqual(other)
      await store.close()
    })
  })
}

let folder: string
let files = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-sealed-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

describeSealed('a sealed file', () => {
  const dir = join(folder, String(++files))
  return Promise.resolve({
    open: (keyring) =>
      openStore(`file:${dir}/calls.db`, { clock: systemClock, log: quiet, keyring }),
    kept: () => {
      const names = readdirSync(dir)
      for (const name of names) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600)
      return Promise.resolve(Buffer.concat(names.map((name) => readFileSync(join(dir, name)))))
    },
  })
})

describe.skipIf(!hasPostgres)('on a server', () => {
  let server: PostgresServer
  let databases = 0
  beforeAll(async () => {
    server = await PostgresServer.start()
  })
  afterAll(async () => {
    await server.stop()
  })

  async function ask<Row extends object>(name: string, sql: string): Promise<Row[]> {
    const client = new Client(server.url(name))
    await client.connect()
    const { rows } = await client.query<Row>(sql)
    await client.end()
    return rows
  }

  describeSealed('a sealed database', async () => {
    const name = `sealed${++databases}`
    await ask('postgres', `CREATE DATABASE ${name}`)
    return {
      open: (keyring) => openStore(server.url(name), { clock: systemClock, log: quiet, keyring }),
      kept: async () => {
        const tables = await ask<{ tablename: string }>(
          name,
          "SELECT tablename FROM pg_tables WHERE tablename LIKE 'parley_%'",
        )
        const rows = tables.map(({ tablename }) => ask(name, `SELECT * FROM ${tablename}`))
        return Buffer.from(JSON.stringify(await Promise.all(rows)))
      },
    }
  })
})
