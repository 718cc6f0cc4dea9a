import { describe, expect, it } from 'vitest'
import { afterSpeaking } from '../../src/pipeline/after-speaking.ts'
import { compileSchema, inputSchemaProblem } from '../../src/pipeline/tool-schema.ts'
import {
  BUILT_IN_TOOL_NAMES,
  callTools,
  END_CALL,
  PRESS_KEYS,
  RECORD_OUTCOME,
  SWITCH_LANGUAGE,
  toolsFor,
} from '../../src/pipeline/tools.ts'

const lookUp = {
  name: 'look_up',
  description: 'Looks up a booking',
  inputSchema: { type: 'object' as const, properties: { day: { type: 'string' } } },
}
const everything = {
  direction: 'outbound',
  transferTargets: [
    { name: 'the front desk', when: 'The person asks for a human', phoneNumber: '+15551234567' },
    { name: 'Dr. Smith', phoneNumber: '+15557654321' },
  ],
  httpTools: [{ ...lookUp, url: 'https://tools.test/x', secretHeaders: { authorization: 'CRM' } }],
} as const

const names = (call: Parameters<typeof toolsFor>[0]) => toolsFor(call).map(({ name }) => name)

describe('the tools of a call', () => {
  it('begin with those that every call has, and end with the ones of the user', () => {
    expect(names(everything)).toEqual([
      'end_call',
      'record_outcome',
      'do_not_call_again',
      'switch_language',
      'keep_listening',
      'press_keys',
      'transfer_call',
      'look_up',
    ])
    expect(new Set(names(everything).slice(0, -1))).toEqual(new Set(BUILT_IN_TOOL_NAMES))
  })

  it('press no keys on a call that came in, and transfer to nobody when nobody is named', () => {
    expect(names({ direction: 'inbound', transferTargets: [] })).toEqual([
      'end_call',
      'record_outcome',
      'do_not_call_again',
      'switch_language',
      'keep_listening',
    ])
  })

  it('are the same, byte for byte, whenever they are asked for', () => {
    expect(JSON.stringify(toolsFor(everything))).toBe(JSON.stringify(toolsFor(everything)))
  })

  it('show the model no number and no address, and no name of a secret', () => {
    const told = JSON.stringify(toolsFor(everything))
    expect(told).not.toMatch(/\+1555|tools\.test|CRM|authorization/)
  })

  it('let the model choose among the named people only', () => {
    const transfer = toolsFor(everything).find(({ name }) => name === 'transfer_call')
    expect(transfer?.inputSchema).toMatchObject({
      properties: { to: { enum: ['the front desk', 'Dr. Smith'] } },
    })
    expect(transfer?.description).toContain('the front desk (The person asks for a human)')
    expect(transfer?.description).toMatch(/never a permission to call another number/)
  })

  it('name two people of one name once, because a model cannot tell them apart', () => {
    const twice = [{ name: 'Ann' }, { name: 'Ann' }]
    const transfer = toolsFor({ direction: 'inbound', transferTargets: twice }).at(-1)
    expect(transfer?.inputSchema).toMatchObject({ properties: { to: { enum: ['Ann'] } } })
  })

  it('keep a built-in tool that one of the user’s own would hide', () => {
    const tools = toolsFor({
      direction: 'inbound',
      httpTools: [{ ...lookUp, name: 'end_call', description: 'mine' }],
    })
    expect(tools.filter(({ name }) => name === 'end_call')).toEqual([END_CALL])
  })

  it('have schemas that the model’s vendor takes', () => {
    expect(toolsFor(everything).map(({ inputSchema }) => inputSchemaProblem(inputSchema))).toEqual(
      toolsFor(everything).map(() => undefined),
    )
  })

  it('are carried out after speaking where the session must do it', () => {
    const after = names(everything).filter((name) => afterSpeaking(name) !== undefined)
    expect(after).toEqual(['end_call', 'keep_listening', 'press_keys', 'transfer_call'])
  })

  it('are the goodbye alone where nothing is known of the call', () => {
    expect(callTools).toEqual([END_CALL])
  })
})

describe('the arguments of a built-in tool', () => {
  const fits = (schema: object, input: unknown) => compileSchema(schema)(input) === undefined

  it.each(['1', '0w#', '12345678901234567890123456789012', '*w*'])('press %j', (keys) => {
    expect(fits(PRESS_KEYS.inputSchema, { keys })).toBe(true)
  })

  it.each(['', '1 2', '+15551234567', 'a', '1\n', '123456789012345678901234567890123'])(
    'do not press %j',
    (keys) => {
      expect(fits(PRESS_KEYS.inputSchema, { keys })).toBe(false)
    },
  )

  it.each([{ result: 'confirmed' }, { result: 'moved', details: { to: 'Friday' } }])(
    'record %j',
    (outcome) => {
      expect(fits(RECORD_OUTCOME.inputSchema, outcome)).toBe(true)
      expect(fits(RECORD_OUTCOME.inputSchema, { ...outcome, phone: '1' })).toBe(false)
    },
  )

  it.each([
    ['es', true],
    ['de-AT', true],
    ['Spanish', false],
    ['en_US', false],
  ])('switch to %j: %j', (language, ok) => {
    expect(fits(SWITCH_LANGUAGE.inputSchema, { language })).toBe(ok)
  })
})
