import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const fileOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

async function textOf(page: string): Promise<string> {
  return readFile(fileOf(`docs/${page}`), 'utf8')
}

/** The cells of every row of the page's tables, heads left out. */
function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|\s*-/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
    .filter(([first]) => first !== 'fault' && first !== 'rule')
}

describe.each(['reliability.md', 'security.md'])('docs/%s', (page) => {
  it('has every row once, whole, with tests that there are', async () => {
    const rows = rowsOf(await textOf(page))
    expect(rows.length).toBeGreaterThan(30)
    const names = rows.map(([name]) => name)
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
    for (const row of rows) {
      const test = row.at(-2) ?? ''
      expect(row.filter((cell) => cell === '')).toEqual([])
      const files = Array.from(test.matchAll(/`(test\/[^`]+)`/g), ([, file = '']) => file)
      const isTold = /chaos|the same|see /.test(test)
      expect({ row: row[0], hasTest: files.length > 0 || isTold }).toMatchObject({ hasTest: true })
      expect(files.filter((file) => !existsSync(fileOf(file)))).toEqual([])
    }
  })
})

it('the pages of the documentation link to what there is', async () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md']
  const docs = ['api', 'architecture', 'conversation', 'mastra', 'operations', 'smallest', 'store']
  for (const page of [...pages, ...docs.map((name) => `docs/${name}.md`)]) {
    const text = await readFile(fileOf(page), 'utf8')
    const folder = page.startsWith('docs/') ? 'docs/' : ''
    const links = Array.from(text.matchAll(/\]\((?!https?:|#)([^)#]+)/g), ([, link = '']) => link)
    expect(links.filter((link) => !existsSync(fileOf(folder + link)))).toEqual([])
  }
})
