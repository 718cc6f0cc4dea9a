import { ProviderError } from '../../errors.ts'
import type { Form, FormFiller } from '../../pipeline/form.ts'
import { failureOf } from '../../pipeline/session-end.ts'
import { schemaProblem } from '../../pipeline/tool-schema.ts'
import type { CallRecord } from '../record.ts'
import { type Ruling, rule } from './disposition.ts'
import { type Answers, formFor, readForm } from './outcome-form.ts'
import { askFor, type AskedFor } from './outcome-schema.ts'
import type { CallOutcome, Disposition } from './outcome.ts'

/**
 * Finds out what came of a call that is over: by the record as far as it says so, and for the rest by one question to the
 * model about the transcript, and a second one if the answer cannot be used. Without a transcript nobody is asked.
 *
 * @throws {ProviderError} when the model could not be asked; `withoutModel` is then all that is known
 */
export async function findOutcome(
  record: CallRecord,
  { filler, signal }: { readonly filler: FormFiller; readonly signal: AbortSignal },
): Promise<CallOutcome> {
  if (!hasWords(record)) return withoutModel(record)
  const ruling = rule(record)
  const { asked, problem } = whatIsAsked(record)
  const ask = (what: AskedFor | undefined) =>
    questions(record, { ruling, asked: what, filler, signal })
  try {
    return outcomeOf(ruling, await ask(asked), problem)
  } catch (error) {
    // The vendor refuses some schemas that are valid; the rest of the form it may still fill in.
    if (!asked || !(error instanceof ProviderError) || error.code !== 'rejected') throw error
    return outcomeOf(ruling, await ask(undefined), `outcome_schema: ${error.message}`)
  }
}

/** What is known of a call without reading its words; `error`: why they could not be read. */
export function withoutModel(record: CallRecord, error?: unknown): CallOutcome {
  const { finding } = rule(record)
  const failure = error === undefined ? undefined : failureOf(error)
  return {
    ...finding,
    ...(!hasWords(record) && { summary: PLAIN_SUMMARY[finding.disposition] }),
    turns: {},
    unknown: [],
    problems: failure ? [`${failure.by} failed (${failure.code})`] : [],
  }
}

function hasWords({ turns }: CallRecord): boolean {
  return turns.some(({ role }) => role !== 'tool')
}

/** What there is to say about a call in which nothing was said. */
const PLAIN_SUMMARY: Readonly<Record<Disposition, string>> = {
  completed: 'The call took place. Nothing was said in it that could be understood.',
  voicemail_left: 'Voicemail answered. A message was left.',
  voicemail_no_message: 'Voicemail answered. No message was left.',
  screened: 'An assistant answered and asked who is calling. Nobody came to the phone.',
  ivr_no_agent: 'A menu or a queue answered. Nobody came to the phone.',
  wrong_number: 'The number was not the right one. Nothing else was said.',
  callback_requested: 'The person had no time. They may be called again.',
  opted_out: 'The person does not want to be called again. Nothing else was said.',
  transferred: 'The person was handed over. Nothing else was said.',
  no_answer: 'Nobody answered. There was no conversation.',
  busy: 'The line was busy. There was no conversation.',
  failed: 'The call failed. There was no conversation.',
}

function whatIsAsked({ spec: { outcomeSchema } }: CallRecord): {
  readonly asked?: AskedFor
  readonly problem?: string
} {
  if (!outcomeSchema) return {}
  // Schemas are checked when a call is placed; this one comes from a record of another version.
  const problem = schemaProblem(outcomeSchema)
  return problem === undefined
    ? { asked: askFor(outcomeSchema) }
    : { problem: `outcome_schema ${problem}` }
}

/** Two questions at most. Of two answers that are both wrong the later one counts, with what the first had right. */
async function questions(
  record: CallRecord,
  call: {
    readonly ruling: Ruling
    readonly asked: AskedFor | undefined
    readonly filler: FormFiller
    readonly signal: AbortSignal
  },
): Promise<Answers> {
  const { ruling, asked, filler, signal } = call
  const form: Form = formFor(record, ruling, asked)
  const read = (answer: unknown) => readForm(answer, { ruling, asked, turns: record.turns.length })
  const answer = await filler.fill(form, { signal })
  const first = read(answer)
  const problems = problemsOf(first)
  if (problems.length === 0) return first
  const second = read(await filler.fill({ ...form, rejected: { answer, problems } }, { signal }))
  const isDataWorse = second.data.problems.length > 0 && first.data.problems.length === 0
  return {
    ...first,
    ...second,
    problems: first.problems.filter((problem) => second.problems.includes(problem)),
    ...(isDataWorse && { data: first.data }),
  }
}

function problemsOf({ problems, data }: Answers): readonly string[] {
  return [...problems, ...data.problems]
}

function outcomeOf(ruling: Ruling, answers: Answers, problem: string | undefined): CallOutcome {
  const { summary, finding = ruling.finding, data } = answers
  return {
    ...finding,
    ...(summary !== undefined && { summary }),
    ...data,
    problems: [...(problem === undefined ? [] : [problem]), ...problemsOf(answers)],
  }
}
