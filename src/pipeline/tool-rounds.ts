import { afterSpeaking } from './after-speaking.ts'
import type { Clock } from '../clock.ts'
import { ProviderError } from '../errors.ts'
import type { ReplyPart } from './ports.ts'
import { SaidSoFar } from './said-so-far.ts'
import type { StockPhrases } from './stock-phrases.ts'
import { FillerTimer } from './tool-fillers.ts'
import type { StartedCall, ToolRuns } from './tool-runs.ts'
import type { ToolCall } from './tools.ts'
import type { Turn } from './transcript.ts'
import { type SpokenPart, unbroken } from './unbroken.ts'
import { untilAborted } from './until-aborted.ts'

/** Nobody asks for more at once; a model that does has lost its way. */
const MAX_CALLS_PER_MESSAGE = 3
/** A look-up, a booking that fails, another one and its outcome are four; each costs the person a pause. */
const MAX_ROUNDS = 4

const TOO_MANY_AT_ONCE =
  'Not run: too many tools at once. Call it again if it is still needed after the others.'
const ANSWER_NOW = '(Answer the person now, in words, and without another tool.)'

export type ToolRoundsOptions = {
  /** Asks the model; ends quietly when `signal` is aborted. */
  readonly ask: (
    turns: readonly Turn[],
    options: { signal: AbortSignal },
  ) => AsyncIterable<ReplyPart>
  /** The transcript as it is now: it only grows, and results are filled in where their calls stand. */
  readonly turns: () => readonly Turn[]
  /** What this reply has said so far, all that was yielded before a tool call included. */
  readonly said: () => string
  readonly tools: ToolRuns
  /** Asked each time: a tool may change the language. */
  readonly stock: () => Pick<StockPhrases, 'fillers' | 'stuck' | 'transferring'>
  readonly clock: Clock
  /** Aborted when the reply is cut off; runs go on. */
  readonly signal: AbortSignal
  /** Resolved once the caller's turn is certain: until then a reply is a guess, and no tool may run for it. */
  readonly confirmed?: Promise<unknown>
}

/**
 * One reply, however often the model has to be asked for it: its text, words that fill the wait for its tools, its text about
 * their results, and so on, as one stream.
 *
 * Tools that the session carries out after speaking come as `tool_call` parts and end the reply; all others are run here.
 * The last part is the `done` of the last message. Ends quietly when aborted; what `ask` throws is passed on.
 */
export async function* toolRounds(options: ToolRoundsOptions): AsyncGenerator<SpokenPart> {
  const over = new AbortController()
  const timer = new FillerTimer(options.clock, options.tools.fillers)
  const parts = rounds({
    ...options,
    signal: AbortSignal.any([options.signal, over.signal]),
    timer,
    text: new SaidSoFar(options.said),
    spoke: false,
  })
  try {
    let next = parts.next()
    for (;;) {
      const result = await Promise.race([next, timer.due])
      if (result === 'filler') {
        yield { type: 'text', text: timer.take(options.stock().fillers), filler: true }
        continue
      }
      if (result.done) return
      yield result.value
      next = parts.next()
    }
  } finally {
    over.abort(new Error('the reply is over'))
    timer.stop()
    await parts.return(undefined)
  }
}

type Reply = ToolRoundsOptions & {
  readonly timer: FillerTimer
  readonly text: SaidSoFar
  /** The model has said something in this reply, other than fillers. */
  spoke: boolean
}

type DoneReason = Extract<ReplyPart, { type: 'done' }>['reason']

type Message = {
  readonly calls: readonly ToolCall[]
  readonly spoke: boolean
  /** `empty`: there is not a word in this message, though the person still waits for one. */
  readonly end: DoneReason | 'empty' | 'cut off'
}

async function* rounds(reply: Reply): AsyncGenerator<SpokenPart> {
  let wasEmpty = false
  for (let round = 1; ; round++) {
    const isLast = round > MAX_ROUNDS
    const knownAt = reply.tools.moment
    const message: Message = yield* oneMessage(reply, {
      isFirst: round === 1,
      urge: wasEmpty || isLast,
    })
    if (isOver(reply) || message.end === 'cut off') return
    wasEmpty = message.end === 'empty'
    if (message.end === 'empty') continue
    if (message.calls.length === 0 || message.end === 'refusal') {
      yield { type: 'done', reason: message.end }
      return
    }
    const last = await carryOut(reply, message, { knownAt, isLast })
    if (last !== undefined) {
      yield* last
      return
    }
  }
}

