import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FlightFiles, type FlightFilesOptions } from '../../src/calls/flight-files.ts'
import { FlightHeader, FlightLine } from '../../src/calls/flight-lines.ts'
import { systemClock } from '../../src/clock.ts'
import type { FlightRecord } from '../../src/pipeline/flight-record.ts'
import { initialTurn, step } from '../../src/pipeline/turn.ts'
import type { TurnEvent } from '../../src/pipeline/turn-events.ts'
import { VERSION } from '../../src/version.ts'
import { CALL } from '../helpers/flights.ts'
import { ended, heardOpening, words } from '../helpers/turn.ts'

async function setUp(options: Partial<FlightFilesOptions> = {}) {
  const root = await mkdtemp(join(tmpdir(), 'parley-flights-'))
  const errors: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => errors.push(line) })
  const dir = join(root, 'deep', 'flights')
  const files = new FlightFiles({ dir, pii: false, clock: systemClock, log, ...options })
  onTestFinished(async () => {
    await files.close()
    await rm(root, { recursive: true })
  })
  return { files, dir, errors }
}

function follow(record: FlightRecord, events: readonly TurnEvent[]): void {
  let state = initialTurn
  for (const event of events) {
    const next = step(state, event)
    state = next.state
    record.step({ atMs: systemClock.now(), event, ...next })
  }
}

async function linesOf(path: string): Promise<unknown[]> {
  const text = await readFile(path, 'utf8')
  expect(text).toMatch(/\n$/)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

const CONVERSATION = [...heardOpening, words, ended('My name is John.')]

describe('the flight records of calls', () => {
  it('are files of whole lines, which only their owner may read', async () => {
    const { files, dir, errors } = await setUp()
    const record = files.record(CALL)
    follow(record, CONVERSATION)
    record.note({ type: 'answered_by', answeredBy: 'person' })
    record.end()
    record.note({ type: 'answered_by', answeredBy: 'fax' })
    follow(record, CONVERSATION)
    record.end()
    await files.close()
    const path = join(dir, 'call_01example.jsonl')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(dir)).mode & 0o777).toBe(0o700)
    const [header, ...lines] = await linesOf(path)
    expect(FlightHeader.parse(header)).toMatchObject({
      parley: VERSION,
      call_id: 'call_01example',
      direction: 'outbound',
      language: 'en',
      redacted: true,
    })
    const parsed = lines.map((line) => FlightLine.parse(line))
    expect(parsed.map(({ type }) => type)).toEqual([
      ...CONVERSATION.map(() => 'step'),
      'note',
      'end',
    ])
    expect(parsed.at(-1)).toMatchObject({ steps: CONVERSATION.length })
    expect(JSON.stringify(parsed)).not.toContain('John')
    expect(errors).toEqual([])
  })

  it('keep words when they are to be kept', async () => {
    const { files, dir } = await setUp({ pii: true })
    follow(files.record(CALL), CONVERSATION)
    await files.close()
    const text = await readFile(join(dir, 'call_01example.jsonl'), 'utf8')
    expect(text).toContain('"redacted":false')
    expect(text).toContain('My name is John.')
  })

  it('of different calls do not mix, and no id leads out of the folder', async () => {
    const { files, dir } = await setUp()
    const first = files.record({ ...CALL, callId: 'call_a' })
    files.record({ ...CALL, callId: '../../b' }).end()
    first.end()
    await files.close()
    expect((await readdir(dir)).sort()).toEqual(['______b.jsonl', 'call_a.jsonl'])
  })

  it('are never written over', async () => {
    const { files, dir, errors } = await setUp()
    files.record(CALL).end()
    await files.close()
    const before = await readFile(join(dir, 'call_01example.jsonl'), 'utf8')
    const again = files.record(CALL)
    follow(again, CONVERSATION)
    await files.close()
    expect(await readFile(join(dir, 'call_01example.jsonl'), 'utf8')).toBe(before)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain('flight record cannot be written')
  })

  it('do not trouble the call when their folder cannot be made', async () => {
    const root = await mkdtemp(join(tmpdir(), 'parley-flights-'))
    onTestFinished(() => rm(root, { recursive: true }))
    await writeFile(join(root, 'file'), '')
    const { files, errors } = await setUp({ dir: join(root, 'file', 'flights') })
    const record = files.record(CALL)
    follow(record, CONVERSATION)
    record.end()
    await files.close()
    expect(errors).toHaveLength(1)
    expect(errors[0]).toContain('ENOTDIR')
    expect(errors[0]).toContain('call_01example')
  })

  it('do not trouble the call with what cannot be written down', async () => {
    const { files, dir, errors } = await setUp()
    const loop: Record<string, unknown> = {}
    loop['self'] = loop
    const record = files.record(CALL)
    record.note({ type: 'spec', spec: loop })
    follow(record, CONVERSATION)
    await files.close()
    expect(errors).toHaveLength(1)
    const [, gap, ...rest] = await linesOf(join(dir, 'call_01example.jsonl'))
    expect(gap).toMatchObject({ type: 'gap', lines: 1, steps: 0 })
    expect(rest).toHaveLength(CONVERSATION.length + 1)
  })

  it('say where lines are missing when the disk cannot keep up, and where the call stood', async () => {
    let text = ''
    const blocked = Promise.withResolvers<undefined>()
    const { files } = await setUp({
      openFile: () =>
        Promise.resolve({
          append: (lines) => {
            text += lines
            return blocked.promise
          },
          close: () => Promise.resolve(),
        }),
    })
    const record = files.record(CALL)
    const long = ended('word '.repeat(50_000))
    follow(record, [...heardOpening, long, long, long, words])
    record.end()
    blocked.resolve(undefined)
    await files.close()
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const steps = heardOpening.length + 4
    expect(lines.find(({ type }) => type === 'gap')).toMatchObject({
      lines: 2,
      steps: 2,
      state: { phase: 'thinking' },
    })
    expect(lines.at(-2)).toMatchObject({ type: 'step', n: steps, phase: 'listening' })
    expect(lines.at(-1)).toMatchObject({ type: 'end', steps })
  })
})
