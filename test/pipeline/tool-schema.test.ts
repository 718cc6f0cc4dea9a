import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileSchema, inputSchemaProblem, schemaProblem } from '../../src/pipeline/tool-schema.ts'

const booking = {
  type: 'object',
  properties: {
    day: { enum: ['Monday', 'Friday'] },
    guests: { type: 'integer', minimum: 1 },
    mail: { type: 'string', format: 'email' },
    items: { type: 'array', items: { type: 'object', required: ['id'] } },
  },
  required: ['day'],
  additionalProperties: false,
}

function nested(levels: number): object {
  return levels === 0 ? { type: 'string' } : { not: nested(levels - 1) }
}

describe('a schema that a user of the API gives', () => {
  it.each([
    ['an ordinary one', booking],
    ['an empty one', {}],
    ['one of draft 2020-12', { $schema: 'https://json-schema.org/draft/2020-12/schema' }],
    [
      'one of draft 07',
      {
        $schema: 'http://json-schema.org/draft-07/schema#',
        items: [{ type: 'string' }],
        definitions: { day: { type: 'string' } },
      },
    ],
    ['one with keywords of somebody else', { type: 'object', 'x-order': 1, example: {} }],
    ['one with a format that nobody knows', { type: 'string', format: 'iban' }],
    ['one that refers to itself', { $defs: { a: { type: 'string' } }, $ref: '#/$defs/a' }],
    ['one with an id', { $id: 'https://example.com/booking', type: 'object' }],
  ])('is taken: %s', (_, schema) => {
    expect(schemaProblem(schema)).toBeUndefined()
  })

  it.each([
    ['no object', ['object'], /must be a JSON object/],
    ['null', null, /must be a JSON object/],
    ['a word', 'object', /must be a JSON object/],
    ['an unknown type', { type: 'text' }, /no JSON schema: type/],
    ['a list for items', { type: 'array', items: [{}] }, /no JSON schema: items/],
    ['a broken pattern', { pattern: '(' }, /cannot be used: .*regular expression/i],
    ['a reference elsewhere', { $ref: 'https://example.com/x' }, /cannot be used: .*reference/],
    ['a reference to nothing', { $ref: '#/$defs/x' }, /cannot be used: .*reference/],
    ['another draft', { $schema: 'http://json-schema.org/draft-04/schema#' }, /only JSON schema/],
    ['an asynchronous one', { $async: true }, /\$async/],
    ['a long one', { description: 'x'.repeat(17_000) }, /longer than 16000/],
    ['a broad one', { enum: Array.from({ length: 1001 }, (_, i) => i) }, /more than 1000 values/],
    ['a deep one', nested(40), /nested deeper than 32/],
  ])('is refused: %s', (_, schema, problem) => {
    expect(schemaProblem(schema)).toMatch(problem)
  })

  it('is never worth more than a message, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (schema) => {
        expect(['string', 'undefined']).toContain(typeof schemaProblem(schema))
      }),
      { numRuns: 200 },
    )
  })

  it('costs little, even one that doubles with every reference', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => {
        const next = { $ref: `#/$defs/d${Math.min(i + 1, 59)}` }
        return [`d${i}`, i === 59 ? { type: 'string' } : { anyOf: [next, next] }]
      }),
    )
    const started = performance.now()
    expect(schemaProblem({ $defs, properties: { x: { $ref: '#/$defs/d0' } } })).toBeUndefined()
    // 2^60 copies of the last one would not end before the test does.
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

describe('the schema of a tool’s input', () => {
  it('is taken when it describes an object', () => {
    expect(inputSchemaProblem(booking)).toBeUndefined()
    expect(inputSchemaProblem({ type: 'object' })).toBeUndefined()
  })

  it.each([
    [{ type: 'array' }, /must be of type object/],
    [{}, /must be of type object/],
    [{ type: 'object', anyOf: [{ required: ['a'] }] }, /anyOf is not allowed at the top level/],
    [{ type: 'object', properties: { 'filter[id]': {} } }, /"filter\[id\]" must consist of/],
    [{ type: 'object', properties: { ['x'.repeat(65)]: {} } }, /must consist of 1 to 64/],
    [{ type: 'text' }, /no JSON schema/],
  ])('is refused when the model’s vendor would refuse it: %j', (schema, problem) => {
    expect(inputSchemaProblem(schema)).toMatch(problem)
  })
})

describe('a value checked against a schema', () => {
  const check = compileSchema(booking)

  it('fits', () => {
    expect(check({ day: 'Friday', guests: 2, mail: 'a@example.com' })).toBeUndefined()
  })

  it.each([
    [{}, 'must have "day"'],
    [{ day: 'Sunday' }, 'day must be one of "Monday", "Friday"'],
    [{ day: 'Friday', guests: '2' }, 'guests must be integer'],
    [{ day: 'Friday', guests: 0 }, 'guests must be >= 1'],
    [{ day: 'Friday', mail: 'nobody' }, 'mail must match format "email"'],
    [{ day: 'Friday', items: [{ id: 1 }, {}] }, 'items.1 must have "id"'],
    [{ day: 'Friday', room: 1 }, 'must not have "room"'],
    ['Friday', 'must be object'],
  ])('%j: %s', (value, problem) => {
    expect(check(value)).toBe(problem)
  })

  it('does not take what every object has for an argument', () => {
    expect(compileSchema({ required: ['constructor'] })({})).toBe('must have "constructor"')
  })

  it('is checked by the rules of draft 07 where the schema says so', () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      items: [{ type: 'string' }, { type: 'number' }],
    }
    expect(compileSchema(schema)(['a', 1])).toBeUndefined()
    expect(compileSchema(schema)(['a', 'b'])).toBe('1 must be number')
  })
})
