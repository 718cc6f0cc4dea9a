import type { IncomingMessage, ServerResponse } from 'node:http'
import { noopLogger } from '@mastra/core/logger'
import { createTool, type ToolExecutionContext } from '@mastra/core/tools'
import { MCPServer } from '@mastra/mcp'
import { createCallTools } from '../call-tools.ts'
import type { ParleyClient } from '../parley-client.ts'

/** MCP's clients give an answer up after a minute, unless they are told otherwise. */
const WAIT_S = 45
const PATH = '/mcp'

const INSTRUCTIONS =
  'Places phone calls by an AI agent that talks with the person. start-phone-call rings the number and returns a callId at once; ' +
  'wait-for-call waits for the end of the call, for up to timeoutS: ask again while isOver is false. get-call tells how it stands, ' +
  'hang-up-call ends it.'

/**
 * The call tools, for any MCP client: revisions of the protocol from 2024-10-07 to 2025-11-25, over streamable HTTP without sessions, so that
 * a client survives our restart. Each answer is a stream of its own: nothing that the client waits for looks like a dead connection.
 */
export class CallsOverMcp {
  readonly #server: MCPServer
  readonly #closing = new AbortController()

  constructor(phone: ParleyClient, version: string) {
    const tools = Object.values(createCallTools(phone, { waitS: WAIT_S })).map(
      (tool) => [tool.id, this.#stoppable(tool as CallTool)] as const,
    )
    this.#server = new MCPServer({
      id: 'parley',
      name: 'Parley',
      version,
      instructions: INSTRUCTIONS,
      tools: Object.fromEntries(tools),
    })
    // Mastra's own prints what tools were asked and what they have answered.
    this.#server.__setLogger(noopLogger)
  }

  /** Answers one request; `body` is what has been read of it. */
  async handle(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void> {
    await this.#server.startHTTP({
      url: new URL(PATH, 'http://localhost'),
      httpPath: PATH,
      req: Object.assign(request, { body }),
      res: response,
      options: { serverless: true, serverlessStreaming: true },
    })
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'))
    await this.#server.close()
  }

  /**
   * A tool that ends when its caller goes, or the server does. Its result is told as text: a schema of what it returns is one of
   * several in MCP's eyes, which takes only one.
   */
  #stoppable({ id, description, inputSchema, execute }: CallTool) {
    return createTool({
      id,
      description,
      inputSchema,
      execute: (input, context) =>
        execute(input, {
          ...context,
          abortSignal: AbortSignal.any([
            this.#closing.signal,
            context.mcp?.extra.signal ?? this.#closing.signal,
          ]),
        }),
    })
  }
}

type CallTool = {
  readonly id: string
  readonly description: string
  readonly inputSchema: NonNullable<ReturnType<typeof createTool>['inputSchema']>
  readonly execute: (input: unknown, context: ToolExecutionContext) => Promise<unknown>
}
