import { ProviderError, type ProviderErrorCode } from '../../errors.ts'
import type { SocketFailures } from '../vendor-socket.ts'
import { AtomsRefusal } from './atoms-messages.ts'
import { parseJson } from './json.ts'
import { WavesRefusal } from './waves-messages.ts'

export function failure(
  code: ProviderErrorCode,
  message: string,
  more: { vendorCode?: string | undefined; cause?: unknown } = {},
): ProviderError {
  const { vendorCode, cause } = more
  return new ProviderError(message, {
    provider: 'smallest',
    code,
    cause,
    ...(vendorCode !== undefined && { vendorCode }),
  })
}

/** An HTTP answer that is no success, or an upgrade that was refused: its status says what it is, its body why. */
export function failureOfStatus(httpStatus: number, body: string): ProviderError {
  const why = reasonIn(body) ?? 'no reason given'
  return failure(codeOfStatus(httpStatus), `HTTP ${httpStatus}: ${why}`, {
    vendorCode: String(httpStatus),
  })
}

/** A socket was closed without our asking. 1008 means that as many are open as the plan allows. */
export function failureOfClose(closeCode: number, reason: string): ProviderError {
  return failure(
    closeCode === 1008 ? 'rate_limited' : 'disconnected',
    `connection closed with ${closeCode}${reason === '' ? '' : `: ${reason}`}`,
    { vendorCode: String(closeCode) },
  )
}

/** How the sockets of Pulse and Waves end. */
export const socketFailures: SocketFailures = {
  refused: ({ statusCode }, body) => failureOfStatus(statusCode ?? 0, body),
  closed: failureOfClose,
  broken: (code, cause) =>
    failure(code, code === 'unavailable' ? 'cannot be reached' : cause.message, {
      vendorCode: cause.code,
      cause,
    }),
}

/** A socket says what is wrong, in words only. */
export function failureOfWords(words: string): ProviderError {
  return failure(codeOfWords(words), words)
}

function codeOfWords(words: string): ProviderErrorCode {
  if (/unauthori[sz]ed|api key|token/i.test(words)) return 'auth'
  if (/quota|credit|balance/i.test(words)) return 'quota'
  if (/rate limit|concurren/i.test(words)) return 'rate_limited'
  if (/timed out|inactivity/i.test(words)) return 'disconnected'
  return /invalid|required|unsupported|deprecated/i.test(words) ? 'rejected' : 'unavailable'
}

function codeOfStatus(httpStatus: number): ProviderErrorCode {
  if (httpStatus === 401 || httpStatus === 403) return 'auth'
  if (httpStatus === 402) return 'quota'
  if (httpStatus === 408) return 'timeout'
  if (httpStatus === 429) return 'rate_limited'
  return httpStatus >= 500 ? 'unavailable' : 'rejected'
}

/** Atoms lists its reasons, Waves has one under `message`, the gateway one under `error`. */
function reasonIn(body: string): string | undefined {
  const value = parseJson(body)
  const atoms = AtomsRefusal.safeParse(value).data
  if (atoms?.errors?.length) return atoms.errors.join('; ')
  const waves = WavesRefusal.safeParse(value).data
  const error = typeof waves?.error === 'string' ? waves.error : waves?.error?.message
  return waves?.message ?? error
}
