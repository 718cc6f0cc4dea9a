import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LibSQLStore, LibSQLVector } from '@mastra/libsql'
import { PersonMemory } from '../../src/mastra/person-memory.ts'
import { onTestFinished } from './together.ts'

/** Memory on a database of its own, which is gone after the test. */
export async function personMemory() {
  const dir = await mkdtemp(join(tmpdir(), 'parley-memory-'))
  const url = `file:${join(dir, 'mastra.db')}`
  const storage = new LibSQLStore({ id: 'test', url })
  await storage.init()
  const vector = new LibSQLVector({ id: 'test-vectors', url })
  onTestFinished(async () => {
    await vector.close()
    await storage.close()
    await rm(dir, { recursive: true })
  })
  return { memory: new PersonMemory({ storage, vector }), storage, vector, dir }
}
