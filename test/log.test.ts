import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { createLogger } from '../src/log.ts'

async function logged(showPii: boolean): Promise<string> {
  const out = new PassThrough()
  const log = createLogger({ level: 'info', showPii, destination: out })
  const line = once(out, 'data')
  log.info({ pii: { said: 'my secret' }, call: { pii: '+15551234567' } }, 'caller spoke')
  return String((await line)[0])
}

it('shows what people said, and their numbers, only when it is told to', async () => {
  const redacted = await logged(false)
  expect(redacted).toContain('caller spoke')
  expect(redacted).not.toMatch(/secret|5551234567/)
  expect(await logged(true)).toMatch(/my secret.*\+15551234567/)
})
