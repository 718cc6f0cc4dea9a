import { expect, it } from 'vitest'
import { configKeys, parseConfig } from '../src/config.ts'
import { secretValues } from '../src/secret-values.ts'

const KEY = Buffer.alloc(32, 'canary').toString('base64')

/** Variables that hold a secret, and a value for each. */
const SECRETS: Readonly<Record<string, string>> = {
  TWILIO_AUTH_TOKEN: 'canary-twilio',
  TWILIO_SECONDARY_AUTH_TOKEN: 'canary-secondary',
  DEEPGRAM_API_KEY: 'canary-deepgram',
  ANTHROPIC_API_KEY: 'canary-anthropic',
  ELEVENLABS_API_KEY: 'canary-elevenlabs',
  SMALLEST_API_KEY: 'canary-smallest',
  SMALLEST_WEBHOOK_SECRET: 'canary-smallest-webhooks',
  WEBHOOK_SECRET: `whsec_${KEY}`,
  TOOL_SECRETS: '{"CRM":"Bearer canary-crm-token"}',
  ENCRYPTION_KEYS: KEY,
  DATABASE_URL: 'postgres://user:canary-password@localhost/db',
}

/** Variables that sound like one, and hold none; keys of the API are hashes by the time they are in the configuration. */
const HARMLESS = [
  ...['ANTHROPIC_MAX_TOKENS', 'ANTHROPIC_FIRST_TOKEN_TIMEOUT_MS', 'STREAM_TOKEN_TTL_S', 'API_KEYS'],
  ...['RATE_LIMIT_PER_KEY', 'KEY_DIALS_PER_SECOND', 'KEY_MAX_CALLS'],
  ...['KEY_CALLS_PER_HOUR', 'KEY_MINUTES_PER_DAY', 'KEY_COUNTRIES_PER_DAY'],
]

it('every secret of the configuration is known as one', () => {
  const named = configKeys.filter((key) => /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL/.test(key))
  const expected = [...Object.keys(SECRETS), ...HARMLESS]
  expect(named.filter((key) => !expected.includes(key))).toEqual([])
  const config = parseConfig({
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_PHONE_NUMBER: '+15551234567',
    ELEVENLABS_VOICE_ID: 'voice',
    PUBLIC_HOST: 'calls.example.com',
    ...SECRETS,
  })
  const known = secretValues(config).join('\n')
  for (const value of Object.values(SECRETS)) {
    const [secret] = /canary[\w-]*|Y2FuYXJ5\S*/.exec(value) ?? []
    expect(known).toContain(secret)
  }
  expect(known).toContain('canary-crm-token')
})
