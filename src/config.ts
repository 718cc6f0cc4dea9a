import { z } from 'zod'
import { ConfigError } from './errors.ts'

/**
 * Every variable of the environment that Parley reads, with its meaning and default. `.env.example` lists the same keys
 * (a test compares them). Nothing else reads `process.env`, and nothing else has defaults.
 */
const url = z.url({
  protocol: /^(https?|wss?)$/,
  error: 'must be a URL, such as https://vendor.example',
})
const webUrl = z.url({
  protocol: /^https?$/,
  error: 'must be a URL, such as https://crm.example.com/calls',
})
const seconds = z.coerce.number().int().positive()
const milliseconds = z.coerce.number().int().positive()
const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

/** The vendors that a voice can be of. */
const VOICE_VENDORS = ['elevenlabs', 'deepgram', 'waves'] as const

/** `VENDOR:VOICE` and so on, separated by commas. */
const voices = z.string().transform((text, context) =>
  list.parse(text).flatMap((item) => {
    const [name, voice = ''] = item.split(/:(.*)/s)
    const vendor = VOICE_VENDORS.find((each) => each === name)
    if (vendor && voice !== '') return [{ vendor, voice }]
    context.addIssue('must be voices such as elevenlabs:VOICE_ID,deepgram:aura-2-thalia-en')
    return []
  }),
)

/** A JSON object of names and values. Its message shows neither, because they are secret. */
const secrets = z.string().transform((text, context): Readonly<Record<string, string>> => {
  const parsed = z.record(z.string(), z.string()).safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  context.addIssue('must be a JSON object of names and values, such as {"CRM_TOKEN":"…"}')
  return z.NEVER
})

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the schema that reads it says what was expected.
    return undefined
  }
}

const DEFAULT_HOST = '127.0.0.1'

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
  API_KEYS: list.default([]),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  LOG_PII: flag.default(false),
  MAX_CALLS: z.coerce.number().int().positive().default(100),
  MAX_DURATION_S: seconds.default(900),
  RING_TIMEOUT_S: z.coerce.number().int().min(5).max(600).default(30),
  DRAIN_TIMEOUT_S: seconds.default(3600),
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

  TWILIO_AMD: flag.default(false),
  TWILIO_RECORD: flag.default(false),
  CONNECT_TIMEOUT_MS: milliseconds.default(3000),
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

  STT_PROVIDER: z.enum(['deepgram', 'pulse']).default('deepgram'),
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

type Environment = Readonly<Record<string, string | undefined>>

/** Variables that a choice makes necessary; `chosenBy` is told for those that are no defaults. */
const VENDOR_NEEDS: readonly {
  readonly isChosen: (given: Environment) => boolean
  readonly chosenBy?: string
  readonly names: readonly string[]
}[] = [
  {
    isChosen: ({ STT_PROVIDER: stt = 'deepgram' }) => stt !== 'pulse',
    names: ['DEEPGRAM_API_KEY'],
  },
  {
    isChosen: ({ TTS_PROVIDER: tts = 'elevenlabs' }) => tts !== 'waves',
    names: ['ELEVENLABS_API_KEY', 'ELEVENLABS_VOICE_ID'],
  },
  {
    isChosen: ({ STT_PROVIDER: stt }) => stt === 'pulse',
    chosenBy: 'STT_PROVIDER=pulse',
    names: ['SMALLEST_API_KEY'],
  },
  {
    isChosen: ({ TTS_PROVIDER: tts }) => tts === 'waves',
    chosenBy: 'TTS_PROVIDER=waves',
    names: ['SMALLEST_API_KEY', 'WAVES_VOICE_ID'],
  },
  ...(
    [
      ['elevenlabs', 'ELEVENLABS_API_KEY'],
      ['deepgram', 'DEEPGRAM_API_KEY'],
      ['waves', 'SMALLEST_API_KEY'],
    ] as const
  ).map(([vendor, name]) => ({
    isChosen: ({ TTS_FALLBACK: voices = '' }: Environment) => voices.includes(`${vendor}:`),
    chosenBy: `TTS_FALLBACK=${vendor}:…`,
    names: [name],
  })),
  {
    isChosen: ({ ATOMS_AGENT_ID: agent }) => agent !== undefined,
    chosenBy: 'ATOMS_AGENT_ID',
    names: ['SMALLEST_API_KEY'],
  },
]

type Problem = { readonly name: string; readonly text: string }

function missingOfVendors(given: Environment): readonly Problem[] {
  const missing = new Map<string, string>()
  for (const { isChosen, chosenBy, names } of VENDOR_NEEDS) {
    if (!isChosen(given)) continue
    for (const name of names) {
      if (given[name] !== undefined || missing.has(name)) continue
      const reason = chosenBy === undefined ? '' : `: ${chosenBy} needs it`
      missing.set(name, `${name} is missing${reason}`)
    }
  }
  return Array.from(missing, ([name, text]) => ({ name, text }))
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
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)
  return parsed.data
}
