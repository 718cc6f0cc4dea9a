import type { Mulaw8k } from '../../audio/samples.ts'
import type { Clock } from '../../clock.ts'
import type { ProviderError } from '../../errors.ts'
import type { HearingEvent } from '../../pipeline/ports.ts'
import type { Connection } from './connection.ts'

/** One of Deepgram's two ways of listening, on a connection of its own. */
export interface Ear {
  /** The connection is open. */
  opened(): void
  /** A message came. */
  receive(text: string): void
  /** Only after `EarOwner.ready`. */
  sendAudio(audio: Mulaw8k): void
  /** As `SpeechToText.setPatience`, also before `opened`. */
  setPatience(pauseMs: number): void
  /** Whether it can hear this language (BCP 47) without another connection, and then does from here on. */
  takeLanguage(language: string): boolean
  /** Asks the vendor for any answer at all; false when there is no such question. */
  probe(): boolean
  /** Sends what it holds back, and ends its timers. */
  stop(): void
}

export interface EarOwner {
  /** Audio may be sent. */
  ready(): void
  heard(event: HearingEvent): void
  failed(error: ProviderError): void
  /** What came was about the audio sent up to this point. */
  told(untilMs: number): void
  /** Speech was sent of which nothing has been said. */
  isOwed(): boolean
  /** A message that means nothing to us came. */
  skipped(): void
  /** The vendor does not take a change that we asked for, and goes on as it was. */
  refused(reason: string): void
}

export type EarParts = {
  readonly connection: Pick<Connection, 'sendAudio' | 'sendMessage'>
  readonly clock: Clock
  readonly owner: EarOwner
}
