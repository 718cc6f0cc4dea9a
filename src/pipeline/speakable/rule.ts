import type { Wording } from './wording.ts'

/** Puts one kind of thing into words wherever it stands in the text, and leaves the rest as it is. */
export type Rule = (text: string) => string

/** Compiles a rule's regular expressions for a language, once. */
export type RuleFor = (wording: Wording) => Rule
