import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ByteSink } from '../../../src/audio/wav-writer.ts'
import type { CallRecorder } from '../../../src/calls/recording/call-recorder.ts'
import { Recordings } from '../../../src/calls/recording/recordings.ts'
import { readWav } from '../../audio/wav-reader.ts'
import { FakeLine } from '../../helpers/fake-ports.ts'
import { nodeProcess } from '../../helpers/node-process.ts'
import { HandClock } from './hand-clock.ts'
import { noise } from './model-carrier.ts'

const DAY_MS = 86_400_000

let base: string
let dir: string
let clock: HandClock
beforeEach(async () => {
  clock = new HandClock()
  base = await mkdtemp(join(tmpdir(), 'recordings-'))
  dir = join(base, 'kept', 'here')
})
afterEach(async () => {
  expect(clock.waiting).toBe(0)
  await rm(base, { recursive: true })
})

type LogLine = { readonly level: number; readonly msg: string } & Readonly<Record<string, unknown>>

function setUp(openFile?: (path: string) => Promise<ByteSink>) {
  const lines: LogLine[] = []
  const write = (line: string) => lines.push(JSON.parse(line) as LogLine)
  const recordings = new Recordings({
    dir,
    clock,
    log: pino({}, { write }),
    ...(openFile && { openFile }),
  })
  return { recordings, lines }
}

/** A call of so many frames of the caller; its time passes at once, and no disk could write more than a second of it. */
function record(recorder: CallRecorder, frames: number): void {
  const listener = recorder.tap(new FakeLine(), () => ({
    audio: () => undefined,
    mark: () => undefined,
    digit: () => undefined,
    closed: () => undefined,
  }))
  for (let frame = 0; frame < frames; frame++) {
    clock.pass(20)
    listener.audio(noise(frame), frame * 20)
  }
}

/** Makes a recording that was finished so many days ago. */
async function old(callId: string, days: number): Promise<void> {
  await mkdir(dir, { recursive: true })
  const path = join(dir, `${callId}.wav`)
  await writeFile(path, 'RIFF')
  const at = new Date(Date.now() - days * DAY_MS)
  await utimes(path, at, at)
}

