import { redactText } from '../pipeline/flight-redaction.ts'
import { stockPhrases } from '../pipeline/stock-phrases.ts'
import { END_CALL } from '../pipeline/tools.ts'
import type { ClaudeRule, ClaudeToolCall } from '../simulator/scenario.ts'
import type { AgentTurn, Conversation, RecordedTurn, ToolTurn } from './replay-conversation.ts'

/** Goes on where a reply was cut off, long enough to be cut off again: what nobody heard is not on record. */
const UNHEARD =
  'and here it goes on with words that nobody has heard, because the agent was cut off.'

type Draft = { -readonly [K in keyof ClaudeRule]: ClaudeRule[K] }

/**
 * What the model said and which tools it called, each as a rule for what it had been told, to be used once. Words that
 * need no model are left out: stock phrases, and those that the spec gives.
 */
export function claudeRules(
  { turns, spec }: Conversation,
  { language, redacted }: { readonly language: string; readonly redacted: boolean },
): ClaudeRule[] {
  const spoken = stockTexts(language).map((text) => (redacted ? redactText(text) : text))
  const given = [...spoken, ...givenTexts(spec)]
  const rules: Draft[] = []
  let told: string[] = []
  let called: string | undefined
  let hasSpoken = false
  let current: { readonly rule: Draft; readonly endMs: number } | undefined

  const add = (rule: Omit<ClaudeRule, 'when' | 'times'>, endMs: number) => {
    const when = patternOf({ told, called, isOpening: !hasSpoken })
    const draft = { when, ...rule, times: 1 }
    rules.push(draft)
    current = { rule: draft, endMs }
    told = []
    called = undefined
  }

  for (const turn of turns) {
    if (turn.role === 'caller') {
      told.push(turn.text)
    } else if (turn.role === 'tool') {
      const belongs = current && (told.length === 0 || turn.startMs <= current.endMs)
      if (current && belongs) addTool(current.rule, callOf(turn, redacted))
      else add({ tool: callOf(turn, redacted) }, turn.endMs)
      called = turn.name
    } else {
      const text = withoutDisclosure(turn.text, spec)
      if (text !== '' && !given.some((phrase) => isSpoken(phrase, { ...turn, text }))) {
        add({ say: sayOf({ ...turn, text }) }, turn.endMs)
      }
      hasSpoken = true
    }
  }
  return rules
}

function addTool(rule: Draft, call: ClaudeToolCall): void {
  if (rule.tool === undefined) rule.tool = call
  else rule.tools = [...(rule.tools ?? []), call]
}

/** One of the caller's lines since the agent last spoke, or what else the model was told. */
function patternOf(asked: {
  readonly told: readonly string[]
  readonly called: string | undefined
  readonly isOpening: boolean
}): RegExp {
  const lines = asked.told.map((text) => `^${escape(text.trim())}$`)
  // The opening is generated while the phone rings, whoever speaks first then.
  if (asked.isOpening) lines.unshift('call was answered')
  else if (lines.length === 0 && asked.called) lines.push(`^\\(tool ${escape(asked.called)}:`)
  return new RegExp(lines.length === 0 ? '^' : lines.join('|'), 'm')
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

/** A `$` before a digit stands for a group of the pattern. */
function sayOf({ text, interrupted }: AgentTurn): string {
  const plain = text.replaceAll(/\$(?=\d)/g, '$ ')
  return interrupted ? `${plain} ${UNHEARD}` : plain
}

function callOf({ name, input }: ToolTurn, redacted: boolean): ClaudeToolCall {
  // The one input that is not free text; a masked one would be none of its values.
  if (redacted && name === END_CALL.name) return { name, input: { reason: 'done' } }
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input)
  return { name, input: isObject ? { ...input } : {} }
}

function isSpoken(phrase: string, { text, interrupted }: AgentTurn): boolean {
  return interrupted ? phrase.startsWith(text) : phrase === text
}

function stockTexts(language: string): string[] {
  return Object.values(stockPhrases(language)).filter((value) => typeof value === 'string')
}

/** Exact words of the spec. */
function givenTexts(spec: Conversation['spec']): string[] {
  const voicemail = spec?.['voicemail']
  const message =
    typeof voicemail === 'object' && voicemail !== null && 'message' in voicemail
      ? voicemail.message
      : undefined
  return [spec?.['opening'], message].filter((text) => typeof text === 'string')
}

/** Exact words before anything else: that the call is recorded, and the disclosure. */
export function wordsFirst(spec: Conversation['spec']): string | undefined {
  const record = spec?.['record']
  const announcement =
    typeof record === 'object' && record !== null && 'announcement' in record
      ? record.announcement
      : undefined
  const words = [announcement, spec?.['disclosure']].filter((text) => typeof text === 'string')
  return words.length === 0 ? undefined : words.join(' ')
}

function withoutDisclosure(text: string, spec: Conversation['spec']): string {
  const disclosure = wordsFirst(spec)
  if (disclosure === undefined || !text.startsWith(disclosure)) return text
  return text.slice(disclosure.length).trim()
}

/** Whether anything the agent would have said further was lost. */
export function hasCutOffs(turns: readonly RecordedTurn[]): boolean {
  return turns.some((turn) => turn.role === 'agent' && turn.interrupted)
}
