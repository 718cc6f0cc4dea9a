import type { CallRecord } from '../calls/record.ts'

/** Records as JSON: times are milliseconds since 1970, everything else is as it is in memory. */

type DateFields = {
  [Field in keyof CallRecord]-?: Extract<CallRecord[Field], Date> extends never ? never : Field
}[keyof CallRecord]

/** A time of the record that is missing here, or a name that is none, does not compile. */
const DATES: { readonly [Field in DateFields]: true } = {
  createdAt: true,
  answeredAt: true,
  endedAt: true,
}

type Said = Pick<CallRecord, 'turns' | 'notes' | 'messageLeft'>

/** A record in two parts: what was said, which may be forgotten earlier, and the rest. */
export type RecordJson = { readonly details: string; readonly said: string | null }

export function recordToJson(record: CallRecord): RecordJson & { readonly said: string } {
  const { turns, notes, messageLeft, ...details } = record
  return {
    details: JSON.stringify(withDatesAs(details, (value) => (value as Date).getTime())),
    said: JSON.stringify({ turns, notes, messageLeft }),
  }
}

/** The JSON is our own: what is in it has the types that were written. */
export function recordFromJson({ details, said }: RecordJson): CallRecord {
  const rest = JSON.parse(details) as Record<string, unknown>
  const nothing: Said = { turns: [], notes: [] }
  return {
    ...(withDatesAs(rest, (value) => new Date(value as number)) as Omit<CallRecord, keyof Said>),
    ...(said === null ? nothing : (JSON.parse(said) as Said)),
  }
}

function withDatesAs(
  fields: Readonly<Record<string, unknown>>,
  change: (value: unknown) => unknown,
): Record<string, unknown> {
  const changed: Record<string, unknown> = { ...fields }
  for (const name of Object.keys(DATES)) {
    if (changed[name] !== undefined) changed[name] = change(changed[name])
  }
  return changed
}
