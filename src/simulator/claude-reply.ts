import { think } from './claude-brain.ts'
import { mergeNeighbours } from './claude-messages.ts'
import type { ClaudeBlock, ClaudeMessage, ClaudeRequest } from './claude-request.ts'
import type { ClaudeRule } from './scenario.ts'

/** What one scenario has Claude say: for the requests whose system prompt contains `marker`, such as the call's `action`. */
export type ClaudeScript = { readonly marker: string; readonly rules: readonly ClaudeRule[] }

export type SimulatedReply = {
  readonly text: string
  readonly tool?: { readonly name: string; readonly input: Readonly<Record<string, unknown>> }
}

/** The reply of the script that is meant for this call, or else of a simple brain that goes by the prompt. */
export function chooseReply(
  request: ClaudeRequest,
  scripts: readonly ClaudeScript[],
): SimulatedReply {
  const system = systemText(request)
  const script = scriptFor(system, scripts)
  const scripted = script && scriptedReply(script.rules, request.messages)
  return scripted ?? think(system, exchangeOf(request))
}

export function systemText({ system }: ClaudeRequest): string {
  if (typeof system === 'string') return system
  return (system ?? []).map(({ text }) => text).join('\n')
}

/** All that the model was told since it last spoke, results of tools included. */
export function lastUserText(messages: readonly ClaudeMessage[]): string {
  const last = mergeNeighbours(messages).findLast(({ role }) => role === 'user')
  return last ? textOf(last.blocks) : ''
}

function exchangeOf({ messages, tools = [] }: ClaudeRequest) {
  const merged = mergeNeighbours(messages)
  return {
    told: lastUserText(messages),
    said: merged.flatMap(({ role, blocks }) => (role === 'assistant' ? [textOf(blocks)] : [])),
    tools: tools.map(({ name }) => name),
  }
}

/** The longest marker wins, so that one scenario's action may be part of another's. */
function scriptFor(system: string, scripts: readonly ClaudeScript[]): ClaudeScript | undefined {
  const text = plain(system)
  return scripts
    .filter(({ marker }) => text.includes(plain(marker)))
    .sort((a, b) => b.marker.length - a.marker.length)[0]
}

/** White space and the escape of `<` do not matter for recognising a text. */
function plain(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll(/\s+/g, ' ').trim()
}

/**
 * Plays the conversation through the rules: each earlier reply uses up the rule it must have come from. An interrupted
 * reply stands in the history as the beginning of what the rule says.
 */
function scriptedReply(
  rules: readonly ClaudeRule[],
  messages: readonly ClaudeMessage[],
): SimulatedReply | undefined {
  const used = new Map<ClaudeRule, number>()
  const unused = (rule: ClaudeRule) => (used.get(rule) ?? 0) < (rule.times ?? Infinity)
  let told = ''
  for (const { role, blocks } of mergeNeighbours(messages)) {
    if (role === 'user') told = textOf(blocks)
    if (role !== 'assistant') continue
    const rule = rules.find(
      (candidate) => fits(candidate, told) && unused(candidate) && saidBy(candidate, blocks),
    )
    if (rule) used.set(rule, (used.get(rule) ?? 0) + 1)
  }
  const rule = rules.find((candidate) => fits(candidate, told) && unused(candidate))
  return rule && applied(rule, told)
}

/** Whether these blocks are a reply by this rule, or the beginning of one. */
function saidBy({ say, tool }: ClaudeRule, blocks: readonly ClaudeBlock[]): boolean {
  const text = plain(textOf(blocks)).replace(/\s*—$/u, '')
  if (say === undefined) {
    return blocks.some((block) => block.type === 'tool_use' && block.name === tool?.name)
  }
  // What a group of the pattern stands for is not known here: the text before the first one must do.
  const [head = ''] = plain(say).split(/\$\d/)
  return text.startsWith(head) || head.startsWith(text)
}

function fits(rule: ClaudeRule, told: string): boolean {
  return matchOf(rule, told) !== null
}

/** The caller's own words are tried first; stage directions count where nothing else fits. */
function matchOf({ when }: ClaudeRule, told: string): RegExpExecArray | null {
  // A fresh pattern: one with the `g` flag would remember where it stopped.
  const pattern = new RegExp(when.source, when.flags.replaceAll(/[gy]/g, ''))
  return pattern.exec(wordsOf(told)) ?? pattern.exec(told)
}

function applied(rule: ClaudeRule, told: string): SimulatedReply {
  const groups = matchOf(rule, told) ?? []
  const text = (rule.say ?? '').replaceAll(/\$(\d)/g, (_, digit) => groups[Number(digit)] ?? '')
  return { text, ...(rule.tool === undefined ? {} : { tool: rule.tool }) }
}

/** Without the lines that are notes in parentheses. */
export function wordsOf(told: string): string {
  return told
    .split('\n')
    .filter((line) => !/^\(.*\)$/.test(line))
    .join('\n')
}

function textOf(blocks: readonly ClaudeBlock[]): string {
  return blocks.flatMap(textsIn).join('\n')
}

function textsIn(block: ClaudeBlock): readonly string[] {
  if (block.type === 'text') return [block.text]
  if (block.type === 'tool_use' || block.content === undefined) return []
  return typeof block.content === 'string' ? [block.content] : block.content.map(({ text }) => text)
}
