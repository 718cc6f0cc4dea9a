import { afterSpeaking } from './after-speaking.ts'
import type { Playback } from './playout.ts'
import type { ReplyVoice } from './reply-voice.ts'
import type { TurnTimings } from './timings.ts'
import type { ToolCall } from './tools.ts'
import type { ToolEntry, Transcript } from './transcript.ts'

/** What the model hears of a key or a transfer that it wanted, when the person spoke before the agent had said so. */
const NOT_DONE = 'not done: the person spoke, or was gone, before you had finished'

type Break = { readonly at: number } & (
  { readonly entry: ToolEntry } | { readonly fillerMs: number }
)

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
  /** Says it; there as soon as it is begun. */
  voice: Pick<ReplyVoice, 'fill' | 'dropFiller'> | undefined
  /** Where in its text tools were called, and waits were filled, in their order. */
  readonly #breaks: Break[] = []
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
    this.#breaks.push({ at: this.playback.text.length, entry })
  }

  /** Words that fill a wait are heard from here on. */
  filled(startMs: number): void {
    const { text, sentText } = this.playback
    const begin = text.length - text.trimStart().length
    this.#breaks.push({ at: begin + sentText.length, fillerMs: startMs })
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
    const fillers = [...this.playback.fillersHeard]
    const breaks = this.#breaks.toSorted((a, b) => a.at - b.at)
    for (const each of [...breaks, undefined]) {
      const until = each ? Math.min(Math.max(each.at, at), end) : end
      const text = written.slice(at, until).trim()
      // Only the last piece that was heard can have been cut.
      const interrupted = !heard.whole && until === end
      if (text !== '') {
        transcript.add({ role: 'agent', text, interrupted, startMs, endMs }, place++)
      }
      at = until
      if (each && 'entry' in each) place = transcript.placeOf(each.entry) + 1
      else if (each) {
        const filler = fillers.shift()
        if (filler === undefined || filler.text === '') continue
        const said = { role: 'agent', text: filler.text, interrupted: !filler.whole } as const
        const ms = { startMs: each.fillerMs, endMs }
        transcript.add({ ...said, filler: true, ...ms }, place++)
      }
    }
    this.#recordThen(transcript, heard.isOver, endMs)
  }

  /** Its first words were written before any tool that it called, even if the voice was slower than the tool. */
  #firstPlace(transcript: Transcript): number {
    const tool = this.#breaks.find((each) => 'entry' in each)
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
