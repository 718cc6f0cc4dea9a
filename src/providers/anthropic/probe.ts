import type Anthropic from '@anthropic-ai/sdk'
import { toProviderError } from './failure.ts'
import { latencySettings } from './request.ts'

/**
 * Whether a model would answer: the same endpoint, with `max_tokens: 0`, which generates nothing and is billed for a word of
 * input. A list of models would be given by an API that is overloaded, or an account that is used up, as well.
 *
 * @throws {ProviderError} when it would not
 */
export async function probeModel(
  client: Anthropic,
  model: string,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  try {
    await client.messages.create(
      {
        model,
        max_tokens: 0,
        messages: [{ role: 'user', content: '(Are you there?)' }],
        ...latencySettings(model),
      },
      { signal },
    )
  } catch (error) {
    throw toProviderError(error)
  }
}
