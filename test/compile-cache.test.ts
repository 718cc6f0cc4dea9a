import { expect, it } from 'vitest'
import { runNode } from './helpers/node-process.ts'

it('what a start has compiled is kept beside the packages, for the next one', async () => {
  const module = new URL('../src/compile-cache.ts', import.meta.url).href
  const script = `
    import { getCompileCacheDir } from 'node:module'
    import { keepCompiled, useCompileCache } from ${JSON.stringify(module)}
    useCompileCache()
    keepCompiled()
    console.log(getCompileCacheDir())`
  const { code, stdout } = await runNode(['--input-type=module', '--eval', script], {
    env: { NODE_COMPILE_CACHE: '' },
  })
  expect(code).toBe(0)
  expect(stdout).toMatch(/\/node_modules\/\.cache\/parley\//)
})
