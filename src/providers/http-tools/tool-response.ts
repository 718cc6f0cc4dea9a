import type { HttpToolAnswer, HttpToolFailure } from '../../pipeline/http-tool.ts'

/** Sixteen times what the model gets to see; nobody says this much on the phone. */
const MAX_RESPONSE_BYTES = 64 * 1024

export type ToolResponse = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Leaving its loop early ends the exchange. */
  readonly body: AsyncIterable<Uint8Array>
}

/** Why this status is no answer; undefined when it is one. Redirects are not followed: the spec names the address. */
export function statusFailure(status: number): HttpToolFailure | undefined {
  if (status >= 200 && status < 300) return undefined
  if (status === 401 || status === 403 || status === 407) return 'not_set_up'
  if (status === 408 || status === 504) return 'timeout'
  if (status === 429 || status === 503) return 'busy'
  if (status >= 400 && status < 500) return 'rejected'
  return status >= 500 ? 'broken' : 'unreadable'
}

/** Reads an answer: JSON, or any other text. `hide` takes out of it what the model must not see. */
export async function readAnswer(
  { headers, body }: ToolResponse,
  hide: (text: string) => string,
): Promise<HttpToolAnswer> {
  const type = String(headers['content-type'] ?? '').toLowerCase()
  if (!isText(type) || !isPlain(headers['content-encoding'])) return failed('unreadable')
  const bytes = await readBytes(body)
  if (bytes === undefined) return failed('too_long')
  const text = hide(decoderFor(type).decode(bytes))
  try {
    return { ok: true, text, value: JSON.parse(text) as unknown }
  } catch {
    // Not every JSON is called so; but what is called so, and is none, was cut or is an error page.
    if (isJson(type) && text.trim() !== '') return failed('unreadable')
    return { ok: true, text, value: text }
  }
}

async function readBytes(body: AsyncIterable<Uint8Array>): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > MAX_RESPONSE_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function isJson(type: string): boolean {
  return /^application\/([\w.-]+\+)?json\b/.test(type)
}

function isText(type: string): boolean {
  return type === '' || isJson(type) || /^text\/|^application\/([\w.-]+\+)?xml\b/.test(type)
}

/** We ask for no compression; who compresses all the same is not understood. */
function isPlain(encoding: string | string[] | undefined): boolean {
  return encoding === undefined || encoding === '' || encoding === 'identity'
}

function decoderFor(type: string) {
  const charset = /;\s*charset="?([\w-]+)/.exec(type)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset)
  } catch {
    // A character set that nobody knows: nearly all text is UTF-8 by now.
    return new TextDecoder()
  }
}

function failed(failure: HttpToolFailure): HttpToolAnswer {
  return { ok: false, failure }
}
