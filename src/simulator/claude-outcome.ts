import type { ClaudeRequest } from './claude-request.ts'
import type { ClaudeToolCall } from './scenario.ts'

/** How the request begins that asks what came out of a call. */
const QUESTION = 'You read the transcript of a phone call after it is over'

/** The tool whose input is the answer. A rule of a scenario that calls it is meant for this question, and no other. */
export const REPORT_OUTCOME = 'report_outcome'

export function asksForOutcome(system: string): boolean {
  return system.startsWith(QUESTION)
}

type Line = { readonly number: number; readonly by: string; readonly text: string }
type Schema = Readonly<Record<string, unknown>>

/**
 * What a reader makes of the transcript that a request holds, as far as rules go: enough to fill in any form in a way that fits
 * it. What the person has plainly said is found; everything else is unknown.
 */
export function outcomeReport({ tools = [] }: ClaudeRequest, told: string): ClaudeToolCall {
  const lines = linesIn(told)
  const schema = tools.find(({ name }) => name === REPORT_OUTCOME)?.input_schema ?? {}
  const { data, ...fixed } = propertiesOf(schema)
  const answers: Record<string, unknown> = {
    summary: summaryOf(told, lines),
    ...rulingOf(lines),
  }
  const input = Object.fromEntries(Object.keys(fixed).map((name) => [name, answers[name] ?? null]))
  if (data === undefined) return { name: REPORT_OUTCOME, input }
  const fields = Object.entries(propertiesOf(data)).map(([name, field]) => [
    name,
    answerTo(valueIn(field), lines),
  ])
  return { name: REPORT_OUTCOME, input: { ...input, data: Object.fromEntries(fields) } }
}

function linesIn(told: string): Line[] {
  const turns = told.matchAll(/<turn number="(\d+)" by="(\w+)">([^<]*)<\/turn>/g)
  return Array.from(turns, ([, number, by = '', text = '']) => ({
    number: Number(number),
    by,
    text: text.replaceAll('&lt;', '<'),
  }))
}

function summaryOf(told: string, lines: readonly Line[]): string {
  const purpose = /<purpose>([^<]*)<\/purpose>/.exec(told)?.[1] ?? 'talk'
  const last = lines.findLast(({ by }) => by === 'person')
  const said = last ? `The person said: ${last.text}` : 'The person said nothing.'
  return `The purpose was: ${purpose.replace(/[\s.!]+$/, '')}. ${said}`
}

function rulingOf(lines: readonly Line[]) {
  const found = (pattern: RegExp) =>
    lines.find(({ by, text }) => by === 'person' && pattern.test(text))
  const later = found(/\b(call|ring|try) (me )?(back|again|later)\b|\b(not|bad) (a good )?time\b/i)
  return {
    disposition: found(/\bwrong (number|person)\b/i)
      ? 'wrong_number'
      : later
        ? 'callback_requested'
        : 'completed',
    callback_at: /\b(tomorrow|tonight|next week|on \w+day|at \w+)\b/i.exec(later?.text ?? '')?.[0],
    refused: found(/\bnot interested\b|\bno,? thank(s| you)\b|\bstop calling\b/i) !== undefined,
  }
}

const YES = /^\W*(yes|yeah|yep|sure|okay|correct|right|of course|that works|perfect|great)\b/i
const NO = /^\W*(no|nope|not)\b/i

/** The last thing that the person has said which could be a value of this kind. */
function answerTo(schema: Schema, lines: readonly Line[]): unknown {
  for (const { number, text } of lines.filter(({ by }) => by === 'person').reverse()) {
    const value = valueFrom(text, schema)
    if (value !== undefined) return { value, turn: number }
  }
  return 'unknown'
}

function valueFrom(text: string, schema: Schema): unknown {
  const choices = Array.isArray(schema['enum']) ? schema['enum'] : undefined
  if (choices) {
    return choices.find((choice) => text.toLowerCase().includes(String(choice).toLowerCase()))
  }
  const types = [schema['type']].flat()
  if (types.includes('boolean')) return YES.test(text) ? true : NO.test(text) ? false : undefined
  const digits = /\d+/.exec(text)?.[0]
  if (types.includes('integer') || types.includes('number')) return digits && Number(digits)
  return undefined
}

/** The schema of a field's value, in one that also asks for its turn. */
function valueIn(field: unknown): Schema {
  const ways = isSchema(field) && Array.isArray(field['anyOf']) ? field['anyOf'] : []
  const values = ways.map((way: unknown) => propertiesOf(way)['value'])
  return values.find(isSchema) ?? {}
}

function propertiesOf(schema: unknown): Schema {
  const properties = isSchema(schema) ? schema['properties'] : undefined
  return isSchema(properties) ? properties : {}
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
