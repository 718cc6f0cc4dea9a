import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { askFor } from '../../../src/calls/outcome/outcome-schema.ts'
import { compileSchema, schemaProblem } from '../../../src/pipeline/tool-schema.ts'

const appointment = {
  type: 'object',
  title: 'Appointment',
  properties: {
    confirmed: { type: 'boolean', description: 'Whether they come' },
    time: { type: 'string', minLength: 3 },
    party: { type: 'integer', minimum: 1 },
  },
  required: ['confirmed', 'time'],
  additionalProperties: false,
}

const tree = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://example.com/tree',
  type: 'object',
  properties: {
    root: { $ref: '#/$defs/node' },
    spare: { $ref: '#/properties/root' },
  },
  $defs: {
    node: {
      type: 'object',
      properties: { name: { type: 'string' }, child: { $ref: '#/$defs/node' } },
      required: ['name'],
    },
  },
}

const check = (schema: object, values: object) =>
  askFor({ ...schema }).check(new Map(Object.entries(values)))

describe('what a user wants to know about a call', () => {
  it('is asked for field by field, each with the turn that shows it, or unknown', () => {
    const { fields, answers, definitions } = askFor(appointment)
    expect(fields).toEqual(['confirmed', 'time', 'party'])
    expect(definitions).toEqual({})
    expect(answers).toMatchObject({
      type: 'object',
      title: 'Appointment',
      required: ['confirmed', 'time', 'party'],
      properties: {
        confirmed: {
          anyOf: [
            {
              type: 'object',
              required: ['value', 'turn'],
              properties: { value: appointment.properties.confirmed, turn: { type: 'integer' } },
            },
            { const: 'unknown' },
          ],
        },
      },
    })
  })

  it('may be unknown though it is required', () => {
    expect(check(appointment, { confirmed: true })).toEqual([])
    expect(check(appointment, {})).toEqual([])
  })

  it('must fit where it is known, and everything that does not is named', () => {
    expect(check(appointment, { confirmed: 'yes', time: 'x', party: 2 })).toEqual([
      'confirmed must be boolean',
      'time must NOT have fewer than 3 characters',
    ])
  })

  it('is held together by what its schema says of all of it', () => {
    const either = { ...appointment, oneOf: [{ required: ['time'] }, { required: ['party'] }] }
    expect(check(either, { time: 'noon' })).toEqual([])
    expect(check(either, { time: 'noon', party: 2 })).toEqual([
      'must match exactly one schema in oneOf',
    ])
  })

  it('may be anything else than an object with fields', () => {
    const asked = askFor({ enum: ['happy', 'angry'] })
    expect(asked.fields).toEqual(['answer'])
    expect(asked.check(new Map([['answer', 'angry']]))).toEqual([])
    expect(asked.check(new Map([['answer', 'bored']]))).toHaveLength(1)
    expect(asked.check(new Map())).toEqual([])
    expect(asked.join(new Map([['answer', 'angry']]))).toBe('angry')
    expect(asked.join(new Map())).toBeUndefined()
    expect(askFor({ type: 'object', additionalProperties: { type: 'string' } }).fields).toEqual([
      'answer',
    ])
  })

  it('may refer to parts of itself, also from where the model sees it', () => {
    expect(
      check(tree, { root: { name: 'a', child: { name: 'b' } }, spare: { name: 'c' } }),
    ).toEqual([])
    expect(check(tree, { root: { name: 'a', child: {} }, spare: { name: 'c' } })).toEqual([
      'root.child must have "name"',
    ])
    const { answers, definitions } = askFor(tree)
    const form = { type: 'object', properties: { data: answers }, $defs: definitions }
    expect(schemaProblem(form)).toBeUndefined()
    const fits = compileSchema(form)
    const known = (value: object) => ({ value, turn: 1 })
    expect(fits({ data: { root: known({ name: 'a' }), spare: 'unknown' } })).toBeUndefined()
    expect(
      fits({ data: { root: known({ name: 'a', child: {} }), spare: known({ name: 'b' }) } }),
    ).toBeDefined()
  })

  it('may refer to any part of itself', () => {
    const odd = {
      type: 'object',
      properties: { name: { $ref: '#/allOf/0/properties/name' } },
      allOf: [{ properties: { name: { type: 'string' } } }],
    }
    expect(check(odd, { name: 'a' })).toEqual([])
    expect(check(odd, { name: 1 })).toEqual(['name must be string'])
  })

  it('does not mistake a property for a keyword', () => {
    const odd = {
      type: 'object',
      properties: { $id: { type: 'string' }, properties: { type: 'object' } },
    }
    expect(askFor(odd).fields).toEqual(['$id', 'properties'])
    expect(check(odd, { $id: 'x', properties: {} })).toEqual([])
  })

  it('gives what fits back as it was, whatever fields it has', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { maxLength: 6 })
    fc.assert(
      fc.property(names, (fields) => {
        const properties = Object.fromEntries(fields.map((name) => [name, { type: 'integer' }]))
        const asked = askFor({ type: 'object', properties, required: fields })
        const values = new Map(fields.map((name, i) => [name, i]))
        expect(asked.check(values)).toEqual([])
        expect(asked.join(values) ?? {}).toEqual(Object.fromEntries(values))
      }),
      { numRuns: 40 },
    )
  })
})