/** Asks the model once. Its text is passed on as it comes; its tool calls count when the message is whole. */
async function* oneMessage(
  reply: Reply,
  { isFirst, urge }: { isFirst: boolean; urge: boolean },
): AsyncGenerator<SpokenPart, Message> {
  const { text, signal } = reply
  text.beginMessage(reply.turns().length)
  const view = () => {
    const turns = text.among(reply.turns())
    return urge ? urged(turns) : turns
  }
  const calls: ToolCall[] = []
  let spoke = false
  let end: Message['end'] = 'cut off'
  try {
    const { ask } = reply
    const parts = unbroken({ ask, turns: view, said: () => text.ofMessage, signal })
    for await (const part of parts) {
      if (signal.aborted) break
      if (part.type === 'broken') {
        // It was not whole: no tool of it has run, and the model calls it again.
        calls.length = 0
        yield part
      } else if (part.type === 'text') {
        if (part.text.trim() !== '') spoke = reply.spoke = true
        yield part
      } else if (part.type === 'tool_call') calls.push(part)
      else end = part.reason
    }
  } catch (error) {
    if (!isEmpty(error) || isFirst) throw error
    // Nothing to add to what was said before the tools ran.
    if (!reply.spoke && !urge) end = 'empty'
    else if (!reply.spoke && reply.said() === '') throw error
    else {
      if (!reply.spoke) yield { type: 'text', text: reply.stock().stuck, whole: true }
      end = 'end'
    }
  }
  return { calls, spoke, end }
}

/** Carries out a message's tool calls. Returns the last parts of the reply, unless the model has to be asked again. */
async function carryOut(
  reply: Reply,
  { calls, spoke }: Message,
  { knownAt, isLast }: { knownAt: number; isLast: boolean },
): Promise<readonly ReplyPart[] | undefined> {
  const { tools, signal, timer } = reply
  const leaving = calls.filter((call) => isLeaving(call, tools))
  const others = calls.filter((call) => !leaving.includes(call))
  if (others.length > 0 && !isLast) {
    if (reply.confirmed) await untilAborted(reply.confirmed, signal)
    if (isOver(reply)) return []
    timer.toolsRun({ spoke })
    await tools.settle(start(others, tools, knownAt), { signal })
    if (isOver(reply)) return []
    timer.stop()
  }
  if (leaving.length > 0) return lastParts(reply, leaving)
  if (!isLast) return undefined
  return [
    { type: 'text', text: reply.stock().stuck, whole: true },
    { type: 'done', reason: 'end' },
  ]
}

/** It changes while one waits, which a compiler does not know. */
function isOver({ signal }: Reply): boolean {
  return signal.aborted
}

function start(calls: readonly ToolCall[], tools: ToolRuns, knownAt: number): StartedCall[] {
  return calls.flatMap((call, index) => {
    const check = tools.check(call)
    if (check.ok && index < MAX_CALLS_PER_MESSAGE) return [tools.start(call, { knownAt })]
    tools.refuse(call, check.ok ? TOO_MANY_AT_ONCE : check.result)
    return []
  })
}

/** Whether the session carries it out after speaking. A goodbye is never held up by a reason that is on no list. */
function isLeaving(call: ToolCall, tools: ToolRuns): boolean {
  const after = afterSpeaking(call.name)
  if (after === undefined) return false
  return after === 'hang_up' || tools.check(call).ok
}

function lastParts({ spoke, stock }: Reply, leaving: readonly ToolCall[]): readonly ReplyPart[] {
  const handsOver = leaving.some(({ name }) => afterSpeaking(name) === 'transfer')
  return [
    // Nobody is handed over without being told.
    ...(handsOver && !spoke
      ? [{ type: 'text', text: stock().transferring, whole: true } as const]
      : []),
    ...leaving.map(({ id, name, input }) => ({ type: 'tool_call', id, name, input }) as const),
    { type: 'done', reason: 'tool_call' },
  ]
}

/** The model's last chance to answer; the transcript itself stays as it is. */
function urged(turns: readonly Turn[]): readonly Turn[] {
  const last = turns.findLastIndex(({ role }) => role === 'tool')
  return turns.map((turn, index) =>
    index === last && turn.role === 'tool'
      ? { ...turn, result: `${turn.result}\n${ANSWER_NOW}` }
      : turn,
  )
}

function isEmpty(error: unknown): boolean {
  return error instanceof ProviderError && error.code === 'empty'
}
