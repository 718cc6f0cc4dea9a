import { describe, expect, it } from 'vitest'
import { findOutcome, withoutModel } from '../../../src/calls/outcome/find-outcome.ts'
import { DISPOSITIONS } from '../../../src/calls/outcome/outcome.ts'
import type { CallRecord } from '../../../src/calls/record.ts'
import { ProviderError } from '../../../src/errors.ts'
import type { Form } from '../../../src/pipeline/form.ts'
import { endedCall, turnsOf } from './ended-call.ts'

const { signal } = new AbortController()
const schema = {
  type: 'object',
  properties: { confirmed: { type: 'boolean' }, time: { type: 'string' } },
  required: ['confirmed'],
}
const told = { summary: 'They come. All is well.', disposition: 'completed', refused: false }
const yes = { confirmed: { value: true, turn: 1 }, time: 'unknown' }

const refused = (code: 'rejected' | 'unavailable', vendorCode = '400') =>
  new ProviderError('claude failed', { provider: 'anthropic', code, vendorCode })

/** Gives these answers in turn, and remembers what it was asked. */
function filling(...answers: unknown[]) {
  const forms: Form[] = []
  const filler = {
    fill: (form: Form) => {
      forms.push(form)
      const answer = answers.shift()
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    },
  }
  const find = (record: CallRecord) => findOutcome(record, { filler, signal })
  return { find, forms, left: answers }
}

describe('finding out what came of a call', () => {
  it('takes one question', async () => {
    const { find, forms } = filling({ ...told, data: yes })
    expect(await find(endedCall({}, { outcomeSchema: schema }))).toEqual({
      disposition: 'completed',
      summary: 'They come. All is well.',
      data: { confirmed: true },
      turns: { confirmed: 1 },
      unknown: ['time'],
      problems: [],
    })
    expect(forms).toHaveLength(1)
    expect(forms[0]?.rejected).toBeUndefined()
  })

  it('takes a second question, with what was wrong, and no third', async () => {
    const wrong = { ...told, data: { confirmed: { value: 'so', turn: 1 } } }
    const once = filling(wrong, { ...told, data: yes })
    expect(await once.find(endedCall({}, { outcomeSchema: schema }))).toMatchObject({
      data: { confirmed: true },
      problems: [],
    })
    expect(once.forms[1]?.rejected).toEqual({
      answer: wrong,
      problems: ['data: confirmed must be boolean'],
    })

    const twice = filling(wrong, wrong, { ...told, data: yes })
    expect(await twice.find(endedCall({}, { outcomeSchema: schema }))).toEqual({
      disposition: 'completed',
      summary: 'They come. All is well.',
      turns: {},
      unknown: [],
      problems: ['data: confirmed must be boolean'],
    })
    expect(twice.forms).toHaveLength(2)
  })

  it('keeps of two half answers what each had right', async () => {
    const { find } = filling(
      { summary: '', disposition: 'wrong_number', data: yes },
      { summary: 'Not him. Sorry.', disposition: 'nonsense', data: { confirmed: 7 } },
    )
    expect(await find(endedCall({}, { outcomeSchema: schema }))).toEqual({
      disposition: 'wrong_number',
      summary: 'Not him. Sorry.',
      data: { confirmed: true },
      turns: { confirmed: 1 },
      unknown: ['time'],
      problems: [],
    })
  })

  it('leaves what the record says to the record', async () => {
    const { find, forms } = filling({ summary: 'No more calls. Noted.', disposition: 'completed' })
    expect(await find(endedCall({ optedOut: true }))).toMatchObject({
      disposition: 'opted_out',
      summary: 'No more calls. Noted.',
    })
    expect(Object.keys(forms[0]?.schema['properties'] ?? {})).toEqual(['summary'])
  })

  it('asks nobody about a call without words', async () => {
    const { find, forms } = filling()
    const goodbye = endedCall({ status: 'busy', endReason: 'not_answered', turns: turnsOf('end') })
    const outcome = await find(goodbye)
    expect(outcome).toEqual({
      disposition: 'busy',
      summary: 'The line was busy. There was no conversation.',
      turns: {},
      unknown: [],
      problems: [],
    })
    expect(forms).toEqual([])
  })

  it('does without the data when the vendor does not take their schema', async () => {
    const { find, forms } = filling(refused('rejected'), told)
    expect(await find(endedCall({}, { outcomeSchema: schema }))).toEqual({
      disposition: 'completed',
      summary: 'They come. All is well.',
      turns: {},
      unknown: [],
      problems: ['outcome_schema: claude failed'],
    })
    expect(forms[1]?.schema['properties']).not.toHaveProperty('data')
  })

  it('does without the data when their schema cannot be used', async () => {
    const { find } = filling(told)
    const broken = { type: 'object', properties: { a: { $ref: '#/$defs/gone' } } }
    const outcome = await find(endedCall({}, { outcomeSchema: broken }))
    expect(outcome).toMatchObject({ summary: 'They come. All is well.' })
    expect(outcome.problems).toEqual([
      "outcome_schema cannot be used: can't resolve reference #/$defs/gone from id #",
    ])
    expect(outcome.data).toBeUndefined()
  })

  it('says so when the model cannot be asked', async () => {
    await expect(filling(refused('unavailable')).find(endedCall())).rejects.toThrow('claude failed')
    await expect(filling(refused('rejected')).find(endedCall())).rejects.toThrow('claude failed')
  })
})

describe('an outcome without the model', () => {
  it('claims nothing about a conversation that nobody has read', () => {
    expect(withoutModel(endedCall(), refused('unavailable', '529'))).toEqual({
      disposition: 'completed',
      turns: {},
      unknown: [],
      problems: ['anthropic failed (unavailable:529)'],
    })
  })

  it('has two sentences for every kind of call without one', () => {
    const calls: Partial<CallRecord>[] = [
      { status: 'failed' },
      { status: 'busy' },
      { optedOut: true },
      { transferredTo: 'the desk' },
      { messageLeft: 'Hi' },
      { answeredBy: 'voicemail' },
      { answeredBy: 'screening' },
      { answeredBy: 'ivr' },
      { answeredBy: 'fax' },
      { turns: turnsOf('end done') },
      { turns: turnsOf('end not_now') },
    ]
    const found = calls.map((change) => withoutModel(endedCall({ turns: [], ...change })))
    for (const { disposition, summary } of found) {
      expect(DISPOSITIONS).toContain(disposition)
      expect(summary).toMatch(/^[A-Z].*\. [A-Z].*\.$/)
    }
  })
})
