import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { CallFacts, OutcomeNote } from './call-facts.ts'
import { type CallPast, CUT_OFF, openTransfer } from './call-past.ts'
import type { AnsweredBy } from './answering/answered-by.ts'
import type { CallControl } from './ports.ts'
import type { SentReply } from './sent-reply.ts'
import type { ToolBox } from './tool-box.ts'
import type { FillerRota } from './tool-fillers.ts'
import { type ToolHandler, ToolRuns } from './tool-runs.ts'
import type { ToolCall } from './tools.ts'
import type { ToolEntry, Transcript } from './transcript.ts'
import type { LeaveReason, TurnEvent } from './turn-events.ts'

/** A number that the person may be handed over to, by the name under which the model knows it. */
export type TransferTarget = { readonly name: string; readonly phoneNumber: string }

/** What came out of a transfer, in words for the model. */
const TRANSFER_RESULTS = {
  busy: 'failed: the line was busy; the person is back with you',
  no_answer: 'failed: nobody answered; the person is back with you',
  failed: 'failed: the number could not be reached; the person is back with you',
} as const

const CALL_OVER = 'not known: the call was over first'

/**
 * The tools of one call: runs them, keeps what they find out, and leaves the line for those that need the carrier. Runs
 * outlive the replies that asked for them.
 */
export class SessionTools {
  readonly #parts: SessionToolsParts
  readonly #runs: ToolRuns
  readonly #notes: OutcomeNote[] = []
  #facts: { answeredBy?: AnsweredBy; transferredTo?: string; messageLeft?: string } = {}
  #optedOut = false
  /** Calls whose results came after the reply that had asked for them. */
  readonly #late: string[] = []
  /** The reply that was last told of such results. */
  #told: { readonly reply: SentReply; readonly ids: readonly string[] } | undefined
  #reply: SentReply | undefined
  #transfer: { entry: ToolEntry; name: string } | undefined

