import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { MemorySweeper } from '../../src/mastra/memory-sweeper.ts'
import { personId } from '../../src/mastra/person-id.ts'
import type { RememberedCall } from '../../src/mastra/person-memory.ts'
import { quiet } from '../helpers/fake-ports.ts'
import { personMemory } from '../helpers/mastra-database.ts'
import { SteppingClock } from '../helpers/stepping-clock.ts'

const MARIA = '+15551234567'
const JOHN = '+15557654321'
const DAY_MS = 86_400_000

const spoken = (callId: string, phoneNumber: string, ...said: string[]): RememberedCall => ({
  callId,
  phoneNumber,
  purpose: 'Confirm the delivery',
  at: new Date('2030-05-01T12:00:00Z'),
  turns: said.map((text, i) => ({
    by: i % 2 === 0 ? ('person' as const) : ('agent' as const),
    text,
  })),
})

describe('memory of a person', () => {
  it('stores and retrieves what they prefer, without doubles and not without end', async () => {
    const { memory } = await personMemory()
    expect(await memory.preferencesOf(MARIA)).toEqual([])
    await memory.setPreferences(MARIA, [' Call in the\nmornings ', 'Call in the mornings', ''])
    expect(await memory.preferencesOf(MARIA)).toEqual(['Call in the mornings'])
    expect(await memory.preferencesOf(JOHN)).toEqual([])
    await memory.setPreferences(
      MARIA,
      Array.from({ length: 30 }, (_, i) => `wish ${i}`),
    )
    expect(await memory.preferencesOf(MARIA)).toHaveLength(12)
  })

  it('takes calls in batches, tells them in order, and finds the words that were said', async () => {
    const { memory, dir } = await personMemory()
    const calls = [
      spoken(
        'call_1',
        MARIA,
        'The parcel never came.',
        'I am sorry.',
        'My dog chased the postman.',
      ),
      spoken('call_2', JOHN, 'The parcel is fine.'),
    ]
    await memory.saveCalls(calls)
    // Again, as after a restart: nothing is there twice.
    await memory.saveCalls(calls)
    const history = await memory.historyOf(MARIA, { limit: 10 })
    expect(history.map(({ text }) => text)).toEqual([
      'The parcel never came.',
      'I am sorry.',
      'My dog chased the postman.',
    ])
    const found = await memory.search(MARIA, 'What about the parcels?')
    expect(found[0]).toMatchObject({ callId: 'call_1', text: 'The parcel never came.' })
    const texts = found.map(({ text }) => text)
    expect(texts).not.toContain('The parcel is fine.')
    expect(new Set(texts).size).toBe(texts.length)
    expect((await memory.search(MARIA, 'postmen and dogs'))[0]?.text).toContain('dog')
    // The database knows nobody's number.
    for (const file of await readdir(dir)) {
      const bytes = await readFile(join(dir, file))
      expect(bytes.includes(MARIA)).toBe(false)
    }
    expect(personId(MARIA)).toMatch(/^person_[0-9a-f]{32}$/)
  })

  it('forgets a call, and a person, with every trace of their words', async () => {
    const { memory, vector } = await personMemory()
    await memory.saveCalls([
      spoken('call_1', MARIA, 'The parcel never came.'),
      spoken('call_2', MARIA, 'The parcel has come.'),
      spoken('call_3', JOHN, 'No parcel for me.'),
    ])
    await memory.setPreferences(MARIA, ['Call in the mornings'])
    await memory.eraseCall('call_1')
    expect((await memory.search(MARIA, 'parcel')).map(({ callId }) => callId)).toEqual(['call_2'])
    await memory.erase(MARIA)
    expect(await memory.search(MARIA, 'parcel')).toEqual([])
    expect(await memory.historyOf(MARIA, { limit: 10 })).toEqual([])
    expect(await memory.preferencesOf(MARIA)).toEqual([])
    const [indexName = ''] = await vector.listIndexes()
    expect(await vector.describeIndex({ indexName })).toMatchObject({ count: 1 })
    expect(await memory.historyOf(JOHN, { limit: 10 })).toHaveLength(1)
  })

  it('does not say that it has forgotten what it could not', async () => {
    const { memory, vector } = await personMemory()
    await memory.saveCalls([spoken('call_1', MARIA, 'The parcel never came.')])
    const broken = vi.spyOn(vector, 'deleteVectors').mockRejectedValue(new Error('locked'))
    await expect(memory.erase(MARIA)).rejects.toThrow('locked')
    broken.mockRestore()
    await memory.erase(MARIA)
    expect(await memory.search(MARIA, 'parcel')).toEqual([])
  })

  it('forgets by age, by hand and every day, and who is not called any more', async () => {
    const { memory, storage } = await personMemory()
    await memory.saveCalls([
      spoken('call_1', MARIA, 'Long ago.'),
      { ...spoken('call_2', JOHN, 'Long ago too.'), at: new Date('2030-05-01T12:00:00Z') },
      { ...spoken('call_3', JOHN, 'Just now.'), at: new Date('2030-07-01T12:00:00Z') },
    ])
    await memory.setPreferences(MARIA, ['Mornings'])
    await memory.setPreferences(JOHN, ['Evenings'])
    expect(await memory.cleanUp({ olderThan: new Date('2030-04-01T00:00:00Z') })).toBe(0)
    const clock = new SteppingClock('2030-07-02T12:00:00.000Z')
    const sweeper = new MemorySweeper({ memory, storage, days: 30, clock, log: quiet })
    sweeper.start()
    clock.advance(DAY_MS / 2)
    await sweeper.stop()
    expect(await memory.preferencesOf(MARIA)).toEqual([])
    expect(await memory.search(MARIA, 'Long ago.')).toEqual([])
    expect(await memory.preferencesOf(JOHN)).toEqual(['Evenings'])
    expect((await memory.historyOf(JOHN, { limit: 9 })).map(({ text }) => text)).toEqual([
      'Just now.',
    ])
  })
})
