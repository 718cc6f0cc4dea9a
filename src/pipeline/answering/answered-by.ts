/** Who or what has picked up the phone. */
export type AnsweredBy =
  | 'person'
  /** A machine that takes a message. */
  | 'voicemail'
  /** A machine that takes none any more. */
  | 'mailbox_full'
  /** A menu: “press one for …”. */
  | 'ivr'
  /** An assistant that asks on the person's behalf who is calling, and why. */
  | 'screening'
  /** An announcement of the telephone network: the number cannot be reached. */
  | 'carrier'
  | 'fax'
