import fc from 'fast-check'

/** Surrogates alone are no text. */
const SURROGATES = { first: 0xd800, count: 0x800 }
const LAST = 0x10ffff

/** Any character, ASCII as often as all others. fast-check's own `binary` takes over a second to be put together, in each process. */
export const anyCharacter = fc
  .oneof(fc.nat(0x7f), fc.nat(LAST - SURROGATES.count))
  .map((at) => String.fromCodePoint(at < SURROGATES.first ? at : at + SURROGATES.count))

/** Text of any characters, control characters among them. */
export function anyText(constraints: { minLength?: number; maxLength?: number } = {}) {
  return fc.string({ ...constraints, unit: anyCharacter })
}
