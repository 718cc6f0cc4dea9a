import { z } from 'zod'
import { codeOfAnswer } from '../../providers/anthropic/answer-code.ts'
import type { Failure } from './worker-messages.ts'

/** An error as Anthropic's API tells it, in a response or inside a stream. */
const VendorError = z.object({
  error: z.object({
    type: z.string().optional(),
    message: z.string().optional(),
    details: z.object({ error_code: z.string().optional() }).nullish(),
  }),
})
type VendorError = z.infer<typeof VendorError>['error']

const MAX_DETAIL_CHARS = 200

/**
 * Whatever Mastra or the AI SDK below it comes up with, as what a `ProviderError` is made of. Only the vendor's own words are
 * kept: the errors themselves hold the whole prompt.
 */
export function failureOf(error: unknown): Failure {
  for (let each = error, depth = 0; each !== undefined && depth < 5; depth++) {
    const known = knownFailure(each)
    if (known) return known
    each = each instanceof Error ? each.cause : undefined
  }
  return failed('disconnected', codeIn(error))
}

function knownFailure(error: unknown): Failure | undefined {
  const answer = ApiCallError.safeParse(error).data
  if (answer) return ofAnswer(answer)
  const inStream = VendorError.safeParse(typeof error === 'object' ? error : jsonOf(error)).data
  const told = inStream?.error ?? StreamError.safeParse(error).data
  if (told) return ofVendorError(undefined, told)
  return isGarbage(error) ? failed('protocol', undefined) : undefined
}

/** An `error` event, as the AI SDK hands it on. */
const StreamError = z.object({
  type: z.string().endsWith('_error'),
  message: z.string().optional(),
})
/** What came was no JSON, or none of the vendor's. */
const GARBAGE = /JSONParseError|TypeValidationError|InvalidResponseDataError/

function isGarbage(error: unknown): boolean {
  return error instanceof Error && GARBAGE.test(error.name)
}

/** The AI SDK's error for whatever came of a request. */
const ApiCallError = z.object({
  name: z.literal('AI_APICallError'),
  statusCode: z.number().optional(),
  responseBody: z.string().optional(),
  cause: z.unknown().optional(),
})

function ofAnswer({ statusCode, responseBody, cause }: z.infer<typeof ApiCallError>): Failure {
  const told = VendorError.safeParse(jsonOf(responseBody)).data?.error
  // Without a status nobody has answered.
  if (statusCode === undefined) return told ? ofVendorError(undefined, told) : unreachable(cause)
  // It has answered well, and then with something that is no reply.
  if (statusCode < 400 && told === undefined) {
    return isGarbage(cause) ? failed('protocol', undefined) : failed('disconnected', codeIn(cause))
  }
  return ofVendorError(statusCode, told ?? {})
}

function unreachable(cause: unknown): Failure {
  return failed('unavailable', codeIn(cause))
}

function ofVendorError(status: number | undefined, told: VendorError): Failure {
  const { type, message, details } = told
  const errorCode = details?.error_code
  const code = codeOfAnswer(status, type ?? '', errorCode ?? '')
  return failed(code, errorCode ?? type ?? status?.toString(), message)
}

function failed(code: Failure['code'], vendorCode: string | undefined, detail?: string): Failure {
  const what = detail === undefined ? '' : `: ${detail.slice(0, MAX_DETAIL_CHARS)}`
  return { code, vendorCode, message: `claude failed behind mastra (${code})${what}` }
}

function codeIn(error: unknown): string | undefined {
  for (let each = error, depth = 0; each instanceof Error && depth < 5; depth++) {
    if ('code' in each && typeof each.code === 'string') return each.code
    each = each.cause
  }
  return undefined
}

function jsonOf(text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text)
  } catch {
    // A page of something in between.
    return undefined
  }
}
