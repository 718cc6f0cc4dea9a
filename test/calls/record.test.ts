import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { END_REASONS } from '../../src/calls/record.ts'

it('whoever wonders why a call ended finds the reason in the documentation', async () => {
  const page = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8')
  const [, section = ''] = page.split('## How a call ended')
  const documented = Array.from(section.matchAll(/^\| `(\w+)`/gm), ([, reason]) => reason)
  expect(documented.sort()).toEqual(Object.values(END_REASONS).sort())
})
