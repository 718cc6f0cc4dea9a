/** Talks with a Parley server by its HTTP API, as any user would. */

/** What went wrong, in words for the terminal. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number | undefined

  constructor(message: string, status?: number) {
    super(message)
    this.status = status
  }
}

export type ServerSentEvent = {
  readonly id: string | undefined
  readonly event: string
  readonly data: string
}

export type Api = { readonly url: string; readonly key: string | undefined }

/** A JSON answer. @throws {ApiError} with the server's own words when it refuses, or with the way out when it is not there */
export async function ask(
  api: Api,
  path: string,
  request: { method?: 'GET' | 'POST' | 'DELETE'; body?: unknown } = {},
): Promise<unknown> {
  const response = await send(api, path, request)
  const text = await response.text()
  return text === '' ? undefined : parse(text)
}

/** The events of a stream, until it ends or `signal` is aborted. */
export async function* follow(
  api: Api,
  path: string,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<ServerSentEvent> {
  const response = await send(api, path, { signal, accept: 'text/event-stream' })
  if (!response.body) return
  let rest = ''
  const decoder = new TextDecoderStream()
  for await (const text of response.body.pipeThrough(decoder)) {
    rest += text
    for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n')) {
      const event = eventOf(rest.slice(0, end))
      rest = rest.slice(end + 2)
      if (event) yield event
    }
  }
}

/** Undefined: a comment, by which the server shows that it is still there. */
function eventOf(block: string): ServerSentEvent | undefined {
  let id: string | undefined
  let event = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? []
    if (field === 'id') id = value
    else if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }
  return data.length === 0 ? undefined : { id, event, data: data.join('\n') }
}

type Request = {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly body?: unknown
  readonly accept?: string
  readonly signal?: AbortSignal
}

async function send({ url, key }: Api, path: string, request: Request): Promise<Response> {
  const { method = 'GET', body, accept = 'application/json', signal } = request
  let response: Response
  try {
    response = await fetch(new URL(path, url), {
      method,
      headers: {
        accept,
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiError(
      `no Parley answers at ${url}: start one (npm start, or npm run demo -- --serve), or name another with --url or PARLEY_URL`,
    )
  }
  if (response.ok) return response
  throw refusal(response.status, await response.text())
}

function refusal(status: number, text: string): ApiError {
  const answer = parse(text)
  const error = fieldOf(answer, 'error')
  const message = fieldOf(error, 'message')
  const code = fieldOf(error, 'code')
  if (status === 401) {
    return new ApiError('the server wants an API key: give it by --key or PARLEY_API_KEY', status)
  }
  if (typeof message !== 'string') return new ApiError(`the server answered ${status}`, status)
  return new ApiError(typeof code === 'string' ? `${message} (${code})` : message, status)
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError('what answers there is no Parley: its answer is not JSON')
  }
}
