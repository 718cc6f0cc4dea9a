import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rule } from '../../../src/calls/outcome/disposition.ts'
import { formFor, readForm } from '../../../src/calls/outcome/outcome-form.ts'
import { askFor } from '../../../src/calls/outcome/outcome-schema.ts'
import { CallOutcome } from '../../../src/calls/outcome/outcome.ts'
import { compileSchema, inputSchemaProblem } from '../../../src/pipeline/tool-schema.ts'
import { endedCall } from './ended-call.ts'

const asked = askFor({
  type: 'object',
  properties: {
    confirmed: { type: 'boolean' },
    time: { type: 'string' },
    mood: { enum: ['good', 'bad', 'unknown'] },
    note: { type: ['string', 'null'] },
  },
  required: ['confirmed', 'time'],
})
const record = endedCall()
const ruling = rule(record)
const read = (answer: unknown) => readForm(answer, { ruling, asked, turns: record.turns.length })
const told = { summary: ' They come. All is well. ', disposition: 'completed', refused: false }

describe('the form about a call', () => {
  it('is one that the vendor takes, and asks only for what is open', () => {
    const { schema } = formFor(record, ruling, asked)
    expect(inputSchemaProblem(schema)).toBeUndefined()
    expect(schema['required']).toEqual(['summary', 'disposition', 'refused', 'callback_at', 'data'])
    const settled = endedCall({ optedOut: true })
    expect(formFor(settled, rule(settled), undefined).schema['required']).toEqual(['summary'])
  })

  it('is read with the turns that its answers rest on', () => {
    const answer = {
      ...told,
      callback_at: null,
      data: {
        confirmed: { value: true, turn: 1 },
        time: { value: 'Thursday', turn: 0 },
        mood: 'unknown',
        note: { value: null, turn: 1 },
      },
    }
    expect(compileSchema(formFor(record, ruling, asked).schema)(answer)).toBeUndefined()
    expect(read(answer)).toEqual({
      summary: 'They come. All is well.',
      finding: { disposition: 'completed' },
      problems: [],
      data: {
        data: { confirmed: true, time: 'Thursday', note: null },
        turns: { confirmed: 1, time: 0, note: 1 },
        unknown: ['mood'],
        problems: [],
      },
    })
  })

  it('takes a turn that does not exist for no source, and the value for what it is', () => {
    const data = (turn: unknown) => ({ confirmed: { value: true, turn } })
    for (const turn of [4, -1, 1.5, '1', null, undefined]) {
      expect(read({ ...told, data: data(turn) }).data).toEqual({
        data: { confirmed: true },
        turns: {},
        unknown: ['time', 'mood', 'note'],
        problems: [],
      })
    }
  })

  it('knows the many ways of saying that something is unknown', () => {
    const data = {
      confirmed: { value: 'unknown', turn: 0 },
      time: { value: 'unknown', turn: 0 },
      mood: { value: 'unknown', turn: 0 },
      note: null,
    }
    // A mood may be unknown by the user's own choice, and a note may be null.
    expect(read({ ...told, data }).data).toMatchObject({
      data: { mood: 'unknown', note: null },
      unknown: ['confirmed', 'time'],
    })
    expect(read({ ...told, data: { time: { value: null, turn: 0 } } }).data).toMatchObject({
      unknown: ['confirmed', 'time', 'mood', 'note'],
    })
  })

  it('takes a bare value', () => {
    expect(read({ ...told, data: { confirmed: false } }).data).toMatchObject({
      data: { confirmed: false },
      turns: {},
    })
  })

  it('says what cannot be used', () => {
    const answer = { summary: '', disposition: 'great', data: { confirmed: { value: 3, turn: 0 } } }
    const { finding, summary, problems, data } = read(answer)
    expect([finding, summary]).toEqual([undefined, undefined])
    expect(problems).toEqual([
      'summary must be a text',
      'disposition must be one of completed, wrong_number, callback_requested',
    ])
    expect(data).toEqual({
      turns: {},
      unknown: [],
      problems: ['data: confirmed must be boolean'],
    })
  })

  it.each([
    [
      { disposition: 'completed', refused: true },
      { disposition: 'completed', refused: true },
    ],
    [{ disposition: 'completed', refused: 'so' }, { disposition: 'completed' }],
    [
      { disposition: 'callback_requested', callback_at: 'Monday', refused: true },
      { disposition: 'callback_requested', callbackAt: 'Monday' },
    ],
    [
      { disposition: 'callback_requested', callback_at: null },
      { disposition: 'callback_requested' },
    ],
    [{ disposition: 'wrong_number', callback_at: 'x' }, { disposition: 'wrong_number' }],
  ])('reads %j as %j', (answer, finding) => {
    expect(read({ summary: 'x', ...answer }).finding).toEqual(finding)
  })

  it('makes an outcome that can be kept, and data that fits, of whatever a model answers', () => {
    const fits = compileSchema({
      type: 'object',
      properties: {
        confirmed: { type: 'boolean' },
        time: { type: 'string' },
        mood: { enum: ['good', 'bad', 'unknown'] },
        note: { type: ['string', 'null'] },
      },
    })
    const value = fc.oneof(fc.boolean(), fc.string(), fc.constant('unknown'), fc.jsonValue())
    const answerTo = fc.oneof(
      value,
      fc.record({ value, turn: fc.oneof(fc.nat(9), fc.jsonValue()) }),
    )
    const answers = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          summary: fc.oneof(fc.string(), fc.jsonValue()),
          disposition: fc.oneof(fc.constantFrom('completed', 'callback_requested'), fc.string()),
          callback_at: fc.jsonValue(),
          refused: fc.jsonValue(),
          data: fc.oneof(
            fc.jsonValue(),
            fc.record(
              { confirmed: answerTo, time: answerTo, mood: answerTo, note: answerTo },
              { requiredKeys: [] },
            ),
          ),
        },
        { requiredKeys: [] },
      ),
    )
    fc.assert(
      fc.property(answers, (answer) => {
        const { data, finding = ruling.finding, summary } = read(answer)
        const outcome = { ...finding, ...(summary && { summary }), ...data }
        expect(CallOutcome.parse(JSON.parse(JSON.stringify(outcome)))).toEqual(outcome)
        if (data.problems.length > 0) expect(data.data).toBeUndefined()
        else expect(fits(data.data)).toBeUndefined()
        for (const [field, turn] of Object.entries(data.turns)) {
          expect(data.data).toHaveProperty(field)
          expect(record.turns[turn]).toBeDefined()
          expect(data.unknown).not.toContain(field)
        }
      }),
    )
  })
})
