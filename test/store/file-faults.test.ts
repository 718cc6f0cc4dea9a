import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@libsql/client/sqlite3'
import { scaledClock, systemClock } from '../../src/clock.ts'
import { openStore } from '../../src/store/open-store.ts'
import { quiet } from '../helpers/fake-ports.ts'
import { describe, expect, it, onTestFinished } from '../helpers/together.ts'
import { call, delivery, event, outcome, turnEvent, after } from './kept-calls.ts'
import { WriterProcess } from './writer-process.ts'

const surroundings = { clock: systemClock, log: quiet }

/** A folder of the test's own, and the database that is to be in it. */
function place() {
  const folder = mkdtempSync(join(tmpdir(), 'parley-faults-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  return { folder, url: `file:${folder}/data/calls.db` }
}

function startWriter(options: { words?: string; limitKb?: number } = {}) {
  const { url } = place()
  const writer = new WriterProcess({ url, ...options })
  onTestFinished(async () => {
    if (writer.child.exitCode === null && writer.child.signalCode === null) await writer.kill()
  })
  return { writer, url }
}

/** What is kept of the writer's call. */
async function kept({ writer, url }: ReturnType<typeof startWriter>) {
  const store = await openStore(url, surroundings)
  const record = await store.get(writer.callId)
  await store.close()
  return record!
}

describe('a server that is killed in the middle of a call', () => {
  it.each([1, 7, 30])('loses nothing but the turn in progress (after %i turns)', async (count) => {
    const { writer, url } = startWriter()
    await writer.hasTurns(count)
    await writer.kill()
    const { status, turns } = await kept({ writer, url })
    expect(status).toBe('in_progress')
    expect(turns.length).toBeGreaterThanOrEqual(writer.turns)
    const said = turns.map((turn) => (turn.role === 'caller' ? turn.text.trim() : ''))
    expect(said).toEqual(said.map((_, i) => `turn ${i + 1}`))
  })
})

describe('a full disk', () => {
  it('disturbs no call, and loses nothing of it once there is room again', async () => {
    // The limit is reached within a second: a turn takes some 4 KB.
    const { writer, url } = startWriter({ words: 'x'.repeat(4000), limitKb: 300 })
    await writer.says('database cannot be written')
    const { turns } = writer
    // The call goes on as before.
    await writer.hasTurns(turns + 40)
    execFileSync('prlimit', ['--pid', String(writer.child.pid), '--fsize=unlimited'])
    await writer.says('database can be written again')
    expect(await writer.end()).toBe(0)
    const record = await kept({ writer, url })
    expect(record.status).toBe('completed')
    const store = await openStore(url, surroundings)
    const events = await store.events(writer.callId)
    await store.close()
    expect(events.map(({ seq }) => seq)).toEqual(
      Array.from({ length: record.turns.length + 2 }, (_, i) => i + 1),
    )
  })
})

describe('a database that somebody else has locked', () => {
  it('disturbs no call, and loses nothing of it', async () => {
    const { writer, url } = startWriter()
    await writer.hasTurns(3)
    const other = createClient({ url })
    const lock = await other.transaction('write')
    await writer.says('database cannot be written')
    const { turns } = writer
    await writer.hasTurns(turns + 80)
    await lock.rollback()
    other.close()
    await writer.says('database can be written again')
    expect(await writer.end()).toBe(0)
    expect((await kept({ writer, url })).turns.length).toBeGreaterThanOrEqual(turns + 80)
    // The thread that carries the calls was never held up by the lock, which lasted for more than two seconds.
    expect(Number(/^stalled (\d+)$/m.exec(writer.output)?.[1])).toBeLessThan(1000)
  })

  it('is waited for by whoever must know that it was written', async () => {
    const { url } = place()
    const store = await openStore(url, { clock: scaledClock(1), log: quiet })
    const other = createClient({ url })
    const lock = await other.transaction('write')
    const saved = store.save(call(0))
    const read = await store.list({ limit: 5 })
    expect(read.records).toEqual([])
    await lock.rollback()
    await saved
    expect((await store.list({ limit: 5 })).records).toHaveLength(1)
    other.close()
    await store.close()
  })

  it('is given up in the end', async () => {
    const { url } = place()
    let waits = 0
    const fast = scaledClock(50)
    const sleep: typeof fast.sleep = (ms, options) => {
      waits++
      return fast.sleep(ms, options)
    }
    const store = await openStore(url, { clock: { ...fast, sleep }, log: quiet })
    const other = createClient({ url })
    const lock = await other.transaction('write')
    // Two statements, and so a transaction.
    const spec = { phoneNumber: '+15551234567', action: 'x', metadata: { a: 'b' } }
    await expect(store.save(call(0, { spec }))).rejects.toMatchObject({
      name: 'StoreError',
      code: 'unavailable',
    })
    await expect(store.ping()).resolves.toBeUndefined()
    await lock.rollback()
    // Nothing of the failed attempts is in the way.
    expect(waits).toBeGreaterThan(3)
    waits = 0
    await store.save(call(1, { spec }))
    expect(waits).toBe(0)
    other.close()
    await store.close()
  })
})

describe('an erased call', () => {
  it('is in none of the files any more', async () => {
    const { folder, url } = place()
    const secret = 'Rumpelstilzchen'
    const store = await openStore(url, surroundings)
    const spec = { phoneNumber: '+15557654321', action: secret, metadata: { secret } }
    const gone = call(0, { spec, messageLeft: secret })
    for (let i = 1; i < 30; i++) await store.save(call(i))
    await store.save(gone)
    for (let seq = 1; seq < 50; seq++) await store.appendEvent(turnEvent(gone.callId, seq, secret))
    await store.appendEvent(event(gone.callId, 99, { type: 'call.created', record: gone }))
    await store.saveOutcome(gone.callId, { ...outcome, summary: secret })
    await store.addDelivery(delivery(gone.callId, { payload: secret }))
    const bytes = () =>
      readdirSync(join(folder, 'data'))
        .map((name) => readFileSync(join(folder, 'data', name), 'latin1'))
        .join('')
    expect(bytes()).toContain(secret)
    expect(bytes()).toContain('+15557654321')
    await store.erase(gone.callId)
    expect(bytes()).not.toContain(secret)
    expect(bytes()).not.toContain('+15557654321')
    expect((await store.list({ limit: 99 })).records).toHaveLength(29)
    await store.close()
  })

  it('is in none of the files any more when only what was said is forgotten', async () => {
    const { folder, url } = place()
    const secret = 'Rumpelstilzchen'
    const store = await openStore(url, surroundings)
    const old = call(0, { messageLeft: secret, notes: [{ result: secret }] })
    await store.save(old)
    await store.appendEvent(turnEvent(old.callId, 1, secret))
    await store.sweep({ now: after(9 * 86_400_000), days: { transcript: 1, metadata: 0 } })
    for (const name of readdirSync(join(folder, 'data'))) {
      expect(readFileSync(join(folder, 'data', name), 'latin1')).not.toContain(secret)
    }
    await store.close()
  })
})

describe('the files', () => {
  it('may be read by their owner only', async () => {
    const { folder, url } = place()
    const store = await openStore(url, surroundings)
    await store.save(call(0))
    const mode = (path: string) => statSync(path).mode & 0o777
    expect(mode(join(folder, 'data'))).toBe(0o700)
    for (const name of readdirSync(join(folder, 'data'))) {
      expect(mode(join(folder, 'data', name))).toBe(0o600)
    }
    await store.close()
  })
})
