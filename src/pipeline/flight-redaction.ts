import type { FlightNote } from './flight-record.ts'

/**
 * Takes out of a flight record what a person said and who they are, and keeps what a replay needs: length, punctuation
 * and spacing of every text, so that blank stays blank and a cut falls where it fell. Redacting twice changes nothing.
 */

/** Every letter, digit and sign as an `x`; punctuation, spacing and length stay. */
export function redactText(text: string): string {
  return text.replaceAll(/[^\s\p{P}]/gu, (sign) => 'x'.repeat(sign.length))
}

/** Takes secrets, addresses, phone numbers and quoted sentences out of what a vendor says about a failure. */
export function redactMessage(message: string): string {
  return (
    message
      .replaceAll(/"(?:[^"\\]|\\.)*"|“[^”]*”|`[^`]*`/g, (quoted) =>
        /\s/.test(quoted) ? redactText(quoted) : quoted,
      )
      .replaceAll(/\b(Bearer|Basic|Token)\s+[\w.~+/-]{12,}=*/gi, '$1 [key]')
      .replaceAll(/\b[spr]k[-_][\w-]{6,}/gi, '[key]')
      // Keys are bare hex; the ids of calls and streams have two capital letters before theirs, and may stay.
      .replaceAll(/(?<![\w-])[0-9a-f]{32,}(?![\w-])/g, '[key]')
      .replaceAll(/\/\/[^\s/@]+@/g, '//[key]@')
      .replaceAll(/(:\/\/[^\s?"']+)\?[^\s"']*/g, '$1?[query]')
      .replaceAll(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '[email]')
      .replaceAll(/(?<![\w-])\+?\(?\d[\d ().-]{5,}\d(?![\w-])/g, maskPhone)
  )
}

const PHONE_DIGITS = 7
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/

function maskPhone(number: string): string {
  const digits = number.replaceAll(/\D/g, '').length
  return digits < PHONE_DIGITS || IPV4.test(number) ? number : mask(number)
}

/** All signs alike: neither digits nor separators can be told. */
function mask(text: string): string {
  return 'x'.repeat(text.length)
}

/**
 * An event, an effect or a state of the turn machine without what is private. Words stand in fields named `text`, numbers
 * to dial in `to`, pressed keys in `keys`; other strings are names of ours, or what a vendor says.
 */
export function redactMachine(value: unknown): unknown {
  return mapStrings(value, (text, key) => {
    if (key === 'text') return redactText(text)
    return key === 'to' || key === 'keys' ? mask(text) : redactMessage(text)
  })
}

/** Fields of a call's spec that say how the call is made and nothing about the person. */
const OPEN_SPEC_FIELDS: ReadonlySet<string> = new Set([
  'language',
  'voice_id',
  'first_speaker',
  'uninterruptible',
  'max_duration_s',
])

export function redactNote(note: FlightNote): unknown {
  switch (note.type) {
    case 'spec': {
      const fields = Object.entries(note.spec).map(([key, value]) => [
        key,
        OPEN_SPEC_FIELDS.has(key) ? value : redactSpecField(key, value),
      ])
      return { ...note, spec: Object.fromEntries(fields) as unknown }
    }
    case 'turn': {
      const { turn } = note
      if (turn.role !== 'tool') return redactMachine(note)
      const input = redactAll(turn.input)
      return { ...note, turn: { ...turn, input, result: redactText(turn.result) } }
    }
    case 'failure':
      return redactMachine(note)
    case 'timings':
    case 'answered_by':
    case 'opted_out':
    case 'stream':
      return note
  }
}

/** What to do with voicemail, and which tools there are, says how the call is made; all else is the user's own. */
function redactSpecField(key: string, value: unknown): unknown {
  if (key === 'metadata' || key === 'pronunciation') return {}
  if (key === 'tools') return Array.isArray(value) ? value.map(redactTool) : []
  return mapStrings(redactNumbers(value), (text, field) =>
    key === 'voicemail' && field === 'action' ? text : redactText(text),
  )
}

/** Its name stands in the calls of it as well. Where it is and what it takes is nobody else's business. */
function redactTool(tool: unknown): unknown {
  if (typeof tool !== 'object' || tool === null) return {}
  const { name, description } = { name: '', description: '', ...tool }
  return { name, description: redactAll(description), input_schema: { type: 'object' } }
}

function redactAll(value: unknown): unknown {
  return mapStrings(redactNumbers(value), redactText)
}

function redactNumbers(value: unknown): unknown {
  return mapLeaves(value, (leaf) => (typeof leaf === 'number' ? 0 : leaf))
}

function mapStrings(value: unknown, map: (text: string, key: string) => string): unknown {
  return mapLeaves(value, (leaf, key) => (typeof leaf === 'string' ? map(leaf, key) : leaf))
}

/** `key`: the name of the field that the leaf, or the list it is in, stands in. */
function mapLeaves(
  value: unknown,
  map: (leaf: unknown, key: string) => unknown,
  key = '',
): unknown {
  if (Array.isArray(value)) return value.map((item) => mapLeaves(item, map, key))
  if (typeof value !== 'object' || value === null) return map(value, key)
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, mapLeaves(field, map, name)]),
  )
}
