import { z } from 'zod'
import { BLAMED, type CallOutcome, DISPOSITIONS } from './outcome.ts'

/** What came out of a call, as everybody outside sees it: snake_case, and null for what there is not. */
export const OutcomeView = z
  .object({
    disposition: z.enum(DISPOSITIONS).meta({ description: 'What came of the call, in one word' }),
    failed_by: z.enum(BLAMED).nullable().meta({ description: 'Of `failed`: whose fault it is' }),
    callback_at: z
      .string()
      .nullable()
      .meta({ description: 'Of `callback_requested`: when, in the words of the call' }),
    refused: z
      .boolean()
      .meta({ description: 'Of `completed`: the person did not want what the call was for' }),
    summary: z.string().nullable().meta({ description: 'Two sentences' }),
    data: z
      .unknown()
      .meta({ description: 'What the `outcome_schema` of the spec asks for; or null' }),
    turns: z.record(z.string(), z.int()).meta({
      description: 'Field of `data` → the turn of `transcript` that it rests on, counted from 0',
    }),
    unknown: z.array(z.string()).meta({
      description: 'Fields of the `outcome_schema` that the call says nothing about',
    }),
    problems: z.array(z.string()).meta({ description: 'Why something is missing' }),
  })
  .meta({ title: 'Outcome' })

export function outcomeViewOf(outcome: CallOutcome): z.infer<typeof OutcomeView> {
  return {
    disposition: outcome.disposition,
    failed_by: outcome.failedBy ?? null,
    callback_at: outcome.callbackAt ?? null,
    refused: outcome.refused ?? false,
    summary: outcome.summary ?? null,
    data: outcome.data ?? null,
    turns: outcome.turns,
    unknown: [...outcome.unknown],
    problems: [...outcome.problems],
  }
}
