import { describe, expect, it } from 'vitest'
import { checkSpec } from '../../src/calls/spec-check.ts'
import { CallSpecBody, specFromBody } from '../../src/calls/spec.ts'
import { CallError } from '../../src/errors.ts'
import { BUILT_IN_TOOL_NAMES } from '../../src/pipeline/tools.ts'

const tool = {
  name: 'look_up',
  description: 'Looks an order up',
  input_schema: { type: 'object', properties: { order: { type: 'string' } } },
  url: 'https://crm.example.com/orders',
  result_schema: { type: 'object' },
  secret_headers: { authorization: 'CRM_TOKEN' },
}

/** What the check finds wrong with a spec that has these tools. */
function check(...tools: object[]): CallError | undefined {
  const body = CallSpecBody.parse({ phone_number: '+15551234567', action: 'x', tools })
  try {
    checkSpec(specFromBody(body), ['CRM_TOKEN', 'OTHER'])
    return undefined
  } catch (error) {
    if (error instanceof CallError) return error
    throw error
  }
}

describe('the check of a spec', () => {
  it('passes what can be used', () => {
    expect(check()).toBeUndefined()
    expect(check(tool, { ...tool, name: 'other', secret_headers: { 'x-key': 'OTHER' } })).toBe(
      undefined,
    )
    expect(() => {
      checkSpec({ phoneNumber: '+15551234567', action: 'x' }, [])
    }).not.toThrow()
  })

  it('knows the names that every call has taken', () => {
    expect(BUILT_IN_TOOL_NAMES).toEqual(
      expect.arrayContaining([
        'end_call',
        'transfer_call',
        'press_keys',
        'record_outcome',
        'do_not_call_again',
        'switch_language',
      ]),
    )
    for (const name of BUILT_IN_TOOL_NAMES) {
      expect(check({ ...tool, name })).toMatchObject({
        code: 'invalid_request',
        details: [{ field: 'tools.0.name', received: name }],
      })
    }
  })

  it.each([
    ['a type that is none', { type: 'object', properties: { a: { type: 'text' } } }],
    ['a reference to nowhere', { type: 'object', properties: { a: { $ref: '#/$defs/b' } } }],
    ['a pattern that is none', { type: 'object', properties: { a: { pattern: '(' } } }],
    ['what the model’s vendor refuses', { type: 'object', oneOf: [{ required: ['a'] }] }],
  ])('finds %s in the schema of the arguments', (_, input_schema) => {
    expect(check(tool, { ...tool, name: 'second', input_schema })).toMatchObject({
      message: expect.stringMatching(
        /^tools\.1\.input_schema: expected a JSON schema that can be used: this one /,
      ) as string,
      details: [{ field: 'tools.1.input_schema' }],
    })
  })

  it('finds the same in the schema of the result', () => {
    expect(check({ ...tool, result_schema: { type: 'text' } })).toMatchObject({
      details: [{ field: 'tools.0.result_schema' }],
    })
    expect(check({ ...tool, result_schema: { oneOf: [{ type: 'string' }] } })).toBeUndefined()
  })

  it('names the secret that the server has not', () => {
    expect(check({ ...tool, secret_headers: { authorization: 'TYPO' } })).toMatchObject({
      message:
        'tools.0.secret_headers.authorization: expected the name of a secret that the server has in TOOL_SECRETS; got "TYPO"',
      details: [{ field: 'tools.0.secret_headers.authorization', received: 'TYPO' }],
    })
  })

  it('says everything at once', () => {
    const error = check({
      ...tool,
      name: 'end_call',
      input_schema: { type: 'object', required: 'a' },
      secret_headers: { a: 'X', b: 'CRM_TOKEN', c: 'Y' },
    })
    expect(error?.details).toHaveLength(4)
    expect(error?.message).toMatch(/^tools\.0\.name: .*; got "end_call" \(and 3 more\)$/)
  })
})

describe('the check of what is wanted after the call', () => {
  const body = (changes: object) =>
    specFromBody(CallSpecBody.parse({ phone_number: '+15551234567', action: 'x', ...changes }))
  const webhook = body({ webhook_url: 'https://crm.example.com/hooks' })

  it('passes an outcome schema that can be used, of whatever type', () => {
    for (const outcome_schema of [{}, { type: 'boolean' }, { type: 'object', properties: {} }]) {
      expect(() => {
        checkSpec(body({ outcome_schema }), [])
      }).not.toThrow()
    }
  })

  it('refuses an outcome schema that would only fail once the call is over', () => {
    expect(() => {
      checkSpec(body({ outcome_schema: { type: 'objekt' } }), [])
    }).toThrow(
      /^outcome_schema: expected a JSON schema that can be used: this one is no JSON schema/,
    )
  })

  it('refuses a webhook that nobody could sign', () => {
    expect(() => {
      checkSpec(webhook, [], { signsWebhooks: true })
    }).not.toThrow()
    expect(() => {
      checkSpec(webhook, [], { signsWebhooks: false })
    }).toThrow('webhook_url: expected a server that has a WEBHOOK_SECRET to sign webhooks with')
  })

  it('tells of addresses that may not be asked, and not what stands in them', () => {
    const body = CallSpecBody.parse({
      phone_number: '+15551234567',
      action: 'x',
      tools: [{ ...tool, url: 'https://10.0.0.1/?key=s3cret' }],
      webhook_url: 'https://10.0.0.2/s3cret',
    })
    const urlProblem = ({ hostname }: URL) =>
      hostname.startsWith('10.') ? 'a URL of a public host' : undefined
    const refused = () => {
      checkSpec(specFromBody(body), ['CRM_TOKEN'], { urlProblem })
    }
    expect(refused).toThrow('tools.0.url: expected a URL of a public host (and 1 more)')
    expect(refused).toThrow(
      expect.objectContaining({
        details: [
          { field: 'tools.0.url', expected: 'a URL of a public host' },
          { field: 'webhook_url', expected: 'a URL of a public host' },
        ],
      }),
    )
  })
})
