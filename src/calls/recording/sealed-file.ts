import { type FileHandle, mkdir, open, rename, utimes } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import {
  type Keyring,
  newKey,
  seal,
  SEAL_BYTES,
  unseal,
  wrappedWith,
  WRAPPED_BYTES,
} from '../../keyring.ts'
import { type FilledSink, writeAll } from './private-sink.ts'

/**
 * A file that grows and can be read from any place, sealed: a head with the file's own key, wrapped with the operator's, and then
 * blocks, each sealed by itself for its place. Zeroing the head makes it noise.
 */
const MAGIC = Buffer.from('PARLEY-1')
const HEAD_BYTES = 128
/** Half a second of a recording. */
const BLOCK_BYTES = 8192
const SEALED_BLOCK_BYTES = BLOCK_BYTES + SEAL_BYTES
/** A block that is written while it is read is read again. */
const MAX_READS = 3

const KEY_PLACE = 'recording'

/** A new sealed file that only its owner may read, in a folder that is made so if need be. Rejects when it is there already. */
export async function newSealedSink(path: string, keyring: Keyring): Promise<FilledSink> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(path, 'wx', 0o600)
  return emptySink(file, keyring)
}

/** A sealed file of ours that is there already, to be gone on with; a new one where there is none. */
export async function filledSealedSink(path: string, keyring: Keyring): Promise<FilledSink> {
  let file: FileHandle
  try {
    file = await open(path, 'r+')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return newSealedSink(path, keyring)
    }
    throw error
  }
  const wrapped = await wrappedIn(file)
  // Whoever made it did not come to write its head.
  if (!wrapped) return emptySink(file, keyring)
  const key = keyring.unwrap(wrapped, KEY_PLACE)
  const size = sizeOf((await file.stat()).size)
  const last = await lastWhole(file, key, Math.floor(Math.max(0, size - 1) / BLOCK_BYTES))
  // What is left of a torn block would stand behind whatever is written in its place.
  await file.truncate(HEAD_BYTES + last.at * SEALED_BLOCK_BYTES + sealedBytes(last.bytes))
  const first = last.at === 0 ? last.bytes : await readBlock(file, key, 0)
  return sinkOf(file, key, { first, last })
}

async function emptySink(file: FileHandle, keyring: Keyring): Promise<FilledSink> {
  const key = newKey()
  await writeAll(file, headOf(keyring.wrap(key, KEY_PLACE)), 0)
  const first = Buffer.alloc(0)
  return sinkOf(file, key, { first, last: { at: 0, bytes: first } })
}

type LastBlock = { at: number; bytes: Buffer }

/** A process that was killed may have left its last block in pieces. */
async function lastWhole(file: FileHandle, key: Buffer, index: number): Promise<LastBlock> {
  try {
    return { at: index, bytes: await readBlock(file, key, index) }
  } catch {
    if (index === 0) return { at: 0, bytes: Buffer.alloc(0) }
    return { at: index - 1, bytes: await readBlock(file, key, index - 1) }
  }
}

function sealedBytes({ length }: Buffer): number {
  return length === 0 ? 0 : length + SEAL_BYTES
}

/** Whoever writes goes on at the end, or changes the beginning. */
function sinkOf(
  file: FileHandle,
  key: Buffer,
  { first, last }: { first: Buffer; last: LastBlock },
): FilledSink {
  const size = last.at * BLOCK_BYTES + last.bytes.length
  const blockAt = (index: number): Buffer => {
    if (index === last.at) return last.bytes
    return index === 0 ? first : Buffer.alloc(0)
  }
  const writePiece = async (piece: Uint8Array, index: number, offset: number) => {
    const before = blockAt(index)
    const block = Buffer.alloc(Math.max(before.length, offset + piece.length))
    before.copy(block)
    block.set(piece, offset)
    await writeAll(file, seal(key, block, String(index)), HEAD_BYTES + index * SEALED_BLOCK_BYTES)
    if (index === 0) first = block
    if (index >= last.at) last = { at: index, bytes: block }
  }
  return {
    size,
    write: async (bytes, at) => {
      for (let done = 0; done < bytes.length;) {
        const offset = (at + done) % BLOCK_BYTES
        const piece = bytes.subarray(done, done + BLOCK_BYTES - offset)
        await writePiece(piece, Math.floor((at + done) / BLOCK_BYTES), offset)
        done += piece.length
      }
    },
    close: () => file.close(),
  }
}

