import { z } from 'zod'

/** Every answer that is not a success looks like this. `code` is stable; `message` is for people. */
export const ErrorBody = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      details: z.unknown().optional(),
    }),
  })
  .meta({ title: 'Error' })
export type ErrorBody = z.infer<typeof ErrorBody>

export function errorBody(code: string, message: string, details?: unknown): ErrorBody {
  return { error: { code, message, ...(details === undefined ? {} : { details }) } }
}
