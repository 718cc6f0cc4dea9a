import { describe, expect, it } from 'vitest'
import {
  failureOfClose,
  failureOfMessage,
  failureOfRefusal,
} from '../../../src/providers/deepgram/failure.ts'

describe('a refusal', () => {
  it.each([
    ['{"err_code":"INVALID_AUTH","err_msg":"Invalid credentials."}', 'INVALID_AUTH'],
    ['{"category":"INVALID_AUTH","message":"Invalid credentials.","details":"x"}', 'INVALID_AUTH'],
    ['{"error_code":"no","message":"Invalid credentials."}', 'no'],
  ])('is understood from the body %s', (body, vendorCode) => {
    expect(failureOfRefusal(401, { dgError: 'less', body })).toMatchObject({
      code: 'auth',
      vendorCode,
      message: 'connection refused with HTTP 401: Invalid credentials.',
    })
  })

  it.each(['', '<html>', '[]', 'null', '{}'])(
    'is told by its header when the body is %j',
    (body) => {
      expect(failureOfRefusal(400, { dgError: 'Bad Request: no such model', body })).toMatchObject({
        code: 'rejected',
        vendorCode: '400',
        message: 'connection refused with HTTP 400: Bad Request: no such model',
      })
    },
  )

  it('is told without any reason', () => {
    const refusal = failureOfRefusal(502, { body: '' })
    expect(refusal.message).toBe('connection refused with HTTP 502: no reason given')
    expect(refusal.code).toBe('unavailable')
    expect(refusal.retryAfterMs).toBeUndefined()
  })

  it.each([
    ['0.4', 400],
    ['2', 2000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ])('tells when to come again: %s', (retryAfter, ms) => {
    expect(failureOfRefusal(429, { retryAfter, body: '' })).toMatchObject({
      code: 'rate_limited',
      retryAfterMs: ms,
    })
  })
})

describe('a close', () => {
  it('is named by the label in its reason', () => {
    expect(failureOfClose(1011, 'Too long. See https://dpgr.am/net0001')).toMatchObject({
      code: 'disconnected',
      vendorCode: 'NET-0001',
    })
    expect(failureOfClose(1011, '')).toMatchObject({ vendorCode: '1011' })
    expect(failureOfClose(1011, 'NET-0001: too long')).toMatchObject({ vendorCode: 'NET-0001' })
    expect(failureOfClose(1008, 'DATA-0000')).toMatchObject({
      code: 'rejected',
      vendorCode: 'DATA-0000',
    })
    expect(failureOfClose(1005, '').message).toBe('connection closed with 1005')
  })
})

describe('an error message', () => {
  it.each([
    [{ code: 'INACTIVE_CLIENT', description: 'why' }, 'disconnected', 'INACTIVE_CLIENT'],
    [
      { code: 'UNPARSABLE_CLIENT_MESSAGE', message: 'why' },
      'rejected',
      'UNPARSABLE_CLIENT_MESSAGE',
    ],
    [{ err_code: 'INTERNAL_SERVER_ERROR', err_msg: 'why' }, 'unavailable', 'INTERNAL_SERVER_ERROR'],
    [{ variant: 'other', description: 'why' }, 'unavailable', 'other'],
    [{ message: 'why' }, 'unavailable', undefined],
  ])('%j is %s', (error, code, vendorCode) => {
    expect(failureOfMessage({ type: 'Error', ...error })).toMatchObject({
      code,
      vendorCode,
      message: 'why',
    })
  })

  it('may say nothing at all', () => {
    expect(failureOfMessage({ type: 'Error' }).message).toBe('no reason given')
  })
})
