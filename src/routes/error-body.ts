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
  .meta({
    title: 'Error',
    examples: [
      {
        error: {
          code: 'call_not_found',
          message: 'no such call',
          details: { call_id: 'call_01kafx3w5tq8r2m4n6p7s9v1x3y5' },
        },
      },
    ],
  })
/** The database is away; calls go on without it. */
export const StoreAway = ErrorBody.meta({
  description: 'What is kept cannot be reached at the moment; `retry-after` says when to try again',
})

export type ErrorBody = z.infer<typeof ErrorBody>

export function errorBody(code: string, message: string, details?: unknown): ErrorBody {
  return { error: { code, message, ...(details === undefined ? {} : { details }) } }
}
