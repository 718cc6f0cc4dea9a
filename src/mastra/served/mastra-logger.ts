import type { LoggerTransport } from '@mastra/core/logger'
import { PinoLogger } from '@mastra/loggers'

type Level = NonNullable<NonNullable<ConstructorParameters<typeof PinoLogger>[0]>['level']>

/** As our levels are called there. */
const LEVELS: Readonly<Record<string, Level>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'error',
  silent: 'silent',
}

/** What may be in a line whatever it is about: ids, names of ours, figures. */
const PLAIN = new Set([
  'agentId',
  'agentName',
  'code',
  'component',
  'domain',
  'category',
  'duration',
  'finishReason',
  'id',
  'modelId',
  'name',
  'provider',
  'runId',
  'status',
  'statusCode',
  'stepId',
  'toolName',
  'type',
  'workflowId',
])

/**
 * The logger of Mastra's parts: one line of JSON each, as ours are. Mastra logs whole prompts, what tools were asked, and errors that hold
 * the request they are of; without `showPii`, only ids, names and figures are left of a line's fields, and the kind of an error.
 *
 * @param options.transport where the lines go; default: standard output
 */
export function mastraLogger(options: {
  /** Of ours. */
  readonly level: string
  readonly showPii: boolean
  readonly transport?: LoggerTransport
}): PinoLogger {
  const { level, showPii, transport } = options
  return new PinoLogger({
    name: 'mastra',
    level: LEVELS[level] ?? 'info',
    prettyPrint: false,
    ...(transport && { overrideDefaultTransports: true, transports: { default: transport } }),
    ...(!showPii && { formatters: { log: plainFields }, serializers: { err: plainError } }),
  })
}

function plainFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
      if (value instanceof Error || name === 'error' || name === 'err') {
        return [[name, plainError(value)]]
      }
      return [[name, PLAIN.has(name) && isPlain(value) ? value : '[redacted]']]
    }),
  )
}

/** The kind of an error; its message may quote what was said. */
function plainError(error: unknown): object {
  if (typeof error !== 'object' || error === null) return { type: typeof error }
  const { name, id, code, statusCode, cause } = error as Record<string, unknown>
  const known = Object.entries({ type: name, id, code, statusCode })
  return {
    ...Object.fromEntries(known.filter(([, value]) => isPlain(value))),
    ...(cause instanceof Error && { cause: plainError(cause) }),
  }
}

const MAX_PLAIN_CHARS = 100

function isPlain(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= MAX_PLAIN_CHARS
  return typeof value === 'number' || typeof value === 'boolean'
}
