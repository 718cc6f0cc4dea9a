import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

// Puts a server together by the environment, lets go of it, and prints what it has loaded: packages, and modules of its own.
const root = new URL('../', import.meta.url).href
const loaded = new Set<string>()
registerHooks({
  load: (url, context, next) => {
    const [, name] = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? []
    if (name !== undefined) loaded.add(name)
    else if (url.startsWith(root)) loaded.add(fileURLToPath(url).slice(fileURLToPath(root).length))
    return next(url, context)
  },
})
const { compose } = await import('../src/compose.ts')
const { parseConfig } = await import('../src/config.ts')
const { createLogger } = await import('../src/log.ts')
const { systemClock } = await import('../src/clock.ts')
const parley = await compose(parseConfig(process.env), {
  log: createLogger({ level: 'silent' }),
  clock: systemClock,
})
await parley.app.ready()
await parley.close()
process.stdout.write(JSON.stringify([...loaded]), () => {
  process.exit(0)
})
