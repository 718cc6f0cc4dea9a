import { MULAW_BYTES_PER_MS, type Mulaw8k } from '../../audio/samples.ts'
import type { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { NORMAL_PAUSE_MS } from '../../pipeline/patience.ts'
import type { HearingEvent, HearingListener, SpeechToText } from '../../pipeline/ports.ts'
import type { Channel, ChannelOwner } from './channel.ts'
import { LanguageSwitch } from './language-switch.ts'
import { RecentAudio } from './recent-audio.ts'

/** What a person says before a connection that takes its time is there. */
const KEPT_MS = 5000
/** What waited is sent in pieces of 100 ms, as the vendors like them. */
const PIECE_BYTES = 100 * MULAW_BYTES_PER_MS

export type ChannelHearingOptions = {
  /** BCP 47; the one to begin with. */
  readonly language: string
  /** Dials a connection that hears a language. */
  readonly open: (language: string, owner: ChannelOwner) => Channel
  readonly log: Logger
}

/**
 * Hears one call over a vendor's connection, and over a second one while the language is switched. A failure is told once:
 * before it listens, by the rejection of `start`; afterwards, by a `failed` event.
 */
export class ChannelHearing implements SpeechToText {
  readonly #options: ChannelHearingOptions
  #language: string
  readonly #recent = new RecentAudio(KEPT_MS)
  #state: 'new' | 'connecting' | 'listening' | 'over' = 'new'
  #listener: HearingListener | undefined
  #channel: Channel | undefined
  #switch: LanguageSwitch | undefined
  /** Connections that were left, and have not closed yet. */
  readonly #leaving = new Set<Promise<void>>()
  #pauseMs = NORMAL_PAUSE_MS
  #turnOpen = false
  /** Where the newest turn that is over ended, in ms of the call's audio. */
  #heardUntilMs = -Infinity
  #ignoreSignal: (() => void) | undefined
  readonly #started = Promise.withResolvers<undefined>()

  constructor(options: ChannelHearingOptions) {
    this.#options = options
    this.#language = options.language
  }

  async start(listener: HearingListener, { signal }: { signal: AbortSignal }): Promise<void> {
    if (this.#state !== 'new') throw new Error('hearing is started once')
    signal.throwIfAborted()
    this.#state = 'connecting'
    this.#listener = listener
    this.#obey(signal)
    this.#connect()
    await this.#started.promise
  }

  sendAudio(audio: Mulaw8k): void {
    if (audio.length === 0 || this.#state === 'over') return
    this.#recent.push(audio)
    if (this.#state === 'listening') this.#channel?.sendAudio(audio)
  }

  setPatience(pauseMs: number): void {
    if (this.#pauseMs === pauseMs) return
    this.#pauseMs = pauseMs
    this.#channel?.setPatience(pauseMs)
    this.#switch?.channel.setPatience(pauseMs)
  }

  switchLanguage(language: string): void {
    if (this.#state === 'over') return
    this.#language = language
    if (this.#switch?.channel.takeLanguage(language)) return
    this.#switch?.cancel()
    this.#switch = undefined
    if (!this.#channel || this.#channel.takeLanguage(language)) return
    if (this.#state === 'connecting') {
      this.#channel.cut()
      this.#connect()
    } else this.#beginSwitch()
  }

  async close(): Promise<void> {
    if (this.#state !== 'over') {
      this.#stop(new DOMException('hearing was closed before it listened', 'AbortError'))
      if (this.#channel) this.#leave(this.#channel)
    }
    await Promise.all(this.#leaving)
  }

  #obey(signal: AbortSignal): void {
    const onAbort = () => {
      this.#stop(signal.reason)
      this.#channel?.cut()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    this.#ignoreSignal = () => {
      signal.removeEventListener('abort', onAbort)
    }
  }

  #connect(): void {
    const channel = this.#options.open(this.#language, {
      ready: () => {
        this.#state = 'listening'
        this.#feed(channel, 0)
        this.#started.resolve(undefined)
      },
      heard: (event) => {
        this.#tell(event)
      },
      failed: (error) => {
        this.#fail(error)
      },
    })
    channel.setPatience(this.#pauseMs)
    this.#channel = channel
  }

  #beginSwitch(): void {
    const { log } = this.#options
    const channel = this.#options.open(this.#language, {
      ready: () => {
        this.#takeOver()
      },
      heard: (event) => {
        this.#tell(event)
      },
      failed: (error) => {
        if (this.#channel === channel) this.#fail(error)
        else {
          log.warn({ err: error }, 'hearing goes on in the language before')
          this.#switch = undefined
        }
      },
    })
    const next = new LanguageSwitch(channel, this.#recent.endMs)
    next.channel.setPatience(this.#pauseMs)
    this.#switch = next
  }

  /** The new language is heard from the end of what was heard in the old one, as soon as nobody is in the middle of a turn. */
  #takeOver(): void {
    const next = this.#switch
    if (!next?.channel.ready || this.#turnOpen) return
    if (this.#channel) this.#leave(this.#channel)
    this.#switch = undefined
    this.#channel = next.channel
    this.#feed(next.channel, next.firstMsAfter(this.#heardUntilMs))
  }

  /** Gives a channel the audio from this point of the call on; what comes goes there as well. */
  #feed(channel: Channel, fromMs: number): void {
    const { startMs, audio } = this.#recent.since(fromMs)
    channel.beginAt(startMs)
    for (let at = 0; at < audio.length; at += PIECE_BYTES) {
      channel.sendAudio(audio.subarray(at, at + PIECE_BYTES))
    }
  }

  #leave(channel: Channel): void {
    const left = channel.goodbye().finally(() => this.#leaving.delete(left))
    this.#leaving.add(left)
  }

  #tell(event: HearingEvent): void {
    if (this.#state !== 'listening') return
    this.#turnOpen = event.type !== 'turn_end'
    if (event.type === 'turn_end') {
      this.#heardUntilMs = event.speechEndMs ?? this.#recent.endMs
      this.#takeOver()
    }
    this.#listener?.(event)
  }

  #fail(error: ProviderError): void {
    if (this.#state === 'over') return
    const wasListening = this.#state === 'listening'
    this.#stop(error)
    this.#channel?.cut()
    if (wasListening) this.#listener?.({ type: 'failed', error })
  }

  /** Nothing is heard from here on; `reason` is what a `start` that has not resolved rejects with. */
  #stop(reason: unknown): void {
    this.#state = 'over'
    this.#switch?.cancel()
    this.#switch = undefined
    this.#ignoreSignal?.()
    this.#started.reject(reason)
    // Nobody may be waiting for it.
    this.#started.promise.catch(() => undefined)
  }
}
