import { spellDigits } from './amounts.ts'
import type { Wording } from './wording.ts'
import { rewrite } from './patterns.ts'
import type { RuleFor } from './rule.ts'

const EMAIL =
  /(?<![\p{L}\d.@])(?<local>[A-Za-z\d](?:[\w.%+-]*[\w+-])?)@(?<domain>[A-Za-z\d-]+(?:\.[A-Za-z\d-]+)+)/gu
const WITH_SCHEME =
  /(?:https?:\/\/)(?:www\.)?(?<url>[A-Za-z\d-]+(?:\.[A-Za-z\d-]+)*(?::\d+)?(?:\/[\w\-./~%]*\w|\/)?)(?:[?#][^\s<>]*\w)?/gu
/** Without a scheme only what ends like a host; a missing space after a full stop must not become an address. */
const BARE =
  /(?<![\p{L}\d.@/-])(?:www\.)?(?<url>[A-Za-z\d][A-Za-z\d-]*(?:\.[A-Za-z\d-]+)*\.(?:com|org|net|edu|gov|info|biz|app|dev|io|ai|co|us|uk|ca|eu|de|at|ch|fr|es|mx|ar|health|care|clinic|dental|shop|store|online)(?:\/[\w\-./~%]*\w|\/)?)(?:[?#][^\s<>]*\w)?(?![\p{L}\d@])/gu

/** Nobody can take down a query by ear: an address ends before it. `john.smith@example.com`, `https://www.example.com/book`, `example.com`. */
export const addressRule: RuleFor = (wording) => (text) => {
  const { at } = wording.words
  const withEmail = rewrite(
    text,
    EMAIL,
    ({ local = '', domain = '' }) => `${inWords(local, wording)} ${at} ${inWords(domain, wording)}`,
  )
  const say = ({ url = '' }: Readonly<Record<string, string | undefined>>) =>
    inWords(url.replace(/\/$/, ''), wording)
  return rewrite(rewrite(withEmail, WITH_SCHEME, say), BARE, say)
}

/** Words stay, marks become words, digits are read one by one. */
function inWords(address: string, wording: Wording): string {
  const { dot, slash, dash, underscore, plus, percent } = wording.words
  const marks: Readonly<Record<string, string>> = {
    '.': dot,
    '/': slash,
    '-': dash,
    _: underscore,
    '+': plus,
    '%': percent,
    '~': '',
    ':': '',
  }
  return (address.match(/\d+|[A-Za-z]+|[^A-Za-z\d]/g) ?? [])
    .map((part) => (/\d/.test(part) ? spellDigits(part, wording) : (marks[part] ?? part)))
    .filter((part) => part !== '')
    .join(' ')
}
