import { describe, expect, it } from 'vitest'
import { newApiKey, parseApiKeys, sha256 } from '../../src/access/api-key.ts'

const HASH = 'a'.repeat(64)

describe('keys of the configuration', () => {
  it('have a name, scopes and a hash', () => {
    expect(parseApiKeys([`crm:calls:create+calls:read:sha256=${HASH}`])).toEqual({
      keys: [
        { name: 'crm', scopes: ['calls:create', 'calls:read'], sha256: Buffer.from(HASH, 'hex') },
      ],
      problems: [],
    })
  })

  it('may be given as they are, and are hashed at once', () => {
    const { keys } = parseApiKeys(['prom:metrics:read:secret', 'plain-key', 'sk:with:colons'])
    expect(keys).toEqual([
      { name: 'prom', scopes: ['metrics:read'], sha256: sha256('secret') },
      { name: 'default', scopes: ['admin'], sha256: sha256('plain-key') },
      { name: 'default', scopes: ['admin'], sha256: sha256('sk:with:colons') },
    ])
    expect(JSON.stringify(keys)).not.toContain('secret')
  })

  it.each([
    [`crm:admin:sha256=${HASH}0`, 'key 1 has a hash that is not 64 hex digits'],
    [`crm:calls:write:sha256=${HASH}`, 'key 1 has an unknown scope: there are calls:create'],
    [`crm:sha256=${HASH}`, 'key 1 must be NAME:SCOPES:sha256=HEX'],
    [`:admin:sha256=${HASH}`, 'key 1 must be NAME:SCOPES:sha256=HEX'],
  ])('%s is a mistake, and no key', (entry, problem) => {
    const { keys, problems } = parseApiKeys([entry])
    expect(keys).toEqual([])
    expect(problems).toEqual([expect.stringContaining(problem)])
    expect(problems.join()).not.toContain(HASH)
  })

  it('may be two of one name, for as long as one takes the place of the other', () => {
    const entries = ['a', 'b', 'c'].map((key) => `crm:admin:${key}`)
    expect(parseApiKeys(entries.slice(0, 2)).problems).toEqual([])
    expect(parseApiKeys(entries).problems).toEqual([expect.stringContaining('more than 2 keys')])
  })
})

it('a new key is random, of 256 bits', () => {
  const made = newApiKey('crm', ['calls:read'])
  expect(Buffer.from(made.key.replace('pk_', ''), 'base64url')).toHaveLength(32)
  expect(newApiKey('crm', ['calls:read']).key).not.toBe(made.key)
  const [key] = parseApiKeys([made.entry]).keys
  expect(key?.sha256).toEqual(sha256(made.key))
})
