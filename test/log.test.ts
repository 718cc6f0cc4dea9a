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

it('shows no secret and no phone number, wherever they have got into a line', () => {
  const lines: string[] = []
  const secrets = ['s3cret "quoted"', 'token/4711+x', 'token/4711']
  const destination = { write: (line: string) => lines.push(line) }
  const log = createLogger({ level: 'info', secrets, destination })
  const error = new Error(`refused: ${secrets[0]}`, { cause: new Error(secrets[1]) })
  log.error(
    {
      err: error,
      url: `/x?number=%2B15550104711&key=${encodeURIComponent(secrets[1]!)}`,
      list: [{ deep: { basic: Buffer.from(secrets[1]!).toString('base64') } }],
    },
    `called +15550104711 with ${secrets[2]}`,
  )
  log.child({ token: secrets[2] }).info('child')
  const told = lines.join('')
  expect(lines).toHaveLength(2)
  for (const each of lines) expect(() => void JSON.parse(each)).not.toThrow()
  expect(told).not.toMatch(/quoted|4711|5550104|dG9rZW4/)
  expect(told.match(/\+…11/g)).toHaveLength(2)
  expect(told).toContain('[redacted]')
})

it('shows what people said, and their numbers, only when it is told to', async () => {
  const redacted = await logged(false)
  expect(redacted).toContain('caller spoke')
  expect(redacted).not.toMatch(/secret|5551234567/)
  expect(await logged(true)).toMatch(/my secret.*\+15551234567/)
})
