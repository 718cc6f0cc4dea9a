import type { CallStore, RetentionDays } from '../calls/call-store.ts'
import type { Clock } from '../clock.ts'
import { DailyTask } from '../daily-task.ts'
import type { Logger } from '../log.ts'

/** After the start, when nothing else is in a hurry any more. */
const FIRST_SWEEP_MS = 60_000

export type RetentionSweeperParts = {
  readonly store: Pick<CallStore, 'sweep'>
  /** 0: for ever. */
  readonly days: RetentionDays & { readonly recording: number }
  /** Forgets what was said in a call, where it is kept elsewhere. */
  readonly onTranscriptErased?: (callId: string) => Promise<unknown>
  /** Forgets what is kept of a call elsewhere, such as its recording. */
  readonly onErased: (callId: string) => Promise<unknown>
  /** Forgets recordings that are older than so many days. */
  readonly sweepRecordings?: (days: number) => Promise<unknown>
  readonly clock: Clock
  readonly log: Logger
}

/** Forgets what is old enough, once a day. */
export class RetentionSweeper {
  readonly #parts: RetentionSweeperParts
  readonly #daily: DailyTask

  constructor(parts: RetentionSweeperParts) {
    this.#parts = parts
    const { clock } = parts
    this.#daily = new DailyTask({ firstMs: FIRST_SWEEP_MS, run: () => this.#sweep(), clock })
  }

  start(): void {
    this.#daily.start()
  }

  /** No further sweep begins; resolves when there is none going on. */
  stop(): Promise<void> {
    return this.#daily.stop()
  }

  /** Never rejects: what fails is tried again the next day. One at a time. */
  sweep(): Promise<void> {
    return this.#daily.run()
  }

  async #sweep(): Promise<void> {
    const { store, days, onErased, onTranscriptErased, sweepRecordings, clock, log } = this.#parts
    try {
      const { transcripts, erased } = await store.sweep({ now: clock.date(), days })
      if (transcripts.length + erased.length > 0) {
        log.info(
          { transcripts: transcripts.length, calls: erased.length },
          'old calls were forgotten',
        )
      }
      if (onTranscriptErased) {
        for (const callId of transcripts) await this.#try(() => onTranscriptErased(callId), callId)
      }
      for (const callId of erased) await this.#try(() => onErased(callId), callId)
    } catch (error) {
      log.error({ err: error }, 'old calls could not be forgotten')
    }
    if (sweepRecordings && days.recording > 0) {
      await this.#try(() => sweepRecordings(days.recording))
    }
  }

  async #try(forget: () => Promise<unknown>, callId?: string): Promise<void> {
    try {
      await forget()
    } catch (error) {
      this.#parts.log.error(
        { err: error, callId },
        'what is kept of an old call could not be forgotten',
      )
    }
  }
}
