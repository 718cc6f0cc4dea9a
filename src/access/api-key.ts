import { createHash, randomBytes } from 'node:crypto'

/**
 * What a key may do. `calls:create`: place, register and hang up calls, and put numbers on the do-not-call list; `calls:read`:
 * look its own calls up; `metrics:read`: what Prometheus collects; `admin`: all of it, and the calls of all keys.
 */
export const SCOPES = ['calls:create', 'calls:read', 'metrics:read', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** A key of a user of the API. The key itself is nowhere kept. */
export type ApiKey = {
  /** Who it belongs to; two keys of one name are the same user, so that one can take the place of the other. */
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly sha256: Buffer
}

/** The name of keys that are given without one. */
const DEFAULT_NAME = 'default'
const MAX_LIVE_KEYS = 2

export type ParsedKeys = { readonly keys: readonly ApiKey[]; readonly problems: readonly string[] }

/**
 * Keys as `API_KEYS` lists them: `NAME:SCOPE+SCOPE:sha256=HEX`, or `NAME:SCOPE+SCOPE:KEY`; one without name and scopes may do
 * everything. Problems repeat nothing of what was given, because it may be a secret.
 */
export function parseApiKeys(entries: readonly string[]): ParsedKeys {
  const keys: ApiKey[] = []
  const problems: string[] = []
  for (const [i, entry] of entries.entries()) {
    const key = parseApiKey(entry)
    if (typeof key === 'string') problems.push(`key ${i + 1} ${key}`)
    else keys.push(key)
  }
  const named = keys.map(({ name }) => name).filter((name) => name !== DEFAULT_NAME)
  for (const name of new Set(named)) {
    if (named.filter((each) => each === name).length <= MAX_LIVE_KEYS) continue
    problems.push(`a name has more than ${MAX_LIVE_KEYS} keys: take out the one that was replaced`)
  }
  return { keys, problems }
}

const NAMED = /^([A-Za-z][\w.-]{0,63}):((?:calls|metrics|admin)[a-z:+]*):([^:]+)$/
const HASHED = /^sha256=([0-9a-f]{64})$/i

function parseApiKey(entry: string): ApiKey | string {
  const [, name, scopeList, secret] = NAMED.exec(entry) ?? []
  if (name === undefined || scopeList === undefined || secret === undefined) {
    return entry.includes('sha256=')
      ? 'must be NAME:SCOPES:sha256=HEX, as `npx parley key` prints it'
      : { name: DEFAULT_NAME, scopes: ['admin'], sha256: sha256(entry) }
  }
  const scopes: Scope[] = []
  for (const text of scopeList.split('+')) {
    const scope = SCOPES.find((each) => each === text)
    if (!scope) return `has an unknown scope: there are ${SCOPES.join(', ')}, joined with +`
    scopes.push(scope)
  }
  if (!secret.startsWith('sha256=')) return { name, scopes, sha256: sha256(secret) }
  const [, hex] = HASHED.exec(secret) ?? []
  if (hex === undefined) return 'has a hash that is not 64 hex digits'
  return { name, scopes, sha256: Buffer.from(hex, 'hex') }
}

/** A new key, of 256 random bits, and what to put into `API_KEYS` for it. */
export function newApiKey(
  name: string,
  scopes: readonly Scope[],
): { readonly key: string; readonly entry: string } {
  const key = `pk_${randomBytes(32).toString('base64url')}`
  return { key, entry: `${name}:${scopes.join('+')}:sha256=${sha256(key).toString('hex')}` }
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
