import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checkNumber, countryOf, type DialRules } from '../../../src/calls/dialling/dial-rules.ts'
import { parseConfig } from '../../../src/config.ts'
import { startSimulator } from '../../../src/simulator/simulator.ts'
import { scaledClock } from '../../../src/clock.ts'

/** As a server is that has said nothing of them. */
async function defaults(): Promise<DialRules['deniedTypes']> {
  await using world = await emptyWorld()
  return parseConfig(world.environment).DIAL_DENIED_TYPES
}

async function emptyWorld() {
  const simulator = await startSimulator({ clock: scaledClock(1), scenarios: [] })
  return { environment: simulator.environment, [Symbol.asyncDispose]: () => simulator.close() }
}

const deniedTypes = await defaults()

const rules = (change: Partial<DialRules> = {}): DialRules => ({
  countries: ['US', 'GB', 'DE'],
  deniedTypes,
  allowedPrefixes: [],
  deniedPrefixes: [],
  ...change,
})

it.each<[string, string | undefined, string]>([
  ['+12125551234', undefined, 'a line in New York'],
  ['+12345678900', undefined, 'a line in Ohio'],
  ['+18005551234', undefined, 'toll free'],
  ['+442079460958', undefined, 'a line in London'],
  ['+447400123456', undefined, 'a British mobile'],
  ['+448081570000', undefined, 'British toll free'],
  ['+4930123456', undefined, 'a line in Berlin'],
  ['+4915112345678', undefined, 'a German mobile'],
  ['+18765551234', 'country', 'Jamaica shares +1'],
  ['+18095551234', 'country', 'the Dominican Republic shares +1'],
  ['+16135550100', 'country', 'Canada shares +1'],
  ['+447911123456', 'country', 'a mobile of Guernsey shares +44'],
  ['+441534123456', 'country', 'Jersey shares +44'],
  ['+77012345678', 'country', 'Kazakhstan'],
  ['+33612345678', 'country', 'a French mobile'],
  ['+33892123456', 'country', 'French premium rate'],
  ['+5511987654321', 'country', 'a Brazilian mobile'],
  ['+6585550123', 'country', 'a mobile of Singapore'],
  ['+19005551234', 'number_type', 'premium rate'],
  ['+448431234567', 'number_type', 'British premium rate'],
  ['+447012345678', 'number_type', 'a personal number'],
  ['+447641234567', 'number_type', 'a pager'],
  ['+443301234567', 'number_type', 'a number of a company'],
  ['+15005550006', 'number_type', 'a personal number of the USA'],
  ['+870773111632', 'satellite', 'Inmarsat'],
  ['+881612345678', 'satellite', 'Iridium'],
  ['+8821612345678', 'satellite', 'international networks'],
  ['+883510012345', 'satellite', 'international networks'],
  ['+80012345678', 'satellite', 'international toll free: of no country'],
  ['+97912345678', 'invalid_number', 'international premium rate'],
  ['+88213123456', 'invalid_number', 'not assigned'],
  ['+15551234567', 'invalid_number', 'an area that does not exist'],
  ['+15550100', 'invalid_number', 'too short'],
  ['+1234567890', 'invalid_number', 'a digit is missing'],
  ['+155512345678901', 'invalid_number', 'too long'],
  ['+4402079460958', 'invalid_number', 'the same line in London, written another way'],
  ['+12125551234;ext=9', 'invalid_number', 'an extension'],
  ['+12125551234,9', 'invalid_number', 'keys to press'],
  ['12125551234', 'invalid_number', 'no plus'],
  ['+１２１２５５５１２３４', 'invalid_number', 'full-width digits'],
  ['sip:someone@example.com', 'invalid_number', 'an address'],
  ['client:agent', 'invalid_number', 'a client of Twilio'],
  ['+12125551234\n', 'invalid_number', 'something after the number'],
  ['anonymous', 'invalid_number', 'nobody'],
  ['', 'invalid_number', 'nothing'],
])('%j: %s (%s)', (number, rule) => {
  expect(checkNumber(number, rules())?.rule).toBe(rule)
})

it('rings every country when told to, and still no satellites and no premium rates', () => {
  const anywhere = rules({ countries: ['*'] })
  expect(checkNumber('+18765551234', anywhere)).toBeUndefined()
  expect(checkNumber('+33892123456', anywhere)?.rule).toBe('number_type')
  expect(checkNumber('+34902123456', anywhere)?.rule).toBe('number_type')
  expect(checkNumber('+41848123456', anywhere)?.rule).toBe('number_type')
  expect(checkNumber('+881612345678', anywhere)?.rule).toBe('satellite')
})

it('lets a prefix through whatever it is, unless another denies it', () => {
  const trusting = rules({ allowedPrefixes: ['+1555', '+881'], deniedPrefixes: ['+1555123'] })
  expect(checkNumber('+15550000001', trusting)).toBeUndefined()
  expect(checkNumber('+881612345678', trusting)).toBeUndefined()
  expect(checkNumber('+15551234567', trusting)?.rule).toBe('prefix')
  expect(checkNumber('+1555x', trusting)?.rule).toBe('invalid_number')
  expect(checkNumber('+12125551234', rules({ deniedPrefixes: ['+1212'] }))?.rule).toBe('prefix')
})

it('can be told of other kinds', () => {
  const strict = rules({ deniedTypes: [...deniedTypes, 'TOLL_FREE', 'MOBILE'] })
  expect(checkNumber('+18005551234', strict)?.rule).toBe('number_type')
  expect(checkNumber('+4915112345678', strict)?.rule).toBe('number_type')
})

it('says what to do', () => {
  expect(checkNumber('+18765551234', rules())).toEqual({
    rule: 'country',
    message:
      'numbers of JM are not rung, only those of US, GB, DE: add it to DIAL_COUNTRIES of the server',
    details: { country: 'JM' },
  })
})

it('knows the country of a number of ours, assigned or not', () => {
  expect(countryOf('+12125551234')).toBe('US')
  expect(countryOf('+18005551234')).toBe('US')
  expect(countryOf('+15551234567')).toBe('US')
  expect(countryOf('+442079460958')).toBe('GB')
  expect(countryOf('+881612345678')).toBeUndefined()
})

it('lets nothing through that is not of an allowed country, whatever is asked for', () => {
  const digits = fc.string({
    unit: fc.constantFrom(...Array.from('0123456789')),
    minLength: 5,
    maxLength: 15,
  })
  const start = fc.constantFrom('+', '+1', '+1900', '+1876', '+44', '+4470', '+49', '+881', '+979')
  fc.assert(
    fc.property(start, digits, (prefix, rest) => {
      const number = prefix + rest
      if (checkNumber(number, rules())) return
      expect(['US', 'GB', 'DE']).toContain(countryOf(number))
      expect(number).toMatch(/^\+(1|44|49)/)
    }),
    { numRuns: 2000 },
  )
})
