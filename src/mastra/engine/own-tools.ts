import type { createAnthropic } from '@ai-sdk/anthropic'
import type { ToolDefinition } from '../../pipeline/tools.ts'

type Model = ReturnType<ReturnType<typeof createAnthropic>>
type CallOptions = Parameters<Model['doStream']>[0]

/**
 * A model that is told of tools in their own schemas. Mastra rewrites them for the vendor on their way: patterns and limits become
 * prose, a union of types a list of schemas.
 */
export function withOwnTools(model: Model, tools: readonly ToolDefinition[]): Model {
  const schemas = new Map(tools.map(({ name, inputSchema }) => [name, inputSchema]))
  const withSchemas = (options: CallOptions): CallOptions => ({
    ...options,
    ...(options.tools && {
      tools: options.tools.map((tool) => {
        const inputSchema = tool.type === 'function' ? schemas.get(tool.name) : undefined
        return inputSchema ? { ...tool, inputSchema } : tool
      }),
    }),
  })
  return {
    specificationVersion: model.specificationVersion,
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    doGenerate: (options) => model.doGenerate(withSchemas(options)),
    doStream: (options) => model.doStream(withSchemas(options)),
  }
}
