import { z } from 'zod'
import { redactText } from '../pipeline/flight-redaction.ts'
import type { Flight } from './replay-file.ts'

/** The notes of a flight record that a scenario is made from; there are others. */
const SpecNote = z.object({ type: z.literal('spec'), spec: z.record(z.string(), z.unknown()) })
const times = { startMs: z.number(), endMs: z.number() }
const TurnNote = z.object({
  type: z.literal('turn'),
  turn: z.discriminatedUnion('role', [
    z.object({ role: z.literal('caller'), text: z.string(), ...times }),
    z.object({
      role: z.literal('agent'),
      text: z.string(),
      interrupted: z.boolean().default(false),
      ...times,
    }),
    z.object({
      role: z.literal('tool'),
      id: z.string(),
      name: z.string(),
      input: z.unknown(),
      result: z.string(),
      ...times,
    }),
  ]),
})
const EndEffect = z.object({ type: z.literal('end'), end: z.object({ reason: z.string() }) })
const TransferEnded = z.object({ type: z.literal('transfer_ended'), completed: z.boolean() })

export type RecordedTurn = z.infer<typeof TurnNote>['turn']
export type AgentTurn = Extract<RecordedTurn, { role: 'agent' }>
export type ToolTurn = Extract<RecordedTurn, { role: 'tool' }>

/** What a call was, as far as its flight record tells. Times are milliseconds since the line was first attached. */
export type Conversation = {
  readonly spec: Readonly<Record<string, unknown>> | undefined
  /** By when they began. */
  readonly turns: readonly RecordedTurn[]
  /** How long it rang; undefined when nobody answered. */
  readonly ringMs: number | undefined
  /** When the phone was picked up: below 0. */
  readonly answeredMs: number
  /** When a machine's beep was over, and when the line broke. */
  readonly beepsMs: readonly number[]
  readonly lossesMs: readonly number[]
  /** Whether somebody took the call that the person was handed over to; undefined when nobody was asked. */
  readonly transferred: boolean | undefined
  readonly end: { readonly reason: string; readonly atMs: number } | undefined
}

type Draft = { -readonly [K in keyof Conversation]: Conversation[K] } & {
  turns: RecordedTurn[]
  beepsMs: number[]
  lossesMs: number[]
}
type Entry = Flight['entries'][number]

/** Reads a conversation out of a record, whatever else is in it. */
export function conversationIn({ header, entries }: Flight): Conversation {
  const timeOf = (kind: string) =>
    entries.find((entry) => entry.type === 'step' && entry.event.type === kind)?.at_ms
  const startedAt = timeOf('started') ?? 0
  const attachedAt = timeOf('line_attached') ?? 0
  const answeredAt = timeOf('answered')
  const draft: Draft = {
    spec: undefined,
    turns: [],
    ringMs: answeredAt === undefined ? undefined : answeredAt - startedAt,
    answeredMs: Math.min(0, (answeredAt ?? attachedAt) - attachedAt),
    beepsMs: [],
    lossesMs: [],
    transferred: undefined,
    end: undefined,
  }
  let means: unknown
  for (const entry of entries) {
    if (entry.type === 'step') {
      means = entry.event['means']
      takeStep(draft, entry, attachedAt)
    } else if (entry.type === 'note') {
      takeNote(draft, entry.note, header.redacted ? means : undefined)
    }
  }
  draft.turns.sort((a, b) => a.startMs - b.startMs)
  return draft
}

function takeStep(
  draft: Draft,
  { event, effects, at_ms }: Extract<Entry, { type: 'step' }>,
  attachedAt: number,
): void {
  const atMs = at_ms - attachedAt
  if (event.type === 'beep') draft.beepsMs.push(atMs)
  if (event.type === 'line_lost') draft.lossesMs.push(atMs)
  const transfer = TransferEnded.safeParse(event)
  if (transfer.success) draft.transferred = transfer.data.completed
  for (const effect of effects) {
    const end = EndEffect.safeParse(effect)
    if (end.success) draft.end = { reason: end.data.end.reason, atMs }
  }
}

function takeNote(draft: Draft, note: unknown, means: unknown): void {
  const spec = SpecNote.safeParse(note)
  if (spec.success) draft.spec = spec.data.spec
  const parsed = TurnNote.safeParse(note)
  if (!parsed.success) return
  const { turn } = parsed.data
  if (turn.role === 'caller') {
    draft.turns.push({ ...turn, text: TELLING[String(means)] ?? turn.text })
    return
  }
  // A tool call is noted when it begins and again with its result.
  const known =
    turn.role === 'tool'
      ? draft.turns.findIndex((each) => each.role === 'tool' && each.id === turn.id)
      : -1
  if (known === -1) draft.turns.push(turn)
  else draft.turns[known] = turn
}

/** Words for a masked turn of the caller of which only its meaning is known: what the agent made of it depends on them. */
const TELLING: Readonly<Record<string, string>> = {
  aside: 'Uh-huh.',
  farewell: 'Okay, bye!',
  hold: 'Hold on a moment, please.',
}

/** The keys of a turn such as `(pressed 1 2 #)`, masked or not; a masked key is a 1. Undefined for spoken words. */
export function keysIn(text: string): string | undefined {
  const words = 'pressed'
  for (const said of [words, redactText(words)]) {
    const keys = new RegExp(`^\\(${said} ([0-9*#x]( [0-9*#x])*)\\)$`).exec(text)?.[1]
    if (keys !== undefined) return keys.replaceAll(' ', '').replaceAll('x', '1')
  }
  return undefined
}
