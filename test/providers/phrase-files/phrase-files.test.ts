import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { KeptPhrase } from '../../../src/pipeline/voice/phrase-book.ts'
import { PhraseFiles } from '../../../src/providers/phrase-files/phrase-files.ts'
import { quiet } from '../../helpers/fake-ports.ts'

const SORRY: KeptPhrase = {
  language: 'en',
  text: 'Sorry, could you say that again?',
  audio: Uint8Array.from([10, 13, 0, 255, 10]),
  alignment: { chars: ['S', 'o'], startMs: [0, 50], durationMs: [50, 50] },
}
const BYE: KeptPhrase = {
  language: 'en',
  text: 'Goodbye.',
  audio: new Uint8Array(800).fill(3),
  alignment: undefined,
}

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-phrases-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

async function filesIn(dir: string): Promise<string[]> {
  const all = await readdir(dir, { recursive: true, withFileTypes: true })
  return all.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

function byText(phrases: readonly KeptPhrase[]): KeptPhrase[] {
  return phrases.toSorted((a, b) => a.text.localeCompare(b.text))
}

it('what was kept is there for the next process, for its own voice', async () => {
  const dir = join(await folder(), 'phrases')
  const files = new PhraseFiles({ dir, log: quiet })
  expect(await files.load('a')).toEqual([])
  await files.keep('a', SORRY)
  await files.keep('a', BYE)
  await files.keep('a', BYE)
  const next = new PhraseFiles({ dir, log: quiet })
  expect(byText(await next.load('a'))).toEqual([BYE, SORRY])
  expect(await next.load('b')).toEqual([])
  // No draft is left behind.
  expect(await filesIn(dir)).toHaveLength(2)
})

it('a file that is cut short, changed, renamed or of another voice is not played to anybody', async () => {
  const dir = await folder()
  const files = new PhraseFiles({ dir, log: quiet })
  await files.keep('a', SORRY)
  const [path] = await filesIn(dir)
  if (path === undefined) throw new Error('nothing was kept')
  const whole = await readFile(path)
  const broken = [
    whole.subarray(0, whole.length - 1),
    whole.subarray(0, 20),
    Buffer.alloc(0),
    Buffer.concat([whole.subarray(0, whole.length - 1), Buffer.from([7])]),
    Buffer.from(whole.toString('latin1').replace('"voice":"a"', '"voice":"b"'), 'latin1'),
    Buffer.from(whole.toString('latin1').replace('say that', 'hear it'), 'latin1'),
  ]
  for (const content of broken) {
    await writeFile(path, content)
    expect(await files.load('a')).toEqual([])
  }
  await writeFile(path, whole)
  expect(await files.load('a')).toEqual([SORRY])
})

it('a folder that cannot be written to costs nobody their call', async () => {
  const dir = join(await folder(), 'file')
  await writeFile(dir, 'not a folder')
  const files = new PhraseFiles({ dir, log: quiet })
  await files.keep('a', SORRY)
  expect(await files.load('a')).toEqual([])
})
