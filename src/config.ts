import { z } from 'zod'
import { WEEKDAYS } from './calls/dialling/calling-hours.ts'
import { type Environment, missingOfVendors, type Problem } from './config-needs.ts'
import {
  apiKeys,
  EAR_VENDORS,
  atMost,
  countries,
  days,
  encryptionKeys,
  flag,
  hours,
  internalHosts,
  list,
  milliseconds,
  networks,
  numberTypes,
  origins,
  prefixes,
  recognisers,
  seconds,
  secrets,
  spoken,
  url,
  voices,
  webUrl,
} from './config-values.ts'
import { ConfigError } from './errors.ts'

const DEFAULT_HOST = '127.0.0.1'

/**
 * Every variable of the environment that Parley reads, with its meaning and default. `.env.example` lists the same keys
 * (a test compares them). Nothing else reads `process.env`, and nothing else has defaults.
 */
const schema = z.object({
  TWILIO_ACCOUNT_SID: z.string().regex(/^AC[0-9a-f]{32}$/i, 'must be "AC" and 32 hex digits'),
  TWILIO_AUTH_TOKEN: z.string().min(1),
  TWILIO_SECONDARY_AUTH_TOKEN: z.string().optional(),
  TWILIO_PHONE_NUMBER: z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be E.164, such as +15551234567'),
  // What is needed of a vendor that is not chosen, nobody needs: see `missingOfVendors`.
  DEEPGRAM_API_KEY: z.string().default(''),
  ANTHROPIC_API_KEY: z.string().min(1),
  ELEVENLABS_API_KEY: z.string().default(''),
  ELEVENLABS_VOICE_ID: z.string().default(''),
  PUBLIC_HOST: z
    .string()
    .regex(
      /^[a-z0-9.-]+(:\d+)?$/i,
      'must be a host without scheme or path, such as calls.example.com',
    ),

  HOST: z.string().default(DEFAULT_HOST),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8000),
  API_KEYS: apiKeys.default([]),
  RATE_LIMIT_PER_KEY: atMost.default(600),
  RATE_LIMIT_PER_ADDRESS: atMost.default(1200),
  CORS_ORIGINS: origins.default([]),
  TRUSTED_PROXIES: networks.default([]),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  LOG_PII: flag.default(false),
  MAX_CALLS: z.coerce.number().int().positive().default(100),
  MAX_DURATION_S: seconds.default(900),
  RING_TIMEOUT_S: z.coerce.number().int().min(5).max(600).default(30),
  DRAIN_TIMEOUT_S: seconds.default(3600),
  LAME_DUCK_S: z.coerce.number().min(0).default(0),
  MAX_LOOP_DELAY_MS: milliseconds.default(200),
  MAX_LOOP_UTILIZATION: z.coerce.number().positive().max(1).default(0.75),
  MAX_HEAP_SHARE: z.coerce.number().positive().max(1).default(0.85),
  MAX_RSS_MB: z.coerce.number().positive().optional(),
  SILENCE_TIMEOUT_MS: milliseconds.default(8000),
  TIME_WARNING_S: z.coerce.number().int().min(0).default(30),
  HOLD_TIMEOUT_S: seconds.default(300),
  REATTACH_TIMEOUT_MS: milliseconds.default(10_000),
  DEAD_AIR_FILLER_MS: milliseconds.default(2000),
  DEAD_AIR_SECOND_FILLER_MS: milliseconds.default(5000),
  DEAD_AIR_GIVE_UP_MS: milliseconds.default(8000),
  TRANSFER_RING_TIMEOUT_S: z.coerce.number().int().min(5).max(600).default(25),
  BACKCHANNELS: list.default([]),
  MCP_ENABLED: flag.default(false),
  MASTRA_API: flag.default(false),
  MASTRA_STUDIO_ORIGIN: webUrl.optional(),
  CONVERSATION_ENGINE: z.enum(['claude', 'mastra']).default('claude'),
  SPECULATION: flag.default(false),
  TOOL_SECRETS: secrets.default({}),
  ENCRYPTION_KEYS: encryptionKeys.default([]),
  INTERNAL_HOSTS: internalHosts.default([]),
  ALLOW_LOOPBACK_URLS: flag.default(false),
  FLIGHT_RECORD_DIR: z.string().optional(),
  FLIGHT_RECORD_PII: flag.default(false),
  WEBHOOK_URL: webUrl.optional(),
  WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'must be "whsec_" and at least 24 bytes in base64')
    .optional(),
  RECORDINGS_DIR: z.string().default('./data/recordings'),
  RETENTION_RECORDING_DAYS: z.coerce.number().int().min(0).default(30),
  RETENTION_TRANSCRIPT_DAYS: z.coerce.number().int().min(0).default(90),
  RETENTION_METADATA_DAYS: z.coerce.number().int().min(0).default(365),
  PRICES: z.string().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: url.optional(),
  STREAM_TOKEN_TTL_S: seconds.default(120),
  REGISTERED_CALL_TTL_S: seconds.default(3600),

  DIAL_COUNTRIES: countries.default([]),
  DIAL_DENIED_TYPES: numberTypes.default([
    'PREMIUM_RATE',
    'SHARED_COST',
    'PERSONAL_NUMBER',
    'PAGER',
    'UAN',
    'VOICEMAIL',
    'UNKNOWN',
  ]),
  DIAL_ALLOWED_PREFIXES: prefixes.default([]),
  DIAL_DENIED_PREFIXES: prefixes.default([]),
  NUMBER_CALLS_PER_HOUR: atMost.default(3),
  NUMBER_CALLS_PER_DAY: atMost.default(10),
  KEY_DIALS_PER_SECOND: atMost.default(5),
  KEY_MAX_CALLS: atMost.default(50),
  KEY_CALLS_PER_HOUR: atMost.default(500),
  KEY_MINUTES_PER_DAY: atMost.default(1440),
  KEY_COUNTRIES_PER_DAY: atMost.default(5),
  CALLING_HOURS: hours.optional(),
  CALLING_DAYS: days.default([...WEEKDAYS]),
  AI_DISCLOSURE: spoken.default(true),
  RECORDING_ANNOUNCEMENT: spoken.default(true),

  TWILIO_AMD: flag.default(false),
  TWILIO_FALLBACK_URL: webUrl.optional(),
  TWILIO_RECORD: flag.default(false),
  CONNECT_TIMEOUT_MS: milliseconds.default(3000),
  STT_CONNECT_TIMEOUT_MS: milliseconds.default(1000),
  STT_FALLBACK: recognisers.default([]),
  DEEPGRAM_MODEL: z.string().default('flux-general-en'),
  DEEPGRAM_EOT_THRESHOLD: z.coerce.number().min(0.5).max(1).default(0.7),
  DEEPGRAM_EOT_TIMEOUT_MS: z.coerce.number().int().min(500).max(60_000).default(5000),
  DEEPGRAM_EAGER_EOT_THRESHOLD: z.coerce.number().min(0.3).max(0.9).default(0.4),
  DEEPGRAM_ENDPOINTING_MS: z.coerce.number().int().min(10).default(300),
  DEEPGRAM_UTTERANCE_END_MS: z.coerce.number().int().min(1000).default(1500),
  ANTHROPIC_MODEL: z.string().default('claude-haiku-5-5'),
  ANTHROPIC_MAX_TOKENS: z.coerce.number().int().positive().default(300),
  ANTHROPIC_FALLBACK_MODEL: z.string().default('claude-sonnet-5-5'),
  ANTHROPIC_FIRST_TOKEN_TIMEOUT_MS: milliseconds.default(2000),
  ANTHROPIC_STALL_TIMEOUT_MS: milliseconds.default(2000),
  BROWN_OUT_MS: milliseconds.default(1500),
  ELEVENLABS_MODEL: z.string().default('eleven_flash_v2_5'),
  ELEVENLABS_OUTPUT_FORMAT: z.enum(['pcm_24000', 'ulaw_8000']).default('pcm_24000'),
  TTS_FALLBACK: voices.default([]),
  TTS_FIRST_AUDIO_TIMEOUT_MS: milliseconds.default(1500),
  TTS_STALL_TIMEOUT_MS: milliseconds.default(1000),
  STOCK_PHRASES: z.enum(['disk', 'memory', 'off']).default('disk'),
  STOCK_PHRASES_DIR: z.string().default('./data/phrases'),

  STT_PROVIDER: z.enum(EAR_VENDORS).default('deepgram'),
  TTS_PROVIDER: z.enum(['elevenlabs', 'waves']).default('elevenlabs'),
  SMALLEST_API_KEY: z.string().default(''),
  SMALLEST_TIMEOUT_MS: milliseconds.default(15_000),
  SMALLEST_WEBHOOK_SECRET: z.string().default(''),
  ATOMS_AGENT_ID: z.string().default(''),
  ATOMS_FROM_PRODUCT_ID: z.string().default(''),
  WAVES_VOICE_ID: z.string().default(''),
  WAVES_MODEL: z.string().default('lightning_v3.1'),
  WAVES_OUTPUT_FORMAT: z.enum(['pcm_8000', 'pcm_24000', 'ulaw_8000']).default('pcm_8000'),
  WAVES_WORD_TIMESTAMPS: flag.default(true),
  WAVES_COMPLETE_BACKOFF_MS: z.coerce.number().int().min(0).max(10_000).default(500),
  PULSE_MODEL: z.string().default('pulse'),
  PULSE_EOU_TIMEOUT_MS: z.coerce.number().int().min(100).max(10_000).default(500),
  PULSE_WORD_TIMESTAMPS: flag.default(true),

  MASTRA_ENABLED: flag.default(false),
  MASTRA_DATABASE_URL: z
    .string()
    .regex(/^(file:|libsql:|https?:)./, 'must be file:PATH, or the URL of a libSQL server')
    .default('file:./data/mastra.db'),
  MASTRA_MODEL: z.string().default('claude-haiku-5-5'),
  MASTRA_RETENTION_DAYS: z.coerce.number().int().min(0).default(90),
  MASTRA_DIAL_APPROVAL: flag.default(false),
  MASTRA_SPEECH_DIR: z.string().default('./data/speech'),

  TWILIO_BASE_URL: url.default('https://api.twilio.com'),
  DEEPGRAM_BASE_URL: url.default('wss://api.deepgram.com'),
  ANTHROPIC_BASE_URL: url.default('https://api.anthropic.com'),
  ELEVENLABS_BASE_URL: url.default('wss://api.elevenlabs.io'),
  SMALLEST_ATOMS_BASE_URL: url.default('https://api.smallest.ai/atoms/v1'),
  SMALLEST_WAVES_BASE_URL: url.default('https://api.smallest.ai'),
  DATABASE_URL: z.url().default('file:./data/parley.db'),

  INBOUND_ACTION: z.string().optional(),
  INBOUND_CONTEXT: z.string().optional(),
  AGENT_NAME: z.string().optional(),
  ORGANIZATION: z.string().optional(),
  LANGUAGE: z.string().default('en'),
})

