import { Agent, type Dispatcher, request } from 'undici'
import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import type { HttpTool, HttpToolAnswer, HttpToolRunner } from '../../pipeline/http-tool.ts'
import { missingSecrets, toolRequest } from './tool-request.ts'
import { readAnswer, statusFailure } from './tool-response.ts'

export type HttpToolRunnerOptions = {
  /** The values that `secretHeaders` name. */
  readonly secrets: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly log: Logger
  /** Whether this address may be asked; all may by default. */
  readonly allowUrl?: (url: URL) => boolean
  /** What connects, such as one that checks what a name resolves to; whoever gives it closes it. */
  readonly dispatcher?: Dispatcher
}

/**
 * Asks the endpoints of tools: one request a run, which is never repeated, follows no redirect, and is over when the
 * tool's time is up. Serves all calls; `close` ends what is still going on.
 */
export class HttpToolClient implements HttpToolRunner {
  readonly #options: HttpToolRunnerOptions
  readonly #dispatcher: Dispatcher

  constructor(options: HttpToolRunnerOptions) {
    this.#options = options
    // The deadline of each tool is ours, and counts on our clock.
    this.#dispatcher = options.dispatcher ?? new Agent({ headersTimeout: 0, bodyTimeout: 0 })
  }

  async run(
    tool: HttpTool,
    input: Readonly<Record<string, unknown>>,
    { signal }: { signal: AbortSignal },
  ): Promise<HttpToolAnswer> {
    const { secrets, allowUrl, clock, log } = this.#options
    const missing = missingSecrets(tool, secrets)
    if (missing.length > 0) {
      log.error({ tool: tool.name, secrets: missing }, 'secret of a tool is missing')
      return { ok: false, failure: 'not_set_up' }
    }
    if (allowUrl && !allowUrl(new URL(tool.url))) {
      log.error({ tool: tool.name }, 'address of a tool is not allowed')
      return { ok: false, failure: 'not_set_up' }
    }
    const late = new AbortController()
    const stopWatching = clock.after(tool.timeoutMs, () => {
      late.abort(new Error('the tool did not answer in time'))
    })
    try {
      return await this.#exchange(tool, input, AbortSignal.any([signal, late.signal]))
    } catch (error) {
      if (signal.aborted) return { ok: false, failure: 'aborted' }
      if (late.signal.aborted) return { ok: false, failure: 'timeout' }
      const code = codeOf(error)
      log.warn({ tool: tool.name, code }, 'tool could not be asked')
      return { ok: false, failure: isOurFault(code) ? 'not_set_up' : 'unreachable' }
    } finally {
      stopWatching()
    }
  }

  async close(): Promise<void> {
    if (!this.#options.dispatcher) await this.#dispatcher.destroy()
  }

  async #exchange(
    tool: HttpTool,
    input: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<HttpToolAnswer> {
    const { secrets, log } = this.#options
    const { url, headers, body } = toolRequest(tool, input, secrets)
    const { statusCode: status, ...response } = await request(url, {
      dispatcher: this.#dispatcher,
      method: tool.method,
      headers,
      body: body ?? null,
      signal,
    })
    const failure = statusFailure(status)
    if (failure !== undefined) {
      response.body.on('error', ignore).destroy()
      log.debug({ tool: tool.name, status }, 'tool refused')
      return { ok: false, failure }
    }
    return readAnswer({ status, headers: response.headers, body: response.body }, (text) =>
      hideSecrets(text, tool, secrets),
    )
  }
}

/** An answer that is not read is dropped, and with it whatever went wrong in it. */
function ignore(): void {
  return undefined
}

/** Too short to be a secret, and likely to be part of ordinary words. */
const MIN_SECRET_CHARS = 6

/** Some services repeat in their answer what they were sent; the model has no use for it. */
function hideSecrets(
  text: string,
  { secretHeaders }: HttpTool,
  secrets: Readonly<Record<string, string>>,
): string {
  const values = Object.values(secretHeaders).map((name) => secrets[name] ?? '')
  // "Bearer abc": the token alone is as secret.
  const hidden = values.flatMap((value) => [value, value.split(/\s+/).at(-1) ?? ''])
  return hidden
    .filter((value) => value.length >= MIN_SECRET_CHARS)
    .reduce((rest, value) => rest.replaceAll(value, '[hidden]'), text)
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  return error instanceof Error ? error.name : 'unknown'
}

/** A header or a URL that cannot be sent. */
function isOurFault(code: string): boolean {
  return [
    'UND_ERR_INVALID_ARG',
    'UND_ERR_NOT_SUPPORTED',
    'ERR_INVALID_CHAR',
    'ERR_INVALID_URL',
    'ERR_ADDRESS_NOT_ALLOWED',
  ].includes(code)
}
