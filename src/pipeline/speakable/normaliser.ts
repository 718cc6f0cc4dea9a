import { addressRule } from './addresses.ts'
import { dateRule, weekdayRule } from './dates.ts'
import { codeRule, phoneRule } from './digits.ts'
import { wordingOf, type Wording } from './wording.ts'
import { moneyRule } from './money.ts'
import { fractionRule, numberRule, ordinalRule, pointRule, rangeRule, unitRule } from './numbers.ts'
import { capitalised, wordsPattern } from './patterns.ts'
import type { Rule, RuleFor } from './rule.ts'
import { timeRule } from './times.ts'
import { abbreviationRule, contextRule, keyRule, symbolRule } from './words.ts'

/**
 * What is sure comes before what only looks like it: an address before its digits, a date before a range, a phone number
 * before a number. Each rule leaves words, which the rules after it do not touch.
 */
const RULES: readonly RuleFor[] = [
  addressRule,
  keyRule,
  contextRule,
  dateRuleWithWeekdays,
  phoneRule,
  pointRule,
  codeRule,
  moneyRule,
  rangeRule,
  timeRule,
  ordinalRule,
  fractionRule,
  unitRule,
  abbreviationRule,
  numberRule,
  symbolRule,
]

function dateRuleWithWeekdays(wording: Wording): Rule {
  const [weekdays, dates] = [weekdayRule(wording), dateRule(wording)]
  return (text) => dates(weekdays(text))
}

const BY_WORDING = new Map<Wording, Rule>()

/**
 * Puts digits, signs and abbreviations of a language into words: “$49.50” becomes “forty-nine dollars and fifty cents”.
 * Text that is words already comes out as it is, and so does all text of a language without one of its own.
 *
 * @param language BCP 47, such as `en` or `de-DE`
 */
export function normaliserFor(language: string): Rule {
  const wording = wordingOf(language)
  if (!wording) return (text) => text
  let rule = BY_WORDING.get(wording)
  if (!rule) {
    rule = compile(wording)
    BY_WORDING.set(wording, rule)
  }
  return rule
}

function compile(wording: Wording): Rule {
  const rules = RULES.map((ruleFor) => ruleFor(wording))
  const suspect = suspectPattern(wording)
  const once = (text: string) => rules.reduce((result, rule) => rule(result), text)
  return (text) => {
    if (!suspect.test(text)) return text
    // White space around the phrase parts it from its neighbours, and is not the rules' business.
    const [, lead = '', body = '', trail = ''] = /^(\s*)([\s\S]*?)(\s*)$/u.exec(text) ?? []
    let words = once(body)
    // What stood too close to something else to be told may stand free now.
    for (let pass = 1; pass < PASSES && suspect.test(words); pass++) words = once(words)
    return lead + words.trim() + trail
  }
}

/** Real text is done in one; three leave nothing of text made to puzzle the rules. */
const PASSES = 3

/** One look that tells most phrases, which are words, from those that the rules must see. */
function suspectPattern({ abbreviations, titles, dotted, suffixes, weekdays }: Wording): RegExp {
  // Half the day is spoken as it is written.
  const known = dotted.filter((word) => !/^[ap]\.\s?m\.$/.test(word))
  const short = [...Object.keys(abbreviations), ...Object.keys(titles), ...known]
  const day = wordsPattern([...Object.keys(weekdays), ...Object.values(weekdays)])
  return new RegExp(
    [
      String.raw`[\d½⅓⅔¼¾⅕⅛⅜⅝⅞&@*/+=<>×~≈%°\\|^{}[\]_#$€£¥₹¢]`,
      String.raw`(?<![\p{L}\d])(?:${wordsPattern(short.flatMap((key) => [key, capitalised(key)]))})(?!\p{L})`,
      ...suffixes.map((suffix) => wordsPattern([suffix])),
      String.raw`(?<![\p{L}\d])(?:${day})\.?\s?[-–—]\s?(?:${day})`,
      // An address.
      String.raw`\p{L}\.\p{L}{2}`,
      String.raw`\p{L}:\p{L}`,
    ].join('|'),
    'u',
  )
}
