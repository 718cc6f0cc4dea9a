import { amountWords, counted, numberPattern, readAmount } from './amounts.ts'
import type { Amount, Currency, Wording, Noun } from './wording.ts'
import { rewrite, wordsPattern } from './patterns.ts'
import type { RuleFor } from './rule.ts'

/** `$49.50`, `1.200,50 €`, `3 USD`, `$5-10`, `$2.5M`, `$20/mo`. */
export const moneyRule: RuleFor = (wording) => {
  const number = numberPattern(wording)
  const currency = wordsPattern(Object.keys(wording.currencies))
  const magnitude = wordsPattern(Object.keys(wording.magnitudes))
  const tail = String.raw`(?:\s?(?<magnitude>${magnitude})(?![\p{L}\d])\.?)?`
  const per = String.raw`(?:\s?\/\s?(?<per>\p{L}+))?`
  // “5,- €” has no cents.
  const amount = String.raw`(?<from>${number})(?:,[-–—]+)?`
  const before = new RegExp(
    String.raw`(?<![\p{L}\d])(?<minus>[-−]\s?)?(?<currency>${currency})\s?${amount}(?:\s?[-–—]\s?(?:\k<currency>\s?)?(?<to>${number}))?${tail}(?!\d)${per}`,
    'gu',
  )
  const after = new RegExp(
    String.raw`(?<![\p{L}\d.,])(?<minus>[-−])?${amount}(?:\s?[-–—]\s?(?<to>${number}))?${tail}\s?(?:de\s|d[’'])?(?<currency>${currency})(?![\p{L}\d])${per}`,
    'gu',
  )
  const say = (groups: Readonly<Record<string, string | undefined>>): string | undefined => {
    const { minus, from, to, per: perNoun } = groups
    const of = wording.currencies[groups['currency'] ?? '']
    if (!of || from === undefined) return undefined
    const size = wording.magnitudes[groups['magnitude'] ?? '']
    const words = [
      minus ? `${wording.words.minus} ` : '',
      to === undefined
        ? ''
        : `${amountWords(readAmount(from, wording), wording)} ${wording.words.to} `,
      sumWords(readAmount(to ?? from, wording), of, size, wording),
      perNoun === undefined ? '' : ` ${wording.words.per} ${wording.perNouns[perNoun] ?? perNoun}`,
    ]
    return words.join('')
  }
  return (text) => rewrite(rewrite(text, before, say), after, say)
}

function sumWords(
  amount: Amount,
  { unit, cent }: Currency,
  size: Noun | undefined,
  wording: Wording,
): string {
  if (size) {
    const link =
      size.many === 'mil' || size.many === 'mille' ? ` ${unit.many}` : wording.ofMillion(unit.many)
    return counted(amount, size, wording) + link
  }
  if (!cent || amount.fraction === '' || amount.fraction.length > 2)
    return counted(amount, unit, wording)
  const cents = amount.fraction.padEnd(2, '0').replace(/^0/, '')
  const ofUnit = counted({ whole: amount.whole, fraction: '' }, unit, wording)
  if (cents === '0') return ofUnit
  const ofCents = counted({ whole: cents, fraction: '' }, cent, wording)
  return /^0+$/.test(amount.whole) ? ofCents : ofUnit + wording.centJoin + ofCents
}
