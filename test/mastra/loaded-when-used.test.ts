import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

/** Composes a whole server with this environment, and prints which of Mastra's packages its process has loaded. */
const script = (environment: object) => `
  import { registerHooks } from 'node:module'
  const loaded = new Set()
  registerHooks({
    load(url, context, next) {
      const [, name] = /node_modules\\/(@mastra\\/[a-z]+|@ai-sdk\\/[a-z]+)\\//.exec(url) ?? []
      if (name !== undefined) loaded.add(name)
      return next(url, context)
    },
  })
  const at = (path) => new URL(path, ${JSON.stringify(new URL('../../src/', import.meta.url).href)})
  const { compose } = await import(at('compose.ts'))
  const { parseConfig } = await import(at('config.ts'))
  const { systemClock } = await import(at('clock.ts'))
  const { createLogger } = await import(at('log.ts'))
  const config = parseConfig(${JSON.stringify({
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 't',
    TWILIO_PHONE_NUMBER: '+15005550006',
    DEEPGRAM_API_KEY: 'd',
    ANTHROPIC_API_KEY: 'a',
    ELEVENLABS_API_KEY: 'e',
    ELEVENLABS_VOICE_ID: 'v',
    PUBLIC_HOST: 'calls.example.com',
    DATABASE_URL: 'file::memory:',
    STOCK_PHRASES: 'off',
    ...environment,
  })})
  const parley = await compose(config, { clock: systemClock, log: createLogger({ level: 'silent' }) })
  await parley.app.ready()
  await parley.close()
  console.log(JSON.stringify([...loaded].sort()))
`

async function loadedBy(environment: Readonly<Record<string, string>>): Promise<unknown> {
  const args = ['--input-type=module', '--eval', script(environment)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: {} })
  return JSON.parse(stdout)
}

it('a server that does not use Mastra does not load it; one whose agents think by it has it in their thread alone', async () => {
  const [plain, thinking, mcp] = await Promise.all([
    loadedBy({}),
    loadedBy({ CONVERSATION_ENGINE: 'mastra' }),
    loadedBy({ MCP_ENABLED: 'true' }),
  ])
  expect(plain).toEqual([])
  expect(thinking).toEqual([])
  expect(mcp).toContain('@mastra/mcp')
})
