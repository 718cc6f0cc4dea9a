import type { Mulaw8k } from '../../audio/samples.ts'
import type { ProviderError } from '../../errors.ts'
import type { HearingEvent } from '../../pipeline/ports.ts'

/** A word with its place in the audio, in seconds, where the vendor tells it. */
export type TimedWord = { readonly start?: number | undefined; readonly end?: number | undefined }

/** One connection to a vendor that hears, dialled when it is made, and given audio from some point of the call on. */
export interface Channel {
  readonly ready: boolean
  /** The point of the call's audio, in ms, from which on it is sent audio. */
  beginAt(originMs: number): void
  sendAudio(audio: Mulaw8k): void
  /** As `SpeechToText.setPatience`, also before it is ready. */
  setPatience(pauseMs: number): void
  /** Whether it hears this language, from now on if not before. */
  takeLanguage(language: string): boolean
  /** Ends it at once; its owner hears nothing more. */
  cut(): void
  /** Ends it as the protocol wants it; its owner hears nothing more. Never rejects. */
  goodbye(): Promise<void>
}

export interface ChannelOwner {
  /** Audio may be sent. */
  ready(): void
  /** Times are those of the call's audio. */
  heard(event: HearingEvent): void
  /** The last that is heard of it: it never listened, or does not any more. */
  failed(error: ProviderError): void
}
