import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe } from 'vitest'
import { MemoryCallStore } from '../../src/calls/memory-call-store.ts'
import { systemClock } from '../../src/clock.ts'
import { Keyring, newKey } from '../../src/keyring.ts'
import { openStore } from '../../src/store/open-store.ts'
import { StoreOutbox } from '../../src/store/store-outbox.ts'
import { quiet } from '../helpers/fake-ports.ts'
import { describeStore } from './conformance.ts'
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
  let databases = 0
  beforeAll(async () => {
    server = await PostgresServer.start()
  })
  afterAll(async () => {
    await server.stop()
  })
  describeStore('the PostgreSQL store', async () => {
    const name = `calls${++databases}`
    const client = new Client(server.url())
    await client.connect()
    await client.query(`CREATE DATABASE ${name}`)
    await client.end()
    return openStore(server.url(name), surroundings)
  })
})
