import { z } from 'zod'
import { CallError, ProviderError } from '../errors.ts'
import { ParleyError } from './parley-client.ts'

/** A tool's answer is read by a model: what was refused is told it as a sentence, not thrown. */
export const Refused = z.object({
  success: z.literal(false),
  code: z.string(),
  error: z.string().describe('What was wrong, and what to do'),
})
export type Refused = z.infer<typeof Refused>

/** The answer of `run`, or why there is none. Faults of our own are thrown. */
export async function orRefused<Answer>(run: () => Promise<Answer>): Promise<Answer | Refused> {
  try {
    return await run()
  } catch (error) {
    if (!(
      error instanceof ParleyError ||
      error instanceof ProviderError ||
      error instanceof CallError
    ))
      throw error
    return { success: false, code: error.code, error: error.message }
  }
}
