import { afterSpeaking } from './after-speaking.ts'
import type { Playback } from './playout.ts'
import type { TurnTimings } from './timings.ts'
import type { ToolCall } from './tools.ts'
import type { ToolEntry, Transcript } from './transcript.ts'

/** What the model hears of a key or a transfer that it wanted, when the person spoke before the agent had said so. */
const NOT_DONE = 'not done: the person spoke, or was gone, before you had finished'

/** One reply: its playback, and what goes into the record when it has been heard or cut off. */
export class SentReply {
  readonly abort = new AbortController()
  readonly playback: Playback
  readonly timings: TurnTimings
  /** What the agent does when all of it was heard. Set when all of its audio is there. */
  then: ToolCall | undefined
  /** How many characters at its beginning nobody can talk over. */
  guardedChars = 0
  recorded = false
  /** Resolved when the caller's turn that it answers has ended for certain. */
  readonly confirmed: Promise<void>
  readonly confirm: () => void
  /** Where in its text tools were called. */
  readonly #tools: { readonly at: number; readonly entry: ToolEntry }[] = []
  #isConfirmed = false
  /** How many turns were on record when its first sound went to the line. */
  #place: number | undefined

  constructor(playback: Playback, timings: TurnTimings) {
    this.playback = playback
    this.timings = timings
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.confirmed = promise
    this.confirm = () => {
      this.#isConfirmed = true
      resolve(undefined)
    }
  }

  /** The person begins to hear it. What is written down from now on came after its first word. */
  begin({ turns }: Transcript): void {
    this.#place ??= turns.length
  }

  /** A tool was called at this point of the text. */
  calledTool(entry: ToolEntry): void {
    this.#tools.push({ at: this.playback.text.length, entry })
  }

  /**
   * Writes what was heard into the record, in its order with the tools that were called, and with what the caller said,
   * meanwhile. `isOver`: it was heard to its end, and what is to follow it follows.
   */
  record(
    transcript: Transcript,
    heard: { readonly text: string; readonly whole: boolean; readonly isOver: boolean },
    { startMs, endMs }: { startMs: number; endMs: number },
  ): void {
    if (this.recorded) return
    this.recorded = true
    const written = this.playback.text
    const begin = written.length - written.trimStart().length
    const end = begin + heard.text.length
    let at = begin
    let place = this.#firstPlace(transcript)
    for (const tool of [...this.#tools, undefined]) {
      const until = tool ? Math.min(Math.max(tool.at, at), end) : end
      const text = written.slice(at, until).trim()
      // Only the last piece that was heard can have been cut.
      const interrupted = !heard.whole && until === end
      transcript.add({ role: 'agent', text, interrupted, startMs, endMs }, place)
      at = until
      if (tool) place = transcript.placeOf(tool.entry) + 1
    }
    this.#recordThen(transcript, heard.isOver, endMs)
  }

  /** Its first words were written before any tool that it called, even if the voice was slower than the tool. */
  #firstPlace(transcript: Transcript): number {
    const [tool] = this.#tools
    const begun = this.#place ?? transcript.turns.length
    return tool ? Math.min(begun, transcript.placeOf(tool.entry)) : begun
  }

  /** Keys and transfers are written down when they are carried out; what never comes to that is, too. */
  #recordThen(transcript: Transcript, isOver: boolean, at: number): void {
    // Of a guess that was dropped nothing has happened.
    if (!this.then || !this.#isConfirmed) return
    const { id, name, input } = this.then
    const isLeave = afterSpeaking(name) === 'keys' || afterSpeaking(name) === 'transfer'
    if (isLeave === isOver) return
    const result = isLeave ? NOT_DONE : 'ok'
    transcript.add({ role: 'tool', id, name, input, result, startMs: at, endMs: at })
  }
}
