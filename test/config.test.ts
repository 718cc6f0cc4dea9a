import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configKeys, parseConfig } from '../src/config.ts'
import { ConfigError } from '../src/errors.ts'

const needed = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'twilio-secret',
  TWILIO_PHONE_NUMBER: '+15551234567',
  DEEPGRAM_API_KEY: 'deepgram-secret',
  ANTHROPIC_API_KEY: 'anthropic-secret',
  ELEVENLABS_API_KEY: 'elevenlabs-secret',
  ELEVENLABS_VOICE_ID: 'voice',
  PUBLIC_HOST: 'calls.example.com',
}

function problemsOf(environment: Record<string, string | undefined>): readonly string[] {
  try {
    parseConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('the configuration', () => {
  it('needs the vendors, the number and the public host, and nothing else', () => {
    const config = parseConfig(needed)
    expect(config).toMatchObject({ ...needed, HOST: '127.0.0.1', PORT: 8000, API_KEYS: [] })
    expect(problemsOf({})).toEqual(Object.keys(needed).map((name) => `${name} is missing`))
  })

  it('lists everything that is wrong at once', () => {
    expect(
      problemsOf({
        ...needed,
        TWILIO_ACCOUNT_SID: 'SK123',
        TWILIO_PHONE_NUMBER: '555',
        DEEPGRAM_API_KEY: '',
        PUBLIC_HOST: 'https://calls.example.com/',
        PORT: '70000',
        HOST: '0.0.0.0',
        LOG_PII: 'yes',
        DEEPGRAM_BASE_URL: 'api.deepgram.com',
        ELEVENLABS_OUTPUT_FORMAT: 'mp3',
      }),
    ).toEqual([
      'TWILIO_ACCOUNT_SID: must be "AC" and 32 hex digits',
      'TWILIO_PHONE_NUMBER: must be E.164, such as +15551234567',
      'DEEPGRAM_API_KEY is missing',
      'PUBLIC_HOST: must be a host without scheme or path, such as calls.example.com',
      expect.stringMatching(/^PORT: Too big/),
      expect.stringMatching(/^LOG_PII: /),
      expect.stringMatching(/^ELEVENLABS_OUTPUT_FORMAT: /),
      'DEEPGRAM_BASE_URL: must be a URL, such as https://vendor.example',
      'API_KEYS is missing: without keys the server listens on loopback only',
    ])
  })

  it('needs of the vendors what those that are chosen need', () => {
    const chosen = {
      ...needed,
      DEEPGRAM_API_KEY: '',
      ELEVENLABS_API_KEY: '',
      ELEVENLABS_VOICE_ID: '',
      STT_PROVIDER: 'pulse',
      TTS_PROVIDER: 'waves',
    }
    expect(problemsOf(chosen)).toEqual([
      'SMALLEST_API_KEY is missing: STT_PROVIDER=pulse needs it',
      'WAVES_VOICE_ID is missing: TTS_PROVIDER=waves needs it',
    ])
    expect(problemsOf({ ...chosen, SMALLEST_API_KEY: 'key', WAVES_VOICE_ID: 'magnus' })).toEqual([])
    expect(problemsOf({ ...chosen, SMALLEST_API_KEY: 'key', TTS_PROVIDER: '' })).toEqual([
      'ELEVENLABS_API_KEY is missing',
      'ELEVENLABS_VOICE_ID is missing',
    ])
    expect(problemsOf({ ...needed, ATOMS_AGENT_ID: 'a'.repeat(24) })).toEqual([
      'SMALLEST_API_KEY is missing: ATOMS_AGENT_ID needs it',
    ])
  })

  it('sends no webhooks that it could not sign', () => {
    const WEBHOOK_SECRET = `whsec_${Buffer.alloc(24).toString('base64')}`
    const WEBHOOK_URL = 'https://crm.example.com/calls'
    expect(problemsOf({ ...needed, WEBHOOK_URL, WEBHOOK_SECRET })).toEqual([])
    expect(problemsOf({ ...needed, WEBHOOK_SECRET })).toEqual([])
    expect(problemsOf({ ...needed, WEBHOOK_URL })).toEqual([
      'WEBHOOK_SECRET is missing: webhooks are sent signed only',
    ])
    expect(problemsOf({ ...needed, WEBHOOK_SECRET, WEBHOOK_URL: 'wss://crm.example.com' })).toEqual(
      ['WEBHOOK_URL: must be a URL, such as https://crm.example.com/calls'],
    )
  })

  it('never repeats a value: it may be a secret that was put into the wrong variable', () => {
    const canary = 'sk-canary-7f3a'
    const everythingWrong = Object.fromEntries(configKeys.map((key) => [key, canary]))
    const problems = problemsOf(everythingWrong)
    expect(problems.length).toBeGreaterThan(10)
    expect(problems.join('\n')).not.toContain('canary')
  })

  it.each(['0.0.0.0', '::', '192.168.1.5', 'calls.example.com'])(
    'does not listen on %s without API keys',
    (host) => {
      expect(problemsOf({ ...needed, HOST: host, API_KEYS: ' , ' })).toHaveLength(1)
      expect(problemsOf({ ...needed, HOST: host, API_KEYS: 'a-key' })).toEqual([])
    },
  )

  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('listens on %s without', (host) => {
    expect(problemsOf({ ...needed, HOST: host })).toEqual([])
  })

  it('reads lists, numbers and switches', () => {
    expect(
      parseConfig({ ...needed, API_KEYS: 'one, two,,', MAX_CALLS: '7', LOG_PII: 'true' }),
    ).toMatchObject({ API_KEYS: ['one', 'two'], MAX_CALLS: 7, LOG_PII: true })
  })
})

describe('.env.example', () => {
  const lines = readFileSync(new URL('../.env.example', import.meta.url), 'utf8').split('\n')
  const entries = lines.flatMap((line) => {
    const [, hash, name, value] = /^(# )?([A-Z][A-Z0-9_]+)=(.*)$/.exec(line) ?? []
    return name === undefined ? [] : [{ name, value: value ?? '', isComment: hash !== undefined }]
  })

  it('lists exactly the variables that there are', () => {
    expect(entries.map(({ name }) => name).sort()).toEqual([...configKeys].sort())
  })

  it('shows the real defaults, and holds no values otherwise', () => {
    const config: Record<string, unknown> = parseConfig(needed)
    for (const { name, value, isComment } of entries) {
      if (isComment) expect(value).toBe(String(config[name]))
      else expect(value).toBe('')
    }
  })
})
