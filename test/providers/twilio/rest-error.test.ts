import { expect, it } from 'vitest'
import { toProviderError } from '../../../src/providers/twilio/rest-error.ts'

it.each(['ECONNABORTED', 'ETIMEDOUT'])(
  'a request that got no answer in time is a timeout: %s',
  (code) => {
    expect(toProviderError(Object.assign(new Error('slow'), { code }))).toMatchObject({
      code: 'timeout',
      message: 'slow',
    })
  },
)

it('whatever is thrown becomes an error of Twilio', () => {
  expect(toProviderError('odd')).toMatchObject({ code: 'unavailable', message: 'odd' })
})
