import type { Config } from './config.ts'

/** Shorter values would take ordinary words out of every log line. */
const MIN_CHARS = 6

/** Every value of a configuration that nobody may see or hear: keys, tokens, passwords. Of API keys it has hashes only. */
export function secretValues(config: Config): readonly string[] {
  const values = [
    config.TWILIO_AUTH_TOKEN,
    // As it goes over the wire.
    basic(config.TWILIO_ACCOUNT_SID, config.TWILIO_AUTH_TOKEN),
    config.TWILIO_SECONDARY_AUTH_TOKEN,
    config.DEEPGRAM_API_KEY,
    config.ANTHROPIC_API_KEY,
    config.ELEVENLABS_API_KEY,
    config.SMALLEST_API_KEY,
    config.SMALLEST_WEBHOOK_SECRET,
    config.WEBHOOK_SECRET,
    passwordIn(config.DATABASE_URL),
    ...config.ENCRYPTION_KEYS,
    // "Bearer abc": the token alone is as secret.
    ...Object.values(config.TOOL_SECRETS).flatMap((value) => [value, value.split(/\s+/).at(-1)]),
  ]
  const secrets = values.flatMap((value = '') => (value.length >= MIN_CHARS ? [value] : []))
  return Array.from(new Set(secrets))
}

function basic(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64')
}

function passwordIn(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).password : undefined
}