  constructor(parts: SessionToolsParts) {
    this.#parts = parts
    this.#runs = new ToolRuns({
      ...parts,
      handlers: this.#handlers(),
      turns: () => parts.transcript.turns,
      ledger: {
        begin: (call) => {
          const entry = parts.transcript.begin(call, parts.now())
          this.#reply?.calledTool(entry)
          return {
            finish: (result) => {
              entry.finish(result, parts.now())
            },
          }
        },
      },
      onLate: (call) => {
        this.#late.push(call.id)
        parts.dispatch({ type: 'tool_finished' })
      },
    })
  }

  /** What came out before, in another process. Whatever was at work then is not known to have been done. */
  takeUp(past: CallPast): void {
    const { notes, optedOut, ...facts } = past.facts
    this.#notes.push(...notes)
    this.#optedOut = optedOut
    this.#facts = facts
    const { transcript, now } = this.#parts
    const transfer = openTransfer(past)
    for (const turn of transcript.running) {
      const entry = transcript.reopen(turn)
      if (turn === transfer) this.#transfer = { entry, name: field(turn.input, 'to') }
      else entry.finish(CUT_OFF, now())
    }
  }

  get facts(): CallFacts {
    return { ...this.#facts, notes: this.#notes, optedOut: this.#optedOut }
  }

  /** Which words fill a wait next. */
  get fillers(): FillerRota {
    return this.#runs.fillers
  }

  /** Something is still being done that nobody waits for: the reply that asked for it was cut off. */
  get atWork(): boolean {
    return this.#runs.pending
  }

  /** The call is over: what was still to come of the person's transfer does not come. */
  callOver(): void {
    this.#transfer?.entry.finish(CALL_OVER, this.#parts.now())
    this.#transfer = undefined
  }

  learn(facts: { answeredBy?: AnsweredBy; messageLeft?: string }): void {
    this.#facts = { ...this.#facts, ...facts }
  }

  /** The runs, as the reply sees them that now may ask for some. */
  for(reply: SentReply): ToolRuns {
    this.#reply = reply
    return this.#runs
  }

  /**
   * Results that nobody has been told yet, as lines for the model; each is given once. They stand in the transcript, too, but
   * where their calls were made, which may be a while ago.
   */
  takeLate(reply: SentReply): string {
    // Of what a reply was to tell, and nobody heard, the person knows nothing.
    const { reply: before, ids: untold = [] } = this.#told ?? {}
    if (before?.playback.heard().text === '') this.#late.unshift(...untold)
    const ids = this.#late.splice(0)
    this.#told = { reply, ids }
    return this.#parts.transcript.turns
      .flatMap((turn) =>
        turn.role === 'tool' && ids.includes(turn.id)
          ? [`(tool ${turn.name}: ${turn.result})`]
          : [],
      )
      .join('\n')
  }

  /** The agent has said what it had to: now the carrier acts. */
  leave(reason: LeaveReason, call: ToolCall): void {
    const entry = this.#parts.transcript.begin(call, this.#parts.now())
    this.#parts.run(async () => {
      try {
        await (reason === 'keys' ? this.#press(call, entry) : this.#handOver(call, entry))
      } catch (error) {
        this.#parts.log.warn({ err: error, tool: call.name }, 'carrier did not do it')
        this.#transfer = undefined
        entry.finish('failed: the phone company did not do it', this.#parts.now())
        this.#parts.dispatch({ type: 'leave_failed' })
      }
    })
  }

  async #press(call: ToolCall, entry: ToolEntry): Promise<void> {
    await this.#parts.control.pressKeys(field(call.input, 'keys'))
    entry.finish('pressed', this.#parts.now())
  }

  async #handOver(call: ToolCall, entry: ToolEntry): Promise<void> {
    const name = field(call.input, 'to')
    const target = this.#parts.transferTargets.find((each) => each.name === name)
    if (!target) throw new Error('no such person to hand over to')
    // The person had come back before it was known what became of the one before.
    this.#transfer?.entry.finish(TRANSFER_RESULTS.failed, this.#parts.now())
    this.#transfer = { entry, name }
    await this.#parts.control.transfer(target.phoneNumber)
  }

  transferEnded(outcome: 'completed' | keyof typeof TRANSFER_RESULTS): void {
    if (!this.#transfer) return
    const { entry, name } = this.#transfer
    this.#transfer = undefined
    if (outcome === 'completed') this.#facts = { ...this.#facts, transferredTo: name }
    entry.finish(outcome === 'completed' ? 'done' : TRANSFER_RESULTS[outcome], this.#parts.now())
    this.#parts.dispatch({ type: 'transfer_ended', completed: outcome === 'completed' })
  }

  #handlers(): Readonly<Record<string, ToolHandler>> {
    return {
      record_outcome: (input) => {
        const { result, details } = RecordedOutcome.parse(input)
        this.#notes.push({ result, ...(details !== undefined && { details }) })
        return 'noted'
      },
      do_not_call_again: () => {
        this.#optedOut = true
        this.#parts.onOptedOut()
        return 'noted: this number will not be called again. Tell the person so, and say goodbye.'
      },
      switch_language: (input) => {
        this.#parts.switchLanguage(field(input, 'language'))
        return 'done: speak this language from now on'
      },
    }
  }
}

const RecordedOutcome = z.object({ result: z.string(), details: z.unknown().optional() })

export type SessionToolsParts = {
  readonly box: ToolBox
  readonly control: CallControl
  readonly transferTargets: readonly TransferTarget[]
  readonly transcript: Transcript
  readonly clock: Clock
  readonly log: Logger
  /** Aborted when the call is over. */
  readonly signal: AbortSignal
  /** Milliseconds since the call was answered. */
  readonly now: () => number
  readonly switchLanguage: (language: string) => void
  /** The person does not want to be called again. */
  readonly onOptedOut: () => void
  readonly dispatch: (event: TurnEvent) => void
  readonly run: (task: () => Promise<void>) => void
}

/** A string of a tool's arguments, which were checked against its schema. */
function field(input: unknown, name: string): string {
  const value: unknown =
    typeof input === 'object' && input !== null ? Reflect.get(input, name) : undefined
  return typeof value === 'string' ? value : ''
}
