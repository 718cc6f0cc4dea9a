import type { AnsweredBy } from './answered-by.ts'

/** What can be told by words that is no person. */
export type SpokenMachine = Exclude<AnsweredBy, 'person' | 'fax'>

/** Of two clear kinds in one greeting, the earlier in this list is the one that counts. */
export const MACHINES: readonly SpokenMachine[] = [
  // “Say your name after the tone and we'll try to connect you” is no voicemail.
  'screening',
  // Mailboxes ask for a message first, and only then find that they are full.
  'mailbox_full',
  // “The subscriber is not available. At the tone …”, “… or press one for more options”.
  'voicemail',
  'carrier',
  'ivr',
]

/**
 * How one language's greetings are told apart. All patterns are for text as `plainGreeting` gives it, and none of them may
 * match at a place where a person's sentence only begins like a machine's.
 */
export type Cues = {
  /** Words by which a machine gives itself away: each alone is enough. */
  readonly clear: Readonly<Record<SpokenMachine, readonly RegExp[]>>
  /** Words that point to a machine, though people say them, too: two of them make it likely. */
  readonly hints: Readonly<Partial<Record<SpokenMachine, readonly RegExp[]>>>
  /** Words that only a person says on the phone, unless they are part of a machine's. */
  readonly person: readonly RegExp[]
  /** Words by which a machine announces the tone after which it records. */
  readonly tone: RegExp
  /** Words of somebody who picks up while a machine is talking. */
  readonly pickUp: readonly RegExp[]
  /** Words of which everything consists that somebody says who picks up and waits: “hello”. */
  readonly hello: ReadonlySet<string>
}
