import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Worker } from '../../bench/worker.ts'
import type { EchoQuestions } from './workers/echo.ts'

const ECHO = new URL('workers/echo.ts', import.meta.url)
let folder: string
let log: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-worker-'))
  log = openSync(join(folder, 'log'), 'a')
})

afterEach(() => {
  closeSync(log)
  rmSync(folder, { recursive: true })
})

describe('a worker', () => {
  test('answers each question, whatever the order of the answers, and closes when let go', async () => {
    {
      await using worker = await Worker.start<EchoQuestions>(ECHO, { environment: {}, log })
      const texts = ['x'.repeat(50), 'y']
      expect(await Promise.all(texts.map((text) => worker.ask('echo', text)))).toEqual(texts)
    }
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('closed\n')
  })

  test('passes on why it could not answer', async () => {
    await using worker = await Worker.start<EchoQuestions>(ECHO, { environment: {}, log })
    await expect(worker.ask('fail', 'no idea')).rejects.toThrow('no idea')
    expect(await worker.ask('echo', 'still there')).toBe('still there')
  })

  test('that ends leaves no question waiting', async () => {
    await using worker = await Worker.start<EchoQuestions>(ECHO, { environment: {}, log })
    await expect(worker.ask('leave', undefined)).rejects.toThrow('worker ended with 3')
  })

  test('sees no variables but its own', async () => {
    await using worker = await Worker.start<EchoQuestions>(ECHO, { environment: { A: '1' }, log })
    const names = await worker.ask('environment', undefined)
    expect(names.filter((name) => !name.startsWith('NODE_CHANNEL'))).toEqual(['A'])
  })

  test('that cannot start says so', async () => {
    const nowhere = new URL('workers/nowhere.ts', import.meta.url)
    await expect(Worker.start(nowhere, { environment: {}, log })).rejects.toThrow('worker ended')
  })
})
