import { Ajv, type ErrorObject } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

/**
 * JSON schemas that users of the API write: for the arguments of their tools, and for what these answer.
 *
 * They come from people who may place calls, so they are trusted with a call but not with the process: size and depth are
 * bounded, nothing is loaded from elsewhere, and references are not expanded in place. What stays is that a `pattern`
 * may be one that takes very long on the wrong text; it is its author's own calls that then answer late.
 */

/** Ten times the longest that tools are known to need; compiling this much takes about 50 ms. */
const MAX_SCHEMA_CHARS = 16_000
const MAX_SCHEMA_VALUES = 1000
/** A compiler that recurses must not meet the end of its stack. */
const MAX_SCHEMA_DEPTH = 32

const OPTIONS = {
  // Unknown keywords and formats say something to the model, if not to us.
  strict: false,
  logger: false,
  inlineRefs: false,
  // Arguments called `constructor` and the like are arguments only when they were given.
  ownProperties: true,
  addUsedSchema: false,
} as const

/** Undefined: the value fits. Otherwise what is wrong with it, as a phrase. */
export type SchemaCheck = (value: unknown) => string | undefined

/**
 * Compiles a schema that `schemaProblem` has passed.
 *
 * @throws {Error} when it cannot be compiled
 */
export function compileSchema(schema: object): SchemaCheck {
  const settings = { ...OPTIONS, meta: false, validateSchema: false }
  const ajv = isDraft7(schema) ? new Ajv(settings) : new Ajv2020(settings)
  addFormats.default(ajv, { mode: 'fast' })
  const validate = ajv.compile(schema)
  return (value) => {
    if (validate(value)) return undefined
    const [error] = validate.errors ?? []
    return error === undefined ? 'they do not fit' : describe(error)
  }
}

/** What is wrong with a JSON schema, as a phrase for the one who wrote it; undefined when it can be used. */
export function schemaProblem(schema: unknown): string | undefined {
  if (!isObject(schema)) return 'must be a JSON object'
  const unwanted = sizeProblem(schema) ?? dialectProblem(schema)
  if (unwanted !== undefined) return unwanted
  try {
    const meta = isDraft7(schema) ? metaSchemas.draft7() : metaSchemas.draft2020()
    if (meta.validateSchema(schema) !== true) {
      const [error] = meta.errors ?? []
      return error === undefined ? 'is no JSON schema' : `is no JSON schema: ${describe(error)}`
    }
    compileSchema(schema)
    return undefined
  } catch (error) {
    return `cannot be used: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** The same for the input of a tool, where the model's vendor has rules of its own; one breach fails every reply. */
export function inputSchemaProblem(schema: unknown): string | undefined {
  const problem = schemaProblem(schema)
  if (problem !== undefined || !isObject(schema)) return problem
  const keywords = new Map<string, unknown>(Object.entries(schema))
  if (keywords.get('type') !== 'object') return 'must be of type object'
  // https://github.com/anthropics/claude-code/issues/27337
  const union = ['oneOf', 'anyOf', 'allOf'].find((keyword) => keywords.has(keyword))
  if (union !== undefined) return `${union} is not allowed at the top level`
  // https://github.com/n8n-io/n8n/issues/30590
  const properties = keywords.get('properties')
  const names = isObject(properties) ? Object.keys(properties) : []
  const wrong = names.find((name) => !/^[a-zA-Z0-9_.-]{1,64}$/.test(name))
  if (wrong === undefined) return undefined
  return `the property ${JSON.stringify(wrong.slice(0, 80))} must consist of 1 to 64 letters, digits, _, . and -`
}

/** Compiled on first use and kept, because that takes 20 ms; they hold no user's schema. */
const metaSchemas = {
  draft7: once(() => new Ajv(OPTIONS)),
  draft2020: once(() => new Ajv2020(OPTIONS)),
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function dialectProblem(schema: object): string | undefined {
  if ('$async' in schema) return '$async is not allowed'
  if (!('$schema' in schema) || isDraft7(schema)) return undefined
  const isDraft2020 = /draft\/2020-12\/schema#?$/.test(String(schema.$schema))
  return isDraft2020 ? undefined : 'only JSON schema drafts 2020-12 and 07 are understood'
}

function isDraft7(schema: object): boolean {
  return '$schema' in schema && /draft-07\/schema#?$/.test(String(schema.$schema))
}

function sizeProblem(schema: object): string | undefined {
  let values = 0
  const isTooDeep = (value: unknown, depth: number): boolean => {
    values++
    if (typeof value !== 'object' || value === null) return false
    if (depth > MAX_SCHEMA_DEPTH) return true
    return Object.values(value).some((inner) => isTooDeep(inner, depth + 1))
  }
  if (isTooDeep(schema, 1)) return `must not be nested deeper than ${MAX_SCHEMA_DEPTH} levels`
  if (values > MAX_SCHEMA_VALUES) return `must not hold more than ${MAX_SCHEMA_VALUES} values`
  if (JSON.stringify(schema).length > MAX_SCHEMA_CHARS) {
    return `must not be longer than ${MAX_SCHEMA_CHARS} characters`
  }
  return undefined
}

/** `day must be one of "Monday", "Friday"`: where, and what. */
function describe({ instancePath, keyword, message, params }: ErrorObject): string {
  const where = instancePath.slice(1).replaceAll('/', '.').slice(0, 100)
  const what = whatIsWrong(keyword, params) ?? message ?? 'does not fit'
  return where === '' ? what : `${where} ${what}`
}

/** Where Ajv's own message leaves out the very thing that one needs to know. */
function whatIsWrong(keyword: string, params: Readonly<Record<string, unknown>>) {
  switch (keyword) {
    case 'required':
      return `must have ${JSON.stringify(params['missingProperty'])}`
    case 'additionalProperties':
      return `must not have ${JSON.stringify(params['additionalProperty'])}`
    case 'enum':
      return `must be one of ${list(params['allowedValues'])}`
    default:
      return undefined
  }
}

function list(values: unknown): string {
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)).join(', ') : ''
}
