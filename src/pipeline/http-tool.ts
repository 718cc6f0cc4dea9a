import type { ToolPolicy } from './tool-policy.ts'
import type { ToolDefinition } from './tools.ts'

/** A tool of the user's own: an HTTP endpoint that answers during the call. */
export type HttpTool = ToolDefinition &
  ToolPolicy & {
    /** http or https, without user or password. */
    readonly url: string
    /** POST sends the arguments as JSON, GET as query parameters. */
    readonly method: 'GET' | 'POST'
    readonly headers: Readonly<Record<string, string>>
    /** Header name → name of a secret of the server. */
    readonly secretHeaders: Readonly<Record<string, string>>
    /** JSON schema that the answer must fit. */
    readonly resultSchema?: Readonly<Record<string, unknown>> | undefined
    /** For the whole exchange, from the first attempt to connect to the last byte. */
    readonly timeoutMs: number
  }

/** Why a tool gave no answer. */
export type HttpToolFailure =
  | 'timeout' // it did not answer in time
  | 'unreachable' // no connection, or one that was lost
  | 'rejected' // it does not take these arguments, or knows nothing about them
  | 'busy' // it was asked too often
  | 'broken' // it had an error of its own
  | 'unreadable' // its answer is no text, not the JSON it claims to be, or points elsewhere
  | 'too_long' // its answer is longer than we read
  | 'not_set_up' // a secret is missing or wrong, or the address is not allowed
  | 'aborted' // the call was over first

export type HttpToolAnswer =
  /** `text`: the body as it came. `value`: the same parsed, where it is JSON; otherwise the text again. */
  | { readonly ok: true; readonly text: string; readonly value: unknown }
  | { readonly ok: false; readonly failure: HttpToolFailure }

/** Asks the endpoint of a tool, once; it never rejects. */
export interface HttpToolRunner {
  run(
    tool: HttpTool,
    input: Readonly<Record<string, unknown>>,
    options: { signal: AbortSignal },
  ): Promise<HttpToolAnswer>
}
