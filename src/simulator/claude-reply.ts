import { readAfterCall } from './claude-after-call.ts'
import { think } from './claude-brain.ts'
import { mergeNeighbours } from './claude-messages.ts'
import { asksForOutcome, outcomeReport, REPORT_OUTCOME } from './claude-outcome.ts'
import type { ClaudeBlock, ClaudeMessage, ClaudeRequest } from './claude-request.ts'
import type { ClaudeRule, ClaudeToolCall } from './scenario.ts'

/** What one scenario has Claude say: for the requests whose system prompt contains `marker`, such as the call's `action`. */
export type ClaudeScript = { readonly marker: string; readonly rules: readonly ClaudeRule[] }

export type SimulatedReply = Pick<ClaudeRule, 'tool' | 'tools' | 'afterMs' | 'undeclared'> & {
  readonly text: string
}

/** The tool calls of a reply or a rule, in order. */
export function toolCallsOf({ tool, tools = [] }: Pick<ClaudeRule, 'tool' | 'tools'>) {
  return tool ? [tool, ...tools] : tools
}

/** What a model could say of this reply: it calls only tools that it was told of, and one at a time if it must. */
export function permitted(
  said: SimulatedReply,
  { tools: declared = [], tool_choice: choice }: ClaudeRequest,
): { readonly reply: SimulatedReply; readonly undeclared: readonly ClaudeToolCall[] } {
  const names = declared.map(({ name }) => name)
  const calls = toolCallsOf(said)
  const isTold = ({ name }: ClaudeToolCall) => said.undeclared === true || names.includes(name)
  const callable = choice?.type === 'none' ? [] : calls.filter(isTold)
  const [first, ...more] = choice?.disable_parallel_tool_use ? callable.slice(0, 1) : callable
  return {
    reply: {
      text: said.text,
      ...(said.afterMs && { afterMs: said.afterMs }),
      ...(first && { tool: first }),
      ...(more.length > 0 && { tools: more }),
    },
    undeclared: calls.filter((call) => !isTold(call)),
  }
}

/** The reply of the script that is meant for this call, or else of a simple brain that goes by the prompt. */
export function chooseReply(
  request: ClaudeRequest,
  scripts: readonly ClaudeScript[],
): SimulatedReply {
  const system = systemText(request)
  const told = lastUserText(request.messages)
  const isOutcome = asksForOutcome(system)
  // The question about a call that is over tells what the call was for where it tells everything else of it.
  const broken = brokenLine(request)
  if (broken) return restOf(chooseReply(broken.before, scripts), broken.said)
  const script = scriptFor(isOutcome ? told : system, scripts)
  const rules = script?.rules.filter(
    (rule) => toolCallsOf(rule).some(({ name }) => name === REPORT_OUTCOME) === isOutcome,
  )
  const scripted = rules && scriptedReply(rules, request.messages)
  if (scripted) return scripted
  if (isOutcome) return { text: '', tool: outcomeReport(request, told) }
  const read = readAfterCall(request, told)
  if (read) return { text: '', tool: read }
  return think(system, exchangeOf(request))
}

/** The model is told that its last line is not whole: what was said of it, and the request that it answered. */
function brokenLine(
  request: ClaudeRequest,
): { readonly said: string; readonly before: ClaudeRequest } | undefined {
  const merged = mergeNeighbours(request.messages)
  const [line, note] = merged.slice(-2)
  if (line?.role !== 'assistant' || !note || textOf(note.blocks) !== BROKE_OFF) return undefined
  const messages = merged.slice(0, -2).map(({ role, blocks }) => ({ role, content: blocks }))
  return { said: textOf(line.blocks), before: { ...request, messages } }
}

const BROKE_OFF = '(Your line broke off there. Go on.)'

function restOf(reply: SimulatedReply, said: string): SimulatedReply {
  const text = plain(reply.text)
  const before = plain(said)
  return { ...reply, text: text.startsWith(before) ? text.slice(before.length).trim() : text }
}

export function systemText({ system }: ClaudeRequest): string {
  if (typeof system === 'string') return system
  return (system ?? []).map(({ text }) => text).join('\n')
}

/** All that the model was told since it last spoke, results of tools included. */
export function lastUserText(messages: readonly ClaudeMessage[]): string {
  return lastTold(messages).bare
}

