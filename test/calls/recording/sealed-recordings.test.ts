import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Recordings } from '../../../src/calls/recording/recordings.ts'
import {
  filledSealedSink,
  newSealedSink,
  openSealed,
} from '../../../src/calls/recording/sealed-file.ts'
import { systemClock } from '../../../src/clock.ts'
import { Keyring, newKey } from '../../../src/keyring.ts'
import { quiet } from '../../helpers/fake-ports.ts'

const old = newKey()
const young = newKey()

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sealed-recordings-'))
})
afterEach(async () => {
  await rm(dir, { recursive: true })
})

const recordings = (...keys: Buffer[]) =>
  new Recordings({
    dir,
    clock: systemClock,
    log: quiet,
    keyring: keys.length === 0 ? undefined : new Keyring(keys),
  })

/** Sound that can be recognised anywhere in a file. */
const SOUND = Buffer.from('a piece of sound '.repeat(4000))

async function record(callId: string, ...keys: Buffer[]): Promise<string> {
  const path = join(dir, `${callId}.wav`)
  const sink = await newSealedSink(path, new Keyring(keys))
  await sink.write(SOUND, 0)
  await sink.close()
  return path
}

async function whole(from: Recordings, callId: string): Promise<Buffer | undefined> {
  const stored = await from.open(callId)
  return stored && buffer(stored.stream())
}

describe('a sealed file', () => {
  it('gives back what was written to it, from any place to any other', async () => {
    const keyring = new Keyring([old])
    let files = 0
    const piece = fc.uint8Array({ minLength: 1, maxLength: 20_000 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(piece, fc.boolean()), { minLength: 1, maxLength: 6 }),
        fc.uint8Array({ minLength: 1, maxLength: 60 }),
        fc.nat(),
        fc.nat(),
        async (pieces, head, from, length) => {
          const path = join(dir, `${++files}.wav`)
          let sink = await newSealedSink(path, keyring)
          // As a WAV is written: the head first, then sound and again the head.
          let expected = Buffer.from(head)
          await sink.write(head, 0)
          for (const [each, isAfterRestart] of pieces) {
            if (isAfterRestart) {
              await sink.close()
              sink = await filledSealedSink(path, keyring)
              expect(sink.size).toBe(expected.length)
            }
            await sink.write(each, expected.length)
            expected = Buffer.concat([expected, each])
            head.set([each[0] ?? 0])
            expected.set(head)
            await sink.write(head, 0)
          }
          await sink.close()
          const file = await openSealed(path, keyring)
          expect(file?.size).toBe(expected.length)
          const start = from % expected.length
          const end = Math.min(expected.length - 1, start + length)
          const read = file && (await buffer(file.stream({ start, end })))
          expect(read?.equals(expected.subarray(start, end + 1))).toBe(true)
          expect((await readFile(path)).length).toBeGreaterThan(expected.length)
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe('a sealed file whose writer was killed', () => {
  it.each([1, 20, 8000, 8220])(
    'goes on before the %i bytes that are missing at its end',
    async (missing) => {
      const keyring = new Keyring([old])
      const path = await record('call_1', old)
      await truncate(path, (await stat(path)).size - missing)
      const sink = await filledSealedSink(path, keyring)
      expect(sink.size).toBeGreaterThan(SOUND.length - 2 * 8192 - 1)
      expect(sink.size).toBeLessThan(SOUND.length)
      await sink.write(Buffer.from('after'), sink.size)
      await sink.close()
      const kept = SOUND.subarray(0, sink.size)
      expect(await whole(recordings(old), 'call_1')).toEqual(
        Buffer.concat([kept, Buffer.from('after')]),
      )
    },
  )

  it('begins again when its only block is torn', async () => {
    const path = join(dir, 'call_1.wav')
    const sink = await newSealedSink(path, new Keyring([old]))
    await sink.write(SOUND.subarray(0, 100), 0)
    await sink.close()
    await truncate(path, (await stat(path)).size - 1)
    const again = await filledSealedSink(path, new Keyring([old]))
    expect(again.size).toBe(0)
    await again.write(SOUND, 0)
    await again.close()
    expect(await whole(recordings(old), 'call_1')).toEqual(SOUND)
  })

  it('begins again when there was not even a head', async () => {
    const keyring = new Keyring([old])
    await writeFile(join(dir, 'call_2.wav'), Buffer.from('PARL'))
    for (const name of ['call_2.wav', 'call_3.wav']) {
      const sink = await filledSealedSink(join(dir, name), keyring)
      expect(sink.size).toBe(0)
      await sink.write(SOUND, 0)
      await sink.close()
      expect(await whole(recordings(old), name.slice(0, 6))).toEqual(SOUND)
    }
  })
})

describe('sealed recordings', () => {
  it('hold no sound that can be heard without the key', async () => {
    const path = await record('call_1', old)
    const bytes = await readFile(path)
    expect(bytes.includes('a piece of sound')).toBe(false)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await whole(recordings(old), 'call_1')).toEqual(SOUND)
    await expect(whole(recordings(young), 'call_1')).rejects.toThrow(/key .* is missing/)
    await expect(whole(recordings(), 'call_1')).rejects.toThrow('there is no key')
  })

  it('notice when they were changed', async () => {
    const path = await record('call_1', old)
    const bytes = await readFile(path)
    bytes.writeUInt8(bytes.readUInt8(30_000) ^ 1, 30_000)
    await writeFile(path, bytes)
    const stored = await recordings(old).open('call_1')
    expect(await buffer(stored!.stream({ start: 0, end: 8191 }))).toEqual(SOUND.subarray(0, 8192))
    await expect(buffer(stored!.stream())).rejects.toThrow()
  })

  it('go over to a newer key, and those from before there was one are sealed, at their age', async () => {
    const sealed = await record('call_1', old)
    const plain = join(dir, 'call_2.wav')
    await writeFile(plain, SOUND)
    const at = new Date('2026-01-01T00:00:00Z')
    for (const path of [sealed, plain]) await utimes(path, at, at)
    expect(await recordings(young, old).sealAll()).toBe(2)
    expect(await recordings(young, old).sealAll()).toBe(0)
    for (const callId of ['call_1', 'call_2']) {
      const path = join(dir, `${callId}.wav`)
      expect(await whole(recordings(young), callId)).toEqual(SOUND)
      expect((await readFile(path)).includes('a piece of sound')).toBe(false)
      const { mtime, mode } = await stat(path)
      expect([mtime, mode & 0o777]).toEqual([at, 0o600])
    }
    expect(await readdir(dir)).toHaveLength(2)
  })

  it('lose their key when they are erased', async () => {
    const path = await record('call_1', old)
    const copy = join(dir, 'copy')
    // Another name of the same bytes, as a disk has them that has not been written over yet.
    await mkdir(copy)
    await link(path, join(copy, 'call_1.wav'))
    expect(await recordings(old).erase('call_1')).toBe(true)
    const left = await readFile(join(copy, 'call_1.wav'))
    expect(left.subarray(0, 128).every((byte) => byte === 0)).toBe(true)
    expect(left.length).toBeGreaterThan(SOUND.length)
  })
})
