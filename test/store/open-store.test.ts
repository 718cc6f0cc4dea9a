import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { ConfigError } from '../../src/errors.ts'
import { LibsqlEngine } from '../../src/store/libsql-engine.ts'
import { migrate } from '../../src/store/migrate.ts'
import { MIGRATIONS } from '../../src/store/migrations.ts'
import { openStore } from '../../src/store/open-store.ts'
import { query } from '../../src/store/sql-engine.ts'
import { quiet } from '../helpers/fake-ports.ts'
import { call } from './kept-calls.ts'

const clock = systemClock
const surroundings = { clock, log: quiet }

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-open-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** What the operator is told. */
async function problemOf(url: string): Promise<string> {
  try {
    await (await openStore(url, surroundings)).close()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n')
    throw error
  }
  return 'none'
}

describe('opening the store', () => {
  it('takes files by relative and absolute paths, whatever is in their names', async () => {
    const record = call(0)
    const path = `${folder}/a b/ä%20#?.db`
    const url = `file://${encodeURI(folder)}/a%20b/${encodeURIComponent('ä%20#?.db')}`
    const store = await openStore(url, surroundings)
    await store.save(record)
    await store.close()
    const again = await openStore(`file:${encodeURIComponent(path)}`, surroundings)
    expect(await again.get(record.callId)).toEqual(record)
    await again.close()
    const script = `
      import { openStore } from '${join(import.meta.dirname, '../../src/store/open-store.ts')}'
      await (await openStore('file:./data/here.db', { clock: { date: () => new Date() } })).close()`
    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder,
    })
    expect(status).toBe(0)
    expect(await problemOf(`file:${folder}/data/here.db`)).toBe('none')
  })

  it.each([
    ['mysql://root:secret@db/x', 'DATABASE_URL: mysql: is no database that Parley knows'],
    ['libsql://db.example:secret@x', 'libsql: is no database that Parley knows'],
    ['data/parley.db', 'give file:./data/parley.db, or postgres://user:password@host/database'],
    ['file://elsewhere/x.db', 'it is no path: give file:./data/parley.db'],
  ])('refuses %s with a way out', async (url, problem) => {
    const told = await problemOf(url)
    expect(told).toContain(problem)
    expect(told).not.toContain('secret')
  })

  it('says what is wrong with a file', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, 'This is no database, but a letter.')
    expect(await problemOf(`file:${folder}`)).toContain('it is a folder: name a file in it')
    expect(await problemOf(`file:${file}/x.db`)).toContain('a part of its path is a file')
    expect(await problemOf(`file:${file}`)).toMatch(
      /^DATABASE_URL: the file cannot be used: .*not a database/,
    )
  })

  it('says who may not write there', () => {
    const locked = join(folder, 'locked')
    mkdirSync(locked)
    chmodSync(locked, 0o555)
    const script = `
      import { openStore } from '${join(import.meta.dirname, '../../src/store/open-store.ts')}'
      const opening = openStore('file:${locked}/x/calls.db', {})
      await opening.catch((error) => console.log(error.problems[0]))`
    // Root may write everywhere.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined
    if (nobody) chownSync(locked, nobody.uid, nobody.gid)
    chmodSync(folder, 0o755)
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      ...nobody,
      cwd: folder,
    })
    expect(stdout.toString()).toContain(
      'DATABASE_URL: the file cannot be used: this user may not write there',
    )
  })

  it('says what is wrong with a server', async () => {
    const told = await problemOf('postgres://parley:secret@127.0.0.1:1/calls')
    expect(told).toBe(
      'DATABASE_URL: the server cannot be used: nothing listens there: start the server, or correct host and port',
    )
    expect(await problemOf('postgres://parley:secret@no-such-host.invalid/calls')).toMatch(
      /its host (is not known|cannot be looked up)/,
    )
    expect(await problemOf('postgres://parley:sec ret@[::bad/calls')).not.toContain('ret')
  })
})

describe('the schema', () => {
  const engineOf = (name: string) => new LibsqlEngine({ url: `file:${folder}/${name}`, clock })

  it('is brought up to date from every version that there has been', async () => {
    for (let version = 0; version <= MIGRATIONS.length; version++) {
      const old = engineOf(`v${version}.db`)
      await migrate(old, { clock, migrations: MIGRATIONS.slice(0, version) })
      await old.close()
      const store = await openStore(`file:${folder}/v${version}.db`, surroundings)
      await store.save(call(0))
      await store.doNotCall.add('+15551234567', {})
      await store.close()
    }
  })

  it('keeps what an older version has stored', async () => {
    const record = call(0)
    const store = await openStore(`file:${folder}/kept.db`, surroundings)
    await store.save(record)
    await store.close()
    const engine = engineOf('kept.db')
    const next = {
      name: 'cost',
      statements: () => ['ALTER TABLE parley_calls ADD COLUMN cost BIGINT NOT NULL DEFAULT 0'],
    }
    await migrate(engine, { clock, migrations: [...MIGRATIONS, next] })
    const rows = await query(engine, 'SELECT call_id, cost FROM parley_calls')
    expect(rows.map((row) => ({ ...row }))).toEqual([{ call_id: record.callId, cost: 0 }])
    await engine.close()
  })

  it('is left as it is when a step fails half-way', async () => {
    const engine = engineOf('half.db')
    const broken = {
      name: 'broken',
      statements: () => ['CREATE TABLE half (a BIGINT)', 'CREATE TABEL typo'],
    }
    await expect(
      migrate(engine, { clock, migrations: [...MIGRATIONS, broken] }),
    ).rejects.toMatchObject({ name: 'StoreError' })
    const tables = await query(engine, "SELECT name FROM sqlite_master WHERE name = 'half'")
    expect(tables).toEqual([])
    const [row] = await query(engine, 'SELECT MAX(version) AS version FROM parley_migrations')
    expect(row).toMatchObject({ version: MIGRATIONS.length })
    await engine.close()
    expect(await problemOf(`file:${folder}/half.db`)).toBe('none')
  })

  it('is refused when a newer Parley has made it', async () => {
    const engine = engineOf('newer.db')
    const next = { name: 'next', statements: () => ['CREATE TABLE next (a BIGINT)'] }
    await migrate(engine, { clock, migrations: [...MIGRATIONS, next] })
    await engine.close()
    expect(await problemOf(`file:${folder}/newer.db`)).toBe(
      `DATABASE_URL: the database was made by a newer Parley: it has version ${MIGRATIONS.length + 1} of the schema, and this Parley knows ${MIGRATIONS.length}. Start that version again, or name another database`,
    )
  })

  it('is made once by two processes that start together', async () => {
    const url = `file:${folder}/both.db`
    const stores = await Promise.all([openStore(url, surroundings), openStore(url, surroundings)])
    await stores[0].save(call(0))
    expect((await stores[1].list({ limit: 5 })).records).toHaveLength(1)
    for (const store of stores) await store.close()
  })
})