export type Config = z.infer<typeof schema>

/** The names of all variables, in the order of the schema. */
export const configKeys: readonly string[] = Object.keys(schema.shape)

function fallsBackToItself(config: Config): readonly string[] {
  const { STT_PROVIDER: vendor, STT_FALLBACK: fallbacks } = config
  const name = vendor === 'pulse' ? 'PULSE_MODEL' : 'DEEPGRAM_MODEL'
  const isUsual = (each: Config['STT_FALLBACK'][number]) =>
    each.vendor === vendor && each.model === config[name]
  return fallbacks.some(isUsual)
    ? [`STT_FALLBACK: names ${name}, and would fall back to itself`]
    : []
}

/** Whether only this machine can reach what listens there. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/**
 * Reads the configuration from an environment; an empty variable counts as absent.
 *
 * @throws {ConfigError} with every problem at once; no value is ever shown, because it may be a secret
 */
export function parseConfig(environment: Environment): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = schema.safeParse(given)
  const inSchema = (parsed.error?.issues ?? []).map((issue): Problem => {
    const name = issue.path.join('.')
    const isMissing = given[name] === undefined
    return { name, text: isMissing ? `${name} is missing` : `${name}: ${issue.message}` }
  })
  const problems = [...inSchema, ...missingOfVendors(given)]
    .sort((a, b) => configKeys.indexOf(a.name) - configKeys.indexOf(b.name))
    .map(({ text }) => text)
  // Checked on its own, so that it is listed even when other variables are wrong.
  if (
    !isLoopback(given['HOST'] ?? DEFAULT_HOST) &&
    list.parse(given['API_KEYS'] ?? '').length === 0
  ) {
    problems.push('API_KEYS is missing: without keys the server listens on loopback only')
  }
  if (given['WEBHOOK_URL'] !== undefined && given['WEBHOOK_SECRET'] === undefined) {
    problems.push('WEBHOOK_SECRET is missing: webhooks are sent signed only')
  }
  if (parsed.data) problems.push(...fallsBackToItself(parsed.data))
  // They are plain files, and tell what was said.
  if (given['ENCRYPTION_KEYS'] !== undefined && given['FLIGHT_RECORD_PII'] === 'true') {
    problems.push('FLIGHT_RECORD_PII cannot be used with ENCRYPTION_KEYS: it is not encrypted')
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)
  return parsed.data
}
