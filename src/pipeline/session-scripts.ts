import type { Clock } from '../clock.ts'
import { type CallPast, hasSaid } from './call-past.ts'
import type { ConversationEngine, ReplyPart, TextToSpeech } from './ports.ts'
import type { Playback } from './playout.ts'
import type { CallBrief } from './prompt.ts'
import type { ReplyVoice } from './reply-voice.ts'
import { SaidSoFar } from './said-so-far.ts'
import type { SentReply } from './sent-reply.ts'
import type { StockPhrases } from './stock-phrases.ts'
import { toolRounds, type ToolRoundsOptions } from './tool-rounds.ts'
import type { SessionTools } from './session-tools.ts'
import type { ToolDefinition } from './tools.ts'
import type { Transcript, Turn } from './transcript.ts'
import type { ReplyKind } from './turn-events.ts'
import { type SpokenPart, unbroken } from './unbroken.ts'

/** What the spec of the call says of the agent's words. */
export type SpeechRules = {
  /** Exact words before the opening. */
  readonly disclosure: string | undefined
  readonly guardsOpening: boolean
  readonly guardsGoodbye: boolean
  /** Exact words before whatever is left on a machine. */
  readonly messageDisclosure: string | undefined
  /** Exact words to leave on a machine. */
  readonly voicemailMessage: string | undefined
}

/** Tells the model that it speaks to a machine now; the prompt explains it. */
export const RECORDING = '(The machine is recording.)'

type Request = {
  readonly current: SentReply
  readonly voice: ReplyVoice
  /** What the caller has probably said, when that is not on record yet. */
  readonly guess: string | undefined
  readonly signal: AbortSignal
}

/** Where the words of each kind of reply come from. */
export class SessionScripts {
  readonly #parts: SessionScriptsParts
  /** Where the disclosure was said last. */
  #disclosed: { readonly playback: Playback; readonly chars: number } | undefined

  constructor(parts: SessionScriptsParts) {
    this.#parts = parts
  }

  partsOf(kind: ReplyKind, request: Request): AsyncIterable<SpokenPart> {
    const stock = this.#parts.stock()
    switch (kind) {
      case 'opening':
        return this.#opening(request)
      case 'answer':
        return this.#answer(request)
      case 'message':
        return this.#message(request)
      case 'holding':
        return given(stock.holding)
      case 'reprompt':
        return given(stock.stillThere)
      case 'time_warning':
        return given(stock.timeWarning)
      case 'no_answer':
        return given(stock.noAnswer)
      case 'apology':
        return given(stock.apology)
      case 'time_up':
        return given(stock.timeUp)
      case 'closing':
        return given(stock.closing)
      case 'resumption':
        return this.#resumption()
    }
  }

  /** A call that another process has carried so far: the model learns it anew, while the person hears what has happened. */
  takeUp(signal: AbortSignal): void {
    const { engine, brief, tts, tools, run } = this.#parts
    run(async () => {
      await Promise.allSettled([engine.setup(brief, { signal, tools }), tts.connect({ signal })])
    })
  }

