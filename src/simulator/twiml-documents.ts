import { recordFault, type TwilioAccount } from './twilio-account.ts'
import { TwilioFault } from './twilio-faults.ts'
import type { WebhookResponse } from './twilio-webhooks.ts'
import { type Action, parseTwiml, type Twiml, TwimlError } from './twiml.ts'

/** Where a document comes from: out of a request of REST, or from the server. */
export type DocumentSource = { readonly twiml: string } | Action

/** A document that has been read, and the url that relative urls in it refer to. */
export type TwimlDocument = Pick<Twiml, 'verbs'> & { readonly source: string; readonly url: string }

const MAX_BYTES = 64 * 1024
const XML_TYPES = ['text/xml', 'application/xml']

export type DocumentRequest = {
  readonly source: DocumentSource
  readonly fallback: Action | undefined
  readonly params: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/**
 * Fetches and reads a document. When that fails the fallback url is asked, and told what went wrong with which url.
 *
 * @throws {TwilioFault} when there is no document in the end
 */
export async function loadDocument(
  account: TwilioAccount,
  request: DocumentRequest,
): Promise<TwimlDocument> {
  try {
    return await load(account, request)
  } catch (error) {
    const { fallback, source, params } = request
    if (!(error instanceof TwilioFault) || !fallback || 'twiml' in source) throw error
    recordFault(account, error.code, error.detail)
    const told = { ...params, ErrorCode: String(error.code), ErrorUrl: source.url }
    return load(account, { ...request, source: fallback, params: told })
  }
}

async function load(account: TwilioAccount, request: DocumentRequest): Promise<TwimlDocument> {
  const { source, params, signal } = request
  if ('twiml' in source) return read(account, source.twiml, `https://${account.publicHost}/`)
  const timeoutMs = account.knobs.webhookTimeoutMs
  const response = await account.webhooks.send({ ...source, params, timeoutMs, signal })
  if (response.status >= 400) {
    throw new TwilioFault(11200, `${source.url}: HTTP ${response.status}`)
  }
  return read(account, twimlOf(response), response.url)
}

/** The body as TwiML: plain text is spoken. */
function twimlOf({ url, contentType, body }: WebhookResponse): string {
  if (Buffer.byteLength(body) > MAX_BYTES) throw new TwilioFault(11750, url)
  const [type = ''] = contentType.split(';')
  if (XML_TYPES.includes(type.trim())) return body
  if (type.trim() !== 'text/plain') throw new TwilioFault(12300, `${url}: "${contentType}"`)
  const text = body.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<Response><Say>${text}</Say></Response>`
}

function read(account: TwilioAccount, source: string, url: string): TwimlDocument {
  try {
    const { verbs, warnings } = parseTwiml(source)
    for (const warning of warnings) recordFault(account, 12200, warning)
    return { verbs, source, url }
  } catch (error) {
    if (!(error instanceof TwimlError)) throw error
    throw new TwilioFault(12100, error.message, { cause: error })
  }
}
