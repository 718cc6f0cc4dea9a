import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { ZodError } from 'zod'
import {
  CallError,
  type CallErrorCode,
  ProviderError,
  StoreError,
  WorkflowError,
  type WorkflowErrorCode,
} from '../errors.ts'
import { errorBody } from './error-body.ts'
import { invalidFields, summarize } from './invalid-fields.ts'

/** The one place where what went wrong with a call becomes an HTTP status. */
const CALL_ERROR_STATUS: Readonly<Record<CallErrorCode, number>> = {
  invalid_request: 400,
  do_not_call: 403,
  dial_not_allowed: 403,
  dial_not_now: 409,
  dial_limit: 429,
  idempotency_key_reused: 422,
  request_in_progress: 409,
  call_not_found: 404,
  call_not_live: 409,
  call_live: 409,
  no_recording: 404,
  too_many_feeds: 503,
  at_capacity: 503,
  draining: 503,
  overloaded: 503,
  low_memory: 503,
  vendor_down: 503,
  dial_refused: 422,
  dial_failed: 502,
}

const WORKFLOW_ERROR_STATUS: Readonly<Record<WorkflowErrorCode, number>> = {
  invalid_request: 400,
  workflow_not_found: 404,
  run_not_found: 404,
  run_not_suspended: 409,
}

/** What Fastify itself refuses. */
const REFUSAL_CODE: Readonly<Record<number, string>> = {
  404: 'not_found',
  408: 'request_timeout',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
}

/** Seconds after which it may be worth trying again. */
const RETRY_AFTER_S = 10

export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof CallError) return answerCallError(error, reply)
  if (error instanceof WorkflowError) {
    const { code, message, details } = error
    return reply.code(WORKFLOW_ERROR_STATUS[code]).send(errorBody(code, message, details))
  }
  if (error instanceof StoreError && error.code === 'unavailable') {
    request.log.error({ err: error, url: request.routeOptions.url }, 'store failed')
    const message = 'what is kept of calls cannot be reached at the moment; calls go on'
    return reply
      .code(503)
      .header('retry-after', RETRY_AFTER_S)
      .send(errorBody('store_unavailable', message))
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const fields = invalidFields(error.validation, inputOf(request, error.validationContext))
    return reply.code(400).send(errorBody('invalid_request', summarize(fields), fields))
  }
  if (error instanceof ZodError) {
    request.log.warn({ err: error, url: request.routeOptions.url }, 'unexpected form')
    return reply.code(400).send(errorBody('invalid_request', 'the form is not as expected'))
  }
  const { statusCode = 500, message } = error as FastifyError
  if (statusCode >= 400 && statusCode < 500) {
    const code = REFUSAL_CODE[statusCode] ?? 'invalid_request'
    return reply.code(statusCode).send(errorBody(code, message))
  }
  request.log.error({ err: error, url: request.routeOptions.url }, 'request failed')
  return reply.code(500).send(errorBody('internal', 'something went wrong on our side'))
}

function inputOf(request: FastifyRequest, context: string | undefined): unknown {
  switch (context) {
    case 'querystring':
      return request.query
    case 'params':
      return request.params
    case 'headers':
      return request.headers
    default:
      return request.body
  }
}

export function answerNotFound(request: FastifyRequest, reply: FastifyReply) {
  const [path] = request.url.split('?')
  return reply.code(404).send(errorBody('not_found', `no route ${request.method} ${path ?? ''}`))
}

function retryAfterS({ details }: CallError): number {
  const known: unknown = 'retry_after_s' in details ? details['retry_after_s'] : undefined
  return typeof known === 'number' ? known : RETRY_AFTER_S
}

function answerCallError(error: CallError, reply: FastifyReply) {
  const { status, body } = callErrorAnswer(error)
  if (status === 503) void reply.header('retry-after', retryAfterS(error))
  const waitS = status === 429 || 'retry_at' in error.details ? secondsUntil(error) : undefined
  if (waitS !== undefined) void reply.header('retry-after', waitS)
  return reply.code(status).send(body)
}

/** What is answered when a request about a call cannot be carried out. */
export function callErrorAnswer(error: CallError) {
  const { cause } = error
  const isCarrierBusy = cause instanceof ProviderError && cause.code === 'rate_limited'
  const details = Object.keys(error.details).length === 0 ? undefined : error.details
  return {
    status: isCarrierBusy ? 503 : CALL_ERROR_STATUS[error.code],
    body: errorBody(error.code, error.message, details),
  }
}

function secondsUntil({ details }: CallError): number {
  const retryAt = 'retry_at' in details ? details['retry_at'] : undefined
  if (typeof retryAt !== 'string') return RETRY_AFTER_S
  return Math.max(1, Math.ceil((Date.parse(retryAt) - Date.now()) / 1000))
}