  /** Whoever has heard nothing of us yet hears how the call was to begin, too. */
  // eslint-disable-next-line @typescript-eslint/require-await -- a port takes an async iterable
  async *#resumption(): AsyncIterable<SpokenPart> {
    const { stock, brief, transcript } = this.#parts
    yield { type: 'text', text: stock().lineDropped, whole: true }
    const isUnheard = !transcript.turns.some(({ role }) => role === 'agent')
    if (isUnheard && brief.opening !== undefined) yield { type: 'text', text: ` ${brief.opening}` }
    yield { type: 'done', reason: 'end' }
  }

  /** The voice connects while the model thinks about the first words; exact ones wait for neither. */
  async *#opening(request: Request): AsyncIterable<SpokenPart> {
    const { current, signal } = request
    const { engine, transcript, brief, tts, rules, tools, run } = this.#parts
    const ready = engine.setup(brief, { signal, tools })
    // What fails here fails again where it is needed, and is reported there.
    run(async () => {
      await Promise.allSettled([ready, tts.connect({ signal })])
    })
    yield* this.#disclose(request)
    if (rules.guardsOpening) current.guardedChars = Infinity
    if (brief.opening !== undefined) {
      yield* exactly(brief.opening)
      return
    }
    await ready
    // A tool that the model wants for its first words waits for the phone to be picked up.
    let asked = false
    yield* this.#rounds(request, {
      ask: (turns, options) => {
        if (asked) return engine.streamResponse(turns, options)
        asked = true
        return engine.getOpening(options)
      },
      turns: () => transcript.turns,
    })
  }

  /** Exact words which nobody can talk over. */
  // eslint-disable-next-line @typescript-eslint/require-await -- yields what others wait for
  async *#disclose({ current, voice }: Request): AsyncIterable<SpokenPart> {
    const { disclosure } = this.#parts.rules
    if (disclosure === undefined) return
    yield { type: 'text', text: disclosure }
    voice.breathe()
    const { text } = current.playback
    current.guardedChars = text.trimEnd().length
    this.#disclosed = { playback: current.playback, chars: current.guardedChars }
  }

  /** Whoever comes on the line behind a machine has not heard what has to be said before anything else. */
  get #owesDisclosure(): boolean {
    const { answeredBy = 'person' } = this.#parts.toolRuns.facts
    if (answeredBy !== 'person') return false
    const { past, rules } = this.#parts
    if (past && rules.disclosure !== undefined && hasSaid(past, rules.disclosure)) return false
    const { playback, chars } = this.#disclosed ?? {}
    return playback === undefined || playback.heard().text.length < (chars ?? 0)
  }

  async *#answer(request: Request): AsyncIterable<SpokenPart> {
    if (this.#owesDisclosure) yield* this.#disclose(request)
    yield* this.#answerOf(request)
  }

  #answerOf(request: Request): AsyncIterable<SpokenPart> {
    const { engine, transcript, toolRuns } = this.#parts
    const { current, guess } = request
    let isConfirmed = guess === undefined
    void current.confirmed.then(() => {
      isConfirmed = true
    })
    const late = toolRuns.takeLate(current)
    return this.#rounds(request, {
      ask: (turns, options) => engine.streamResponse(turns, options),
      turns: () => [
        ...transcript.turns,
        ...(isConfirmed || guess === undefined ? [] : [aside(guess)]),
        ...(late === '' ? [] : [aside(late)]),
      ],
    })
  }

  #rounds(
    { current, voice, signal }: Request,
    { ask, turns }: Pick<ToolRoundsOptions, 'ask' | 'turns'>,
  ): AsyncIterable<SpokenPart> {
    return toolRounds({
      ask: (each, options) => breathing(ask(each, options), voice),
      turns,
      said: () => current.playback.text,
      tools: this.#parts.toolRuns.for(current),
      confirmed: current.confirmed,
      stock: this.#parts.stock,
      clock: this.#parts.clock,
      signal,
    })
  }

  /** A model that cannot write the message has nothing to add by a tool, either. */
  async *#message({ current, signal }: Request): AsyncIterable<SpokenPart> {
    const { rules, engine, transcript } = this.#parts
    if (rules.messageDisclosure !== undefined) {
      yield { type: 'text', text: `${rules.messageDisclosure} ` }
    }
    if (rules.voicemailMessage !== undefined) {
      yield* exactly(rules.voicemailMessage)
      return
    }
    const text = new SaidSoFar(() => current.playback.text)
    const asked = transcript.turns.length
    text.beginMessage(asked + 1)
    const parts = unbroken({
      ask: (turns, options) => engine.streamResponse(turns, options),
      turns: () => text.among([...transcript.turns.slice(0, asked), aside(RECORDING)]),
      said: () => text.ofMessage,
      signal,
    })
    for await (const part of parts) {
      if (part.type !== 'tool_call') yield part
    }
  }
}

export type SessionScriptsParts = {
  /** Of a call that another process has carried so far. */
  readonly past?: CallPast | undefined
  readonly brief: CallBrief
  readonly tools: readonly ToolDefinition[]
  readonly rules: SpeechRules
  readonly engine: ConversationEngine
  readonly tts: TextToSpeech
  readonly transcript: Transcript
  readonly toolRuns: SessionTools
  readonly stock: () => StockPhrases
  readonly clock: Clock
  readonly run: (task: () => Promise<void>) => void
}

/** Words to the model that are not on record. */
function aside(text: string): Turn {
  return { role: 'caller', text, startMs: 0, endMs: 0 }
}

/** What was written before a tool call is spoken while the tool runs. */
async function* breathing(
  parts: AsyncIterable<ReplyPart>,
  voice: ReplyVoice,
): AsyncIterable<ReplyPart> {
  for await (const part of parts) {
    if (part.type === 'tool_call') voice.breathe()
    yield part
  }
}

/** A stock phrase as a reply. */
// eslint-disable-next-line @typescript-eslint/require-await -- a port takes an async iterable
async function* given(text: string): AsyncIterable<ReplyPart> {
  yield { type: 'text', text, whole: true }
  yield { type: 'done', reason: 'end' }
}

/** Words of the spec as a reply. */
// eslint-disable-next-line @typescript-eslint/require-await -- a port takes an async iterable
async function* exactly(text: string): AsyncIterable<SpokenPart> {
  yield { type: 'text', text }
  yield { type: 'done', reason: 'end' }
}