function lastTold(messages: readonly ClaudeMessage[]): Told {
  const last = mergeNeighbours(messages).findLast(({ role }) => role === 'user')
  return toldBy(last?.blocks ?? [], toolNames(messages))
}

function exchangeOf({ messages, tools = [] }: ClaudeRequest) {
  const merged = mergeNeighbours(messages)
  return {
    told: lastTold(messages).labelled,
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
  const names = toolNames(messages)
  let told: Told = { bare: '', labelled: '' }
  for (const { role, blocks } of mergeNeighbours(messages)) {
    if (role === 'user') told = toldBy(blocks, names)
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
function saidBy(rule: ClaudeRule, blocks: readonly ClaudeBlock[]): boolean {
  const called = blocks.flatMap((block) => (block.type === 'tool_use' ? [block.name] : []))
  const callable = toolCallsOf(rule).map(({ name }) => name)
  if (!called.every((name) => callable.includes(name))) return false
  if (rule.say === undefined) return called.length > 0
  const text = plain(textOf(blocks)).replace(/\s*—$/u, '')
  // What a group of the pattern stands for is not known here: the text before the first one must do.
  const [head = ''] = plain(rule.say).split(/\$[\d$]/)
  return text.startsWith(head) || head.startsWith(text)
}

/** The text of a user message. */
type Told = {
  /** With the results of tools as they are. */
  readonly bare: string
  /** With the results of tools as lines `(tool NAME: RESULT)`. */
  readonly labelled: string
}

function fits(rule: ClaudeRule, told: Told): boolean {
  return matchOf(rule, told) !== null
}

/**
 * The caller's own words and bare results are tried first; stage directions and the names of tools count where nothing else
 * fits. The name of a tool by itself fits no pattern: a rule for “look” that calls `look_up` is not meant for its result.
 */
function matchOf({ when }: ClaudeRule, { bare, labelled }: Told): RegExpExecArray | null {
  // A fresh pattern: one with the `g` flag would remember where it stopped.
  const pattern = new RegExp(when.source, when.flags.replaceAll(/[gy]/g, ''))
  const plainly = pattern.exec(wordsOf(bare)) ?? pattern.exec(bare)
  if (plainly) return plainly
  const byLabel = pattern.exec(labelled)
  return byLabel?.[0].includes('tool ') ? byLabel : null
}

function applied(rule: ClaudeRule, told: Told): SimulatedReply {
  const { tool, tools, afterMs, undeclared } = rule
  const groups = matchOf(rule, told) ?? []
  const text = (rule.say ?? '').replaceAll(/\$([\d$])/g, (_, which: string) =>
    which === '$' ? '$' : (groups[Number(which)] ?? ''),
  )
  return {
    text,
    ...(tool && { tool }),
    ...(tools && { tools }),
    ...(afterMs && { afterMs }),
    ...(undeclared && { undeclared }),
  }
}

/** Without the lines that are notes in parentheses. */
export function wordsOf(told: string): string {
  return told
    .split('\n')
    .filter((line) => !/^\(.*\)$/.test(line))
    .join('\n')
}

function textOf(blocks: readonly ClaudeBlock[]): string {
  return blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n')
}

function toldBy(blocks: readonly ClaudeBlock[], names: ReadonlyMap<string, string>): Told {
  const lines = blocks.flatMap((block) => {
    if (block.type === 'text') return [{ bare: block.text, labelled: block.text }]
    if (block.type === 'tool_use') return []
    const name = names.get(block.tool_use_id) ?? 'unknown'
    return resultsIn(block).map((bare) => ({ bare, labelled: `(tool ${name}: ${oneLine(bare)})` }))
  })
  return {
    bare: lines.map(({ bare }) => bare).join('\n'),
    labelled: lines.map(({ labelled }) => labelled).join('\n'),
  }
}

function resultsIn({ content = [] }: Extract<ClaudeBlock, { type: 'tool_result' }>): string[] {
  return typeof content === 'string' ? [content] : content.map(({ text }) => text)
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

function toolNames(messages: readonly ClaudeMessage[]): ReadonlyMap<string, string> {
  const uses = messages.flatMap(({ content }) =>
    typeof content === 'string' ? [] : content.filter((block) => block.type === 'tool_use'),
  )
  return new Map(uses.map(({ id, name }) => [id, name]))
}
