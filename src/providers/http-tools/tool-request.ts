import type { HttpTool } from '../../pipeline/http-tool.ts'
import { VERSION } from '../../version.ts'

export type ToolRequest = {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** JSON; undefined for GET. */
  readonly body: string | undefined
}

type Secrets = Readonly<Record<string, string>>

/** The names of secrets that a tool needs and the server has not. */
export function missingSecrets(tool: HttpTool, secrets: Secrets): readonly string[] {
  return Object.values(tool.secretHeaders).filter((name) => !Object.hasOwn(secrets, name))
}

export function toolRequest(
  tool: HttpTool,
  input: Readonly<Record<string, unknown>>,
  secrets: Secrets,
): ToolRequest {
  const isPost = tool.method === 'POST'
  return {
    url: isPost ? new URL(tool.url) : withQuery(tool.url, input),
    headers: headersOf(tool, secrets),
    body: isPost ? JSON.stringify(input) : undefined,
  }
}

/** The tool's own headers win over ours, secret ones over both; case does not matter. */
function headersOf(tool: HttpTool, secrets: Secrets): Record<string, string> {
  const headers = new Map([
    ['accept', 'application/json, text/plain;q=0.9'],
    ['user-agent', `parley/${VERSION}`],
  ])
  if (tool.method === 'POST') headers.set('content-type', 'application/json')
  for (const [name, value] of Object.entries(tool.headers)) headers.set(name.toLowerCase(), value)
  for (const [name, secret] of Object.entries(tool.secretHeaders)) {
    headers.set(name.toLowerCase(), secrets[secret] ?? '')
  }
  return Object.fromEntries(headers)
}

/**
 * Arguments as query parameters: a list as one for each of its items, an object as JSON, `null` not at all. What the
 * tool's URL says already is fixed: the model cannot say it otherwise.
 */
function withQuery(text: string, input: Readonly<Record<string, unknown>>): URL {
  const url = new URL(text)
  const fixed = new Set(url.searchParams.keys())
  for (const [name, value] of Object.entries(input)) {
    if (fixed.has(name)) continue
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined) url.searchParams.append(name, inQuery(item))
    }
  }
  return url
}

function inQuery(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
