import {
  AnthropicError,
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
} from '@anthropic-ai/sdk'
import { describe, expect, it } from 'vitest'
import { ProviderError } from '../../../src/errors.ts'
import { toProviderError } from '../../../src/providers/anthropic/failure.ts'

function answered(status: number | undefined, error?: object): APIError {
  return APIError.generate(status, { error }, undefined, new Headers())
}

function inStream(type: string): APIError {
  return new APIError(undefined, { error: { type } }, undefined, new Headers())
}

function codedError(code: unknown, cause?: unknown): Error {
  return Object.assign(new TypeError('terminated', { cause }), code === undefined ? {} : { code })
}

describe('toProviderError', () => {
  it.each<[string, unknown, string, string | undefined]>([
    ['a timeout', new APIConnectionTimeoutError(), 'timeout', undefined],
    ['no connection', new APIConnectionError({}), 'unavailable', undefined],
    [
      'a refused connection',
      new APIConnectionError({ cause: codedError('ECONNREFUSED') }),
      'unavailable',
      'ECONNREFUSED',
    ],
    ['a gateway that knows no types: 401', answered(401), 'auth', '401'],
    ['402', answered(402), 'quota', '402'],
    ['403', answered(403), 'auth', '403'],
    ['408', answered(408), 'timeout', '408'],
    ['418', answered(418), 'rejected', '418'],
    ['429', answered(429), 'rate_limited', '429'],
    ['503', answered(503), 'unavailable', '503'],
    ['a type without a status', inStream('rate_limit_error'), 'rate_limited', 'rate_limit_error'],
    ['an unknown type in a stream', inStream('new_error'), 'unavailable', 'new_error'],
    [
      'an unknown type with a status',
      answered(422, { type: 'new_error' }),
      'rejected',
      'new_error',
    ],
    [
      'a billing problem',
      answered(400, { details: { error_code: 'linked_organization_billing_unavailable' } }),
      'quota',
      'linked_organization_billing_unavailable',
    ],
    ['an event that is no JSON', new SyntaxError('x'), 'protocol', undefined],
    ['whatever else the SDK throws', new AnthropicError('x'), 'protocol', undefined],
    [
      'a broken socket',
      codedError(undefined, codedError('UND_ERR_SOCKET')),
      'disconnected',
      'UND_ERR_SOCKET',
    ],
    [
      'a broken HTTP/2 stream',
      codedError('ERR_HTTP2_STREAM_ERROR'),
      'disconnected',
      'ERR_HTTP2_STREAM_ERROR',
    ],
    ['a code that is no text', codedError(7), 'disconnected', undefined],
    ['no error at all', 'broken', 'disconnected', undefined],
  ])('%s', (_, error, code, vendorCode) => {
    const failure = toProviderError(error)
    expect(failure).toBeInstanceOf(ProviderError)
    expect(failure).toMatchObject({ provider: 'anthropic', code, vendorCode, cause: error })
  })

  it('says what the vendor said, at most a line of it', () => {
    const failure = toProviderError(answered(400, { message: 'x'.repeat(500) }))
    expect(failure.message).toMatch(/^claude failed \(rejected\): x{200}$/)
  })

  it('leaves its own kind as it is', () => {
    const failure = new ProviderError('late', { provider: 'anthropic', code: 'timeout' })
    expect(toProviderError(failure)).toBe(failure)
  })
})
