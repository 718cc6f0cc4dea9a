import { registerHooks } from 'node:module'

// Puts a server together by the environment, lets go of it, and prints what it has loaded of Mastra.
const loaded: string[] = []
registerHooks({
  load: (url, context, next) => {
    if (/\/node_modules\/@mastra\/|\/src\/mastra\//.test(url)) loaded.push(url)
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
process.stdout.write(JSON.stringify(loaded), () => {
  process.exit(0)
})
