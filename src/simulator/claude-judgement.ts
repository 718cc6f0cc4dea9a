/** How the request begins that asks who answered a phone. */
const QUESTION = 'You hear how a phone call was answered'

/** What a reader makes of a greeting, by what it is about; the first that fits. */
const READINGS: readonly { readonly answer: string; readonly if: RegExp }[] = [
  { answer: 'screening', if: /screen|your name and (the )?reason|who is calling and why/i },
  {
    answer: 'mailbox_full',
    if: /(mailbox|memory|box)\b.*\b(full|not.* set ?up)|no more messages/i,
  },
  {
    answer: 'voicemail',
    if: /message|voice ?mail|\b(tone|beep)\b|call(ed)? you back|back to you|not (here|home|in) right now|reach me|can't (pick up|come|get) to/i,
  },
  { answer: 'voicemail', if: /nachricht|mailbox|mensaje|buz[oó]n|messagerie|r[eé]pondeur/i },
  { answer: 'carrier', if: /\bnumber\b.*\b(service|dialed|changed)|subscriber|rufnummer/i },
  { answer: 'ivr', if: /\bpress\b|menu|representative|queue|important to us|wait time|\bagent\b/i },
]

/** The answer to the question who answered a phone; undefined when a request asks something else. */
export function judgementOf(system: string, told: string): string | undefined {
  if (!system.startsWith(QUESTION)) return undefined
  const greeting = /<greeting>\n(.*)\n<\/greeting>/s.exec(told)?.[1] ?? ''
  return READINGS.find((reading) => reading.if.test(greeting))?.answer ?? 'person'
}
