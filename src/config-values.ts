import { isIP } from 'node:net'
import { z } from 'zod'
import { parseApiKeys } from './access/api-key.ts'
import { parseDays, parseHours } from './calls/dialling/calling-hours.ts'
import { NUMBER_TYPES } from './calls/dialling/dial-rules.ts'

/** What the values of variables of the environment look like, and how they are told when they do not. */
export const url = z.url({
  protocol: /^(https?|wss?)$/,
  error: 'must be a URL, such as https://vendor.example',
})
export const webUrl = z.url({
  protocol: /^https?$/,
  error: 'must be a URL, such as https://crm.example.com/calls',
})
export const seconds = z.coerce.number().int().positive()
export const milliseconds = z.coerce.number().int().positive()
export const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
export const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

/** The vendors that can hear, and what their models are called. */
const EAR_MODELS = {
  deepgram: /^(flux|nova)-[a-z0-9-]+$/,
  pulse: /^[a-z0-9][a-z0-9._-]*$/,
} as const
export const EAR_VENDORS = ['deepgram', 'pulse'] as const

/** Recognisers by vendor and model. What is misspelt is found when the server starts, not when a call needs it. */
export const recognisers = z.string().transform((text, context) =>
  list.parse(text).flatMap((item) => {
    const [name, model = ''] = item.split(/:(.*)/s)
    const vendor = EAR_VENDORS.find((each) => each === name)
    if (vendor && EAR_MODELS[vendor].test(model)) return [{ vendor, model }]
    context.addIssue(
      'must name recognisers by vendor and model, such as deepgram:nova-3,pulse:pulse',
    )
    return []
  }),
)

/** The vendors that a voice can be of. */
const VOICE_VENDORS = ['elevenlabs', 'deepgram', 'waves'] as const

/** `VENDOR:VOICE` and so on, separated by commas. */
export const voices = z.string().transform((text, context) =>
  list.parse(text).flatMap((item) => {
    const [name, voice = ''] = item.split(/:(.*)/s)
    const vendor = VOICE_VENDORS.find((each) => each === name)
    if (vendor && voice !== '') return [{ vendor, voice }]
    context.addIssue('must be voices such as elevenlabs:VOICE_ID,deepgram:aura-2-thalia-en')
    return []
  }),
)
export const atMost = z.coerce.number().int().min(0)
export const countries = list.pipe(
  z.array(z.string().regex(/^([A-Z]{2}|\*)$/, 'must be ISO codes such as US,CA, or *')),
)
export const numberTypes = list.pipe(
  z.array(z.enum(NUMBER_TYPES, `must be among ${NUMBER_TYPES.join(', ')}`)),
)
export const prefixes = list.pipe(
  z.array(z.string().regex(/^\+\d{0,15}$/, 'must be beginnings of E.164 numbers, such as +1212')),
)
export const hours = z.string().transform((text, context) => {
  const parsed = parseHours(text)
  if (parsed) return parsed
  context.addIssue('must be two times of one day, such as 08:00-21:00')
  return z.NEVER
})
export const days = z.string().transform((text, context) => {
  const parsed = parseDays(text)
  if (parsed) return parsed
  context.addIssue('must be days, such as mon-fri or mon,wed,sat')
  return z.NEVER
})
export const apiKeys = list.transform((entries, context) => {
  const { keys, problems } = parseApiKeys(entries)
  for (const problem of problems) context.addIssue(problem)
  return problems.length === 0 ? keys : z.NEVER
})
/** On, off, or exact words. */
export const spoken = z
  .string()
  .max(500)
  .transform((text) => (text === 'true' ? true : text === 'false' ? false : text))

/** A JSON object of names and values. Its message shows neither, because they are secret. */
export const secrets = z.string().transform((text, context): Readonly<Record<string, string>> => {
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

/** Web pages, as browsers name them. */
export const origins = list.refine(
  (all) => all.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
  'must be origins, such as https://app.example.com',
)

export const networks = list.refine(
  (all) => all.every((network) => isNetwork(network)),
  'must be addresses or networks, such as 10.0.0.0/8',
)

function isNetwork(text: string): boolean {
  const [address = '', prefix = '0', ...rest] = text.split('/')
  const bits = { 4: 32, 6: 128 }[isIP(address)] ?? -1
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits
}

/** AES-256 keys in base64, the newest first. Its message shows none of them. */
export const encryptionKeys = list.refine(
  (keys) => keys.every((key) => /^[A-Za-z0-9+/]{43}=?$/.test(key)),
  'must be keys of 32 bytes in base64, separated by commas: openssl rand -base64 32',
)

/** Hosts that users of the API may have asked though they are not public: `crm.internal`, `10.0.0.5`, `http://crm:8080`. */
export const internalHosts = list.refine(
  (hosts) => hosts.every((host) => isInternalHost(host)),
  'must be names, addresses or origins, such as crm.internal,10.0.0.5,http://crm:8080',
)

function isInternalHost(entry: string): boolean {
  if (!entry.includes('://')) {
    return isIP(entry) !== 0 || (/^[\w.-]+$/.test(entry) && URL.canParse(`https://${entry}`))
  }
  return /^https?:\/\/[^/?#@]+\/?$/.test(entry) && URL.canParse(entry)
}
