import {
  AnthropicError,
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
} from '@anthropic-ai/sdk'
import { ProviderError, type ProviderErrorCode } from '../../errors.ts'
import { codeOfAnswer } from './answer-code.ts'

/** Whatever the SDK or the connection below it throws, as a `ProviderError`. */
export function toProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error
  if (error instanceof APIConnectionTimeoutError) return failed('timeout', error, undefined)
  if (error instanceof APIConnectionError) return failed('unavailable', error, codeOf(error.cause))
  if (error instanceof APIError) {
    // Without a status it came inside a stream that had begun well.
    const status = error.status as number | undefined
    const vendorCode = error.errorCode ?? error.type ?? status?.toString()
    const code = codeOfAnswer(status, error.type ?? '', error.errorCode ?? '')
    return failed(code, error, vendorCode, error.apiMessage ?? undefined)
  }
  if (error instanceof SyntaxError) return failed('protocol', error, undefined)
  if (error instanceof AnthropicError) return failed('protocol', error, undefined)
  // A connection that breaks in the middle of a reply shows as a bare `TypeError` with the socket's error as its cause.
  return failed('disconnected', error, codeOf(error) ?? codeOf(causeOf(error)))
}

function failed(
  code: ProviderErrorCode,
  cause: unknown,
  vendorCode: string | undefined,
  detail?: string,
): ProviderError {
  const what = detail === undefined ? '' : `: ${detail.slice(0, 200)}`
  return new ProviderError(`claude failed (${code})${what}`, {
    provider: 'anthropic',
    code,
    cause,
    ...(vendorCode === undefined ? {} : { vendorCode }),
  })
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined
}
