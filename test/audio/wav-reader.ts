import type { Mulaw8k } from '../../src/audio/samples.ts'
import type { ByteSink } from '../../src/audio/wav-writer.ts'

/** A file in memory; one on a disk of `space` bytes takes no more. */
export class MemorySink implements ByteSink {
  bytes = new Uint8Array(0)
  isClosed = false
  onWritten: () => void = () => undefined
  readonly #space: number

  constructor(space = Infinity) {
    this.#space = space
  }

  write(bytes: Uint8Array, at: number): Promise<void> {
    if (at + bytes.length > this.#space) return Promise.reject(new Error('ENOSPC: no space left'))
    const all = new Uint8Array(Math.max(this.bytes.length, at + bytes.length))
    all.set(this.bytes)
    all.set(bytes, at)
    this.bytes = all
    this.onWritten()
    return Promise.resolve()
  }

  close(): Promise<void> {
    this.isClosed = true
    return Promise.resolve()
  }
}

/**
 * Reads a stereo μ-law WAV chunk by chunk, as a program does that knows nothing of who wrote it. Bytes behind the end that
 * the head tells are ignored; those that it promises must be there.
 */
export function readWav(file: Uint8Array): { left: Mulaw8k; right: Mulaw8k } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const id = (at: number) => new TextDecoder().decode(file.subarray(at, at + 4))
  if (id(0) !== 'RIFF' || id(8) !== 'WAVE') throw new Error('no RIFF/WAVE file')
  const end = 8 + view.getUint32(4, true)
  if (end > file.length) throw new Error(`the file ends at ${file.length} of ${end} bytes`)
  const chunks = new Map<string, { at: number; length: number }>()
  for (let at = 12; at < end;) {
    const length = view.getUint32(at + 4, true)
    chunks.set(id(at), { at: at + 8, length })
    at += 8 + length + (length % 2)
  }
  const format = chunks.get('fmt ')
  const data = chunks.get('data')
  if (!format || !data) throw new Error('a chunk is missing')
  const [tag, channels] = [view.getUint16(format.at, true), view.getUint16(format.at + 2, true)]
  const hz = view.getUint32(format.at + 4, true)
  if (tag !== 7 || channels !== 2 || hz !== 8000) throw new Error('not 8 kHz stereo μ-law')
  if (data.at + data.length !== end) throw new Error('the sizes do not fit')
  const samples = data.length / 2
  const fact = chunks.get('fact')
  if (fact && view.getUint32(fact.at, true) !== samples) throw new Error('wrong number of samples')
  const side = (offset: number) =>
    Uint8Array.from({ length: samples }, (_, n) => file[data.at + n * 2 + offset] ?? 0)
  return { left: side(0), right: side(1) }
}
