import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ByteSink } from '../../audio/wav-writer.ts'

/** A file that is written to, and how much is in it already. */
export type FilledSink = ByteSink & { readonly size: number }

/** A new file that only its owner may read, in a folder that is made so if need be. Rejects when it is there already. */
export async function newPrivateSink(path: string): Promise<FilledSink> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  return sinkOf(await open(path, 'wx', 0o600), 0)
}

/** A file of ours that is there already, to be gone on with; a new one where there is none. */
export async function filledPrivateSink(path: string): Promise<FilledSink> {
  try {
    const file = await open(path, 'r+')
    return sinkOf(file, (await file.stat()).size)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return newPrivateSink(path)
    }
    throw error
  }
}

function sinkOf(file: FileHandle, size: number): FilledSink {
  return {
    size,
    write: (bytes, at) => writeAll(file, bytes, at),
    close: async () => {
      await file.close()
    },
  }
}

export async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  let written = 0
  // A disk that is nearly full takes a part, and says so only the next time.
  while (written < bytes.length) {
    const rest = bytes.subarray(written)
    const { bytesWritten } = await file.write(rest, 0, rest.length, at + written)
    written += bytesWritten
  }
}