describe('the recordings of calls', () => {
  it('are files that nobody else on the machine can read', async () => {
    const { recordings, lines } = setUp()
    const recorder = recordings.start('call_1')
    record(recorder, 50)
    await recorder.close()
    const path = join(dir, 'call_1.wav')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(dir)).mode & 0o777).toBe(0o700)
    const { left } = readWav(await readFile(path))
    expect(left.length).toBe(50 * 160)
    expect(Buffer.from(left).indexOf(noise(49))).toBe(49 * 160)
    expect(lines).toEqual([])
  })

  it('can be fetched, whole or in part', async () => {
    const { recordings } = setUp()
    const recorder = recordings.start('call_1')
    record(recorder, 50)
    await recorder.close()
    const file = await readFile(join(dir, 'call_1.wav'))
    const stored = await recordings.open('call_1')
    expect(stored?.size).toBe(file.length)
    expect(stored && (await buffer(stored.stream()))).toEqual(file)
    const part = stored?.stream({ start: 10, end: 99 })
    expect(part && (await buffer(part))).toEqual(file.subarray(10, 100))
    expect(await recordings.open('call_2')).toBeUndefined()
    await writeFile(join(dir, 'call_3.wav'), new Uint8Array(58))
    expect(await recordings.open('call_3')).toBeUndefined()
  })

  it('lie in their folder, whatever is asked for', async () => {
    const { recordings } = setUp()
    await mkdir(dir, { recursive: true })
    await writeFile(join(base, 'secret.wav'), 'secret')
    expect(await recordings.open('../../secret')).toBeUndefined()
    expect(await recordings.erase('../../secret')).toBe(false)
    expect(await readdir(base)).toContain('secret.wav')
  })

  it('are erased with their call, also one that is just being made', async () => {
    const { recordings } = setUp()
    const recorder = recordings.start('call_1')
    record(recorder, 50)
    expect(await recordings.erase('call_1')).toBe(true)
    expect(await readdir(dir)).toEqual([])
    expect(await recordings.erase('call_1')).toBe(false)
    expect(await recordings.open('call_1')).toBeUndefined()
  })

  it('are all finished when the server stops', async () => {
    const { recordings } = setUp()
    const recorders = ['call_1', 'call_2'].map((callId) => recordings.start(callId))
    for (const recorder of recorders) record(recorder, 50)
    await recordings.close()
    const lengthOf = async (callId: string) =>
      readWav(await readFile(join(dir, `${callId}.wav`))).left.length
    // The first call went on while the second one was made.
    expect(await lengthOf('call_1')).toBe(100 * 160)
    expect(await lengthOf('call_2')).toBe(50 * 160)
  })

  it('are erased when they are old enough, and nothing else is', async () => {
    const { recordings } = setUp()
    expect(await recordings.sweep(30)).toEqual([])
    const live = recordings.start('call_live')
    await old('call_live', 40)
    await old('call_old', 31)
    await old('call_new', 29)
    await writeFile(join(dir, 'note.txt'), '')
    await utimes(join(dir, 'note.txt'), new Date(0), new Date(0))
    expect(await recordings.sweep(0)).toEqual([])
    expect(await recordings.sweep(30)).toEqual(['call_old'])
    expect((await readdir(dir)).sort()).toEqual(['call_live.wav', 'call_new.wav', 'note.txt'])
    await live.close()
  })

  it('that cannot be erased are said in the log, and do not keep the others', async () => {
    const { recordings, lines } = setUp()
    await mkdir(join(dir, 'call_a.wav'), { recursive: true })
    await utimes(join(dir, 'call_a.wav'), new Date(0), new Date(0))
    await old('call_b', 31)
    expect(await recordings.sweep(30)).toEqual(['call_b'])
    expect(lines).toMatchObject([{ level: 50, callId: 'call_a', msg: 'recording was not erased' }])
    await chmod(dir, 0o700)
  })

  it('are told in the log when they cannot be made, once, and do not replace others', async () => {
    const { recordings, lines } = setUp()
    await old('call_1', 0)
    const recorder = recordings.start('call_1')
    record(recorder, 200)
    await recorder.close()
    expect(lines).toMatchObject([
      { level: 50, callId: 'call_1', msg: 'call cannot be recorded', err: { code: 'EEXIST' } },
    ])
    expect(await readFile(join(dir, 'call_1.wav'), 'utf8')).toBe('RIFF')
  })

  it('are told in the log when the disk was too slow for them', async () => {
    const never = Promise.withResolvers<undefined>()
    const { recordings, lines } = setUp(() =>
      Promise.resolve({
        write: async () => {
          await never.promise
        },
        close: () => Promise.resolve(),
      }),
    )
    const recorder = recordings.start('call_1')
    record(recorder, 300)
    const closed = recorder.close()
    never.resolve(undefined)
    await closed
    expect(lines).toMatchObject([{ level: 40, callId: 'call_1' }])
    expect(lines[0]?.['lostMs']).toBeGreaterThan(3000)
  })

  it('are whole files when the process is killed, but for the last two seconds', async () => {
    const path = join(dir, 'call_1.wav')
    const script = fileURLToPath(new URL('recording-process.ts', import.meta.url))
    const { child, exited } = nodeProcess([script, path])
    const size = () =>
      stat(path).then(
        (status) => status.size,
        () => 0,
      )
    await expect.poll(size, { timeout: 20_000, interval: 20 }).toBeGreaterThan(3 * 16_000)
    child.kill('SIGKILL')
    await exited
    const file = await readFile(path)
    const { left, right } = readWav(file)
    // Of what was written before it died nothing is lost but a piece whose head was not brought up to date.
    expect(left.length * 2).toBeGreaterThanOrEqual(file.length - 58 - 2 * 16_000)
    const frames = Array.from({ length: Math.floor(left.length / 160) }, (_, frame) => frame)
    const kept = frames.filter((frame) => Buffer.from(left).indexOf(noise(frame)) !== -1)
    expect(kept.length).toBeGreaterThan(frames.length / 2)
    expect(Buffer.from(right).indexOf(noise(7))).not.toBe(-1)
  })
})
