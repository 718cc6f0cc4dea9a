import { ProviderError } from '../errors.ts'
import { afterSpeaking } from './after-speaking.ts'
import type { Playback } from './playout.ts'
import type { ReplyPart } from './ports.ts'
import type { ReplyVoice } from './reply-voice.ts'
import type { StockPhrases } from './stock-phrases.ts'
import type { ToolCall } from './tools.ts'
import type { SpokenPart } from './unbroken.ts'

/** What a reply amounted to when all of its audio was handed to the playback. */
export type ReplyOutcome = {
  /** What the agent does when the reply was heard: the model's last call of a tool of that kind. */
  readonly then: ToolCall | undefined
}

/**
 * One reply: text as the model writes it → phrases → speech → playback. Resolves when all audio is there; nothing that
 * it started outlives it.
 *
 * @throws {ProviderError} when the model or the voice failed; what was synthesised until then is still played
 * @throws the signal's reason when aborted; the voice is stopped
 */
export async function runReply(options: {
  parts: AsyncIterable<SpokenPart>
  voice: ReplyVoice
  playback: Playback
  stock: () => StockPhrases
  signal: AbortSignal
  onText: () => void
  /** Called before the playback is told that all audio is there. */
  onOutcome: (outcome: ReplyOutcome) => void
}): Promise<void> {
  const { parts, voice, playback, signal } = options
  try {
    let then: ToolCall | undefined
    for await (const part of unlessEmpty(parts)) {
      signal.throwIfAborted()
      if (part.type === 'tool_call' && afterSpeaking(part.name)) then = part
      if (part.type === 'broken') voice.forget()
      if (part.type === 'done') wrapUp(part.reason, options)
      if (part.type !== 'text') continue
      if (part.filler) {
        voice.breathe()
        voice.fill(part.text)
      } else {
        options.onText()
        if (part.whole) voice.say(part.text)
        else voice.write(part.text)
      }
    }
    signal.throwIfAborted()
    await voice.finish(insteadOfSilence(options.stock(), then))
    options.onOutcome({ then })
    playback.finish({ whole: true })
  } catch (error) {
    voice.cancel()
    // What was sent is heard out; what waits for its release is dropped.
    if (playback.audible) playback.finish({ whole: false })
    else playback.cut()
    throw error
  }
}

/** What the model did not come to the end of. */
function wrapUp(
  reason: Extract<ReplyPart, { type: 'done' }>['reason'],
  { voice, stock }: { voice: ReplyVoice; stock: () => StockPhrases },
): void {
  // Half a sentence is worse than none behind whole ones.
  if (reason === 'length') voice.forgetHalfSentence()
  if (reason !== 'refusal') return
  voice.forget()
  voice.write(stock().stuck)
}

/** A model may end its turn without a word; the person never waits in vain for one. */
function insteadOfSilence(stock: StockPhrases, then: ToolCall | undefined): string | undefined {
  switch (then && afterSpeaking(then.name)) {
    case 'hang_up':
      return stock.goodbye
    case 'transfer':
      return stock.transferring
    case 'keys':
    case 'listen':
      return undefined
    default:
      return stock.again
  }
}

/** A reply without a word or a tool call is no failure that ends a call. */
async function* unlessEmpty(parts: AsyncIterable<SpokenPart>): AsyncIterable<SpokenPart> {
  try {
    yield* parts
  } catch (error) {
    if (!(error instanceof ProviderError && error.code === 'empty')) throw error
  }
}
