/** One thing that is wrong with a request. `received` is absent when there was nothing. */
export type InvalidField = {
  readonly field: string
  readonly expected: string
  readonly received?: unknown
}

/** An issue of a zod schema, as the type provider hands it to Fastify. */
export type ValidationIssue = {
  readonly keyword: string
  readonly instancePath: string
  readonly message?: string
  readonly params: Readonly<Record<string, unknown>>
}

const MAX_SHOWN_CHARS = 80

/** What is wrong, field by field; an unknown field is one of its own. */
export function invalidFields(issues: readonly ValidationIssue[], input: unknown): InvalidField[] {
  return issues.flatMap((issue) => {
    const path = issue.instancePath.split('/').filter((key) => key !== '')
    const { keys } = issue.params
    if (issue.keyword === 'unrecognized_keys' && Array.isArray(keys)) {
      return keys.map((key) => describe([...path, String(key)], 'no such field', input))
    }
    return [describe(path, expectation(issue.message ?? ''), input)]
  })
}

/** The first problem in words, and how many more there are. */
export function summarize(fields: readonly InvalidField[]): string {
  const [first, ...others] = fields
  if (!first) return 'the request is not valid'
  const received = 'received' in first ? `got ${JSON.stringify(first.received)}` : 'it is missing'
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return `${first.field}: expected ${first.expected}; ${received}${more}`
}

/** zod says "Invalid input: expected string, received number"; our own messages say only what is expected. */
function expectation(message: string): string {
  return message.replace(/^[^:]*: expected /, '').replace(/, received .*$/, '')
}

function describe(path: readonly string[], expected: string, input: unknown): InvalidField {
  const value = path.reduce(valueAt, input)
  const field = path.length === 0 ? 'body' : path.join('.')
  return value === undefined || value === null
    ? { field, expected }
    : { field, expected, received: shorten(value) }
}

function valueAt(container: unknown, key: string): unknown {
  if (typeof container !== 'object' || container === null) return undefined
  return Object.getOwnPropertyDescriptor(container, key)?.value
}

function shorten(value: unknown): unknown {
  if (typeof value === 'string' && value.length > MAX_SHOWN_CHARS) {
    return `${value.slice(0, MAX_SHOWN_CHARS)}…`
  }
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : value
}
