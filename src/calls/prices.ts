import { z } from 'zod'
import { ConfigError } from '../errors.ts'

/**
 * What the vendors charge, per minute, token or character. The defaults are list prices as publicly quoted in November 2026
 * (docs/costs.md says where they are from); nobody's contract is known here.
 */
const price = (listed: number) => z.number().min(0).max(1000).default(listed)

const Prices = z.strictObject({
  /** ISO 4217; a name only, nothing is converted. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'three letters, such as USD')
    .default('USD'),
  twilio: z
    .strictObject({
      /** A call that we place, and the second leg of a transfer. */
      outbound_minute: price(0.014),
      inbound_minute: price(0.0085),
      /** On top of either, while the agent is on the line. */
      media_stream_minute: price(0.004),
    })
    .prefault({}),
  deepgram: z.strictObject({ minute: price(0.0065) }).prefault({}),
  anthropic: z
    .strictObject({
      million_input_tokens: price(0.1),
      million_cached_tokens: price(0.01),
      million_output_tokens: price(0.5),
    })
    .prefault({}),
  elevenlabs: z.strictObject({ thousand_characters: price(0.05) }).prefault({}),
  smallest: z
    .strictObject({
      /** Waves. */
      thousand_characters: price(0.027),
      /** Pulse; no list price is published. */
      minute: price(0),
      /** A call that Atoms carries, with its model and its line; no list price is published. */
      agent_minute: price(0),
    })
    .prefault({}),
})
export type Prices = z.output<typeof Prices>

/**
 * The price table of the configuration.
 *
 * @param json the value of `PRICES`: any of the prices, the others stay as they are; undefined: the defaults
 * @throws {ConfigError} with everything that is wrong with it
 */
export function pricesFrom(json: string | undefined): Prices {
  const parsed = Prices.safeParse(json === undefined ? {} : valueOf(json))
  if (parsed.success) return parsed.data
  throw new ConfigError(
    parsed.error.issues.map(({ path, message }) => `${['PRICES', ...path].join('.')}: ${message}`),
  )
}

function valueOf(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw new ConfigError(['PRICES: must be JSON, such as {"deepgram":{"minute":0.0077}}'])
  }
}
