import { compileSchema, type SchemaCheck } from '../../pipeline/tool-schema.ts'

type Schema = Readonly<Record<string, unknown>>

/** Name of the one field of a schema that is not of an object with named properties. */
const WHOLE = 'answer'

/** A user's `outcome_schema`, taken apart: what it asks for, and how to ask a model for it. */
export type AskedFor = {
  /** Names of its fields; only `answer` when it is not of an object with named properties. */
  readonly fields: readonly string[]
  /** What the values make together: what the user has asked for. */
  join(values: ReadonlyMap<string, unknown>): unknown
  /** JSON schema of the answers: each field with the turn that it rests on, or `unknown`. */
  readonly answers: Schema
  /** What the answers refer to, for the root of the schema that they become part of. */
  readonly definitions: Schema
  /** Whether the values of all fields but the unknown ones fit, together and each by itself. Undefined: they do. */
  check(values: ReadonlyMap<string, unknown>): readonly string[]
  /** Whether a value could stand in this field. */
  allows(field: string, value: unknown): boolean
}

/** Where the user's schema stands in the one that is made of it. */
const HOME = 'outcome_schema'

/**
 * @param schema one that `schemaProblem` has passed
 * @throws {Error} when it cannot be compiled
 */
export function askFor(schema: Schema): AskedFor {
  const properties = propertiesOf(schema)
  const hasFields = properties !== undefined && Object.keys(properties).length > 0
  const named = hasFields ? properties : { [WHOLE]: schema }
  const fields = Object.keys(named)
  const answers = Object.entries(named).map(([name, field]) => [name, answerTo(field)] as const)
  const one = once(() => (hasFields ? checkOfFields(schema) : compileSchema(schema)))
  const fits = (field: string, value: unknown) => one()(hasFields ? { [field]: value } : value)
  return {
    fields,
    join: (values) => (hasFields ? Object.fromEntries(values) : values.get(WHOLE)),
    answers: objectOf(Object.fromEntries(answers), hasFields ? titleOf(schema) : {}),
    definitions: JSON.stringify(schema).includes('"$ref"') ? { [HOME]: moved(schema) } : {},
    check: (values) => {
      const problem = hasFields
        ? compileSchema(withRequired(schema, values))(Object.fromEntries(values))
        : values.has(WHOLE) && one()(values.get(WHOLE))
      if (!problem) return []
      const each = Array.from(values, ([field, value]) => fits(field, value))
      return [...new Set([problem, ...each.filter((found) => found !== undefined)])]
    },
    allows: (field, value) => fits(field, value) === undefined,
  }
}

/** The properties of an object's schema. Its other keywords, if any, are checked when all of it is there. */
function propertiesOf({ properties }: Schema): Schema | undefined {
  return isObject(properties) ? properties : undefined
}

function answerTo(field: unknown): Schema {
  return {
    anyOf: [
      {
        type: 'object',
        properties: {
          value: moved(field),
          turn: { type: 'integer', description: 'Number of the turn that shows it' },
        },
        required: ['value', 'turn'],
        additionalProperties: false,
      },
      { type: 'string', const: 'unknown' },
    ],
  }
}

function objectOf(properties: Schema, more: Schema = {}): Schema {
  const required = Object.keys(properties)
  return { type: 'object', ...more, properties, required, additionalProperties: false }
}

function titleOf({ title, description }: Schema): Schema {
  return {
    ...(typeof title === 'string' && { title }),
    ...(typeof description === 'string' && { description }),
  }
}

/** What is unknown is not missing. */
function withRequired(schema: Schema, values: ReadonlyMap<string, unknown>): Schema {
  const { required } = schema
  if (!Array.isArray(required)) return schema
  return { ...schema, required: required.filter((name: unknown) => values.has(String(name))) }
}

/** A check of single fields, each in an object of its own. */
function checkOfFields(schema: Schema): SchemaCheck {
  const kept = ['$schema', '$defs', 'definitions', 'properties']
  const alone = Object.entries(schema).filter(([keyword]) => kept.includes(keyword))
  try {
    return compileSchema(Object.fromEntries(alone))
  } catch {
    // It refers to a part that says how fields go together.
    return compileSchema(withRequired(schema, new Map()))
  }
}

/** A part of the schema whose references into the whole still lead there from its new place. */
function moved(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(moved)
  if (!isObject(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema)
      // A name of its own would make references start there.
      .filter(([keyword, value]) => !(keyword === '$id' && typeof value === 'string'))
      .filter(([keyword, value]) => !(keyword === '$schema' && typeof value === 'string'))
      .map(([keyword, value]) => [
        keyword,
        keyword === '$ref' && typeof value === 'string'
          ? value.replace(/^#(?=\/|$)/, `#/$defs/${HOME}`)
          : moved(value),
      ]),
  )
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function once(make: () => SchemaCheck): () => SchemaCheck {
  let made: SchemaCheck | undefined
  return () => (made ??= make())
}