/** A sealed file, to be read. */
export type SealedFile = {
  /** Of what is sealed in it, in bytes. */
  readonly size: number
  /** First and last byte. */
  stream(range: { readonly start: number; readonly end: number }): Readable
}

/**
 * Undefined: it is not sealed.
 *
 * @throws {MissingKeyError} when the key that it was sealed with is not in the ring
 */
export async function openSealed(
  path: string,
  keyring: Keyring | undefined,
): Promise<SealedFile | undefined> {
  const file = await open(path, 'r')
  try {
    const wrapped = await wrappedIn(file)
    if (!wrapped) return undefined
    if (!keyring) throw new Error('a recording is sealed, and there is no key')
    const key = keyring.unwrap(wrapped, KEY_PLACE)
    const size = sizeOf((await file.stat()).size)
    return { size, stream: (range) => Readable.from(blocks(path, key, range)) }
  } finally {
    await file.close()
  }
}

/** What is sealed in a file of so many bytes. */
function sizeOf(bytes: number): number {
  const body = Math.max(0, bytes - HEAD_BYTES)
  const whole = Math.floor(body / SEALED_BLOCK_BYTES)
  return whole * BLOCK_BYTES + Math.max(0, (body % SEALED_BLOCK_BYTES) - SEAL_BYTES)
}

async function* blocks(
  path: string,
  key: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
): AsyncGenerator<Buffer> {
  const file = await open(path, 'r')
  try {
    for (let index = Math.floor(start / BLOCK_BYTES); index * BLOCK_BYTES <= end; index++) {
      const block = await readBlock(file, key, index)
      const from = Math.max(0, start - index * BLOCK_BYTES)
      yield block.subarray(from, end + 1 - index * BLOCK_BYTES)
    }
  } finally {
    await file.close()
  }
}

async function readBlock(file: FileHandle, key: Buffer, index: number): Promise<Buffer> {
  const sealed = Buffer.alloc(SEALED_BLOCK_BYTES)
  for (let attempt = 1; ; attempt++) {
    const at = HEAD_BYTES + index * SEALED_BLOCK_BYTES
    const { bytesRead } = await file.read(sealed, 0, sealed.length, at)
    try {
      return unseal(key, sealed.subarray(0, bytesRead), String(index))
    } catch (error) {
      if (attempt === MAX_READS) throw error
    }
  }
}

/**
 * Wraps the key of a sealed file with the newest one of the ring; a file that is not sealed yet becomes so. Its times stay, because
 * its age counts from them.
 *
 * @returns whether there was something to do
 */
export async function sealFile(path: string, keyring: Keyring): Promise<boolean> {
  const file = await open(path, 'r+')
  try {
    const wrapped = await wrappedIn(file)
    if (wrapped && wrappedWith(wrapped) === keyring.currentId) return false
    const { atime, mtime } = await file.stat()
    if (wrapped) {
      const key = keyring.unwrap(wrapped, KEY_PLACE)
      await writeAll(file, headOf(keyring.wrap(key, KEY_PLACE)), 0)
      await file.utimes(atime, mtime)
    } else {
      await replaceSealed(path, file, keyring)
      await utimes(path, atime, mtime)
    }
    return true
  } finally {
    await file.close()
  }
}

async function replaceSealed(path: string, file: FileHandle, keyring: Keyring): Promise<void> {
  const copy = `${path}.${process.pid}.sealing`
  const sink = await newSealedSink(copy, keyring)
  let at = 0
  for await (const chunk of file.createReadStream({ autoClose: false, start: 0 })) {
    const bytes = chunk as Buffer
    await sink.write(bytes, at)
    at += bytes.length
  }
  await sink.close()
  await rename(copy, path)
}

/** Makes noise of a sealed file, wherever copies of its blocks may be; does nothing to another. */
export async function destroyKey(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    if (await wrappedIn(file)) await writeAll(file, Buffer.alloc(HEAD_BYTES), 0)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function wrappedIn(file: FileHandle): Promise<Buffer | undefined> {
  const head = Buffer.alloc(HEAD_BYTES)
  await file.read(head, 0, HEAD_BYTES, 0)
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  return head.subarray(MAGIC.length, MAGIC.length + WRAPPED_BYTES)
}

function headOf(wrapped: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  MAGIC.copy(head)
  wrapped.copy(head, MAGIC.length)
  return head
}
