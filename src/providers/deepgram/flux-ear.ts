import { MULAW_BYTES_PER_MS, MULAW_SILENCE, type Mulaw8k } from '../../audio/samples.ts'
import type { Cancel } from '../../clock.ts'
import type { Ear, EarParts } from './ear.ts'
import { shifted } from '../hearing/event-time.ts'
import { failure, failureOfMessage } from './failure.ts'
import { FluxConfigurator, patientThresholds } from './flux-settings.ts'
import { type FluxTurn, hearTurnInfo, noTurn } from './flux-turn.ts'
import { languageHint } from './hearing-model.ts'
import { FluxServerMessage, type FluxTurnInfo, parseJson } from './messages.ts'
import { Packets } from './packets.ts'

/** 80 ms: what Flux' model takes in one step. */
const PACKET_BYTES = 80 * MULAW_BYTES_PER_MS
/** How often an open turn is looked after: three packets. */
const TICK_MS = 240
const SILENCE: Mulaw8k = new Uint8Array(TICK_MS * MULAW_BYTES_PER_MS).fill(MULAW_SILENCE)
/** Ticks without audio before silence stands in for it; frames that are merely late come sooner. */
const QUIET_TICKS = 2
/** An update is due every 250 ms of audio, whether or not there is anything new: ten that are missing are no accident. */
const STALL_TICKS = 10

export type FluxEarOptions = {
  /** The one that was connected to. */
  readonly model: string
  readonly language: string
  readonly eotThreshold: number
  readonly eotTimeoutMs: number
}

/**
 * Listens with Flux, which ends turns itself, on audio time: when audio stops in the middle of a turn, its end would
 * never come. So silence is sent in its place, and a turn about which nothing more is said is given up.
 */
export class FluxEar implements Ear {
  readonly #parts: EarParts
  readonly #options: FluxEarOptions
  readonly #configurator: FluxConfigurator
  readonly #packets: Packets
  #turn: FluxTurn = noTurn
  #cancelTicks: Cancel | undefined
  #ticksWithoutAudio = 0
  #ticksWithoutMessage = 0
  /** Silence sent that was not the caller's: now, and when the turn began. */
  #addedMs = 0
  #addedBeforeTurnMs = 0

  constructor(parts: EarParts, options: FluxEarOptions) {
    const { model, language, eotThreshold, eotTimeoutMs } = options
    this.#parts = parts
    this.#options = options
    this.#configurator = new FluxConfigurator(
      {
        clock: parts.clock,
        send: (message) => {
          parts.connection.sendMessage(message)
        },
      },
      { eotThreshold, eotTimeoutMs, hint: languageHint(model, language) },
    )
    this.#packets = new Packets(PACKET_BYTES, (packet) => {
      parts.connection.sendAudio(packet)
    })
  }

  opened(): void {
    // Flux says itself when it listens: see `Connected`.
  }

  sendAudio(audio: Mulaw8k): void {
    this.#ticksWithoutAudio = 0
    this.#packets.push(audio)
  }

  receive(text: string): void {
    this.#ticksWithoutMessage = 0
    const parsed = FluxServerMessage.safeParse(parseJson(text))
    if (!parsed.success) {
      this.#parts.owner.skipped()
      return
    }
    const message = parsed.data
    switch (message.type) {
      case 'Connected':
        this.#configurator.connected()
        this.#parts.owner.ready()
        return
      case 'TurnInfo':
        this.#hear(message)
        return
      case 'ConfigureFailure':
        this.#parts.owner.refused(message.description ?? message.error_code ?? 'no reason given')
        this.#configurator.answered()
        return
      case 'ConfigureSuccess':
        this.#configurator.answered()
        return
      case 'Error':
        this.#parts.owner.failed(failureOfMessage(message))
    }
  }

  setPatience(pauseMs: number): void {
    this.#configurator.want(patientThresholds(pauseMs, this.#options))
  }

  takeLanguage(language: string): boolean {
    const hint = languageHint(this.#options.model, language)
    if (hint === undefined) return false
    this.#configurator.want({ hint })
    return true
  }

  probe(): boolean {
    return false
  }

  stop(): void {
    this.#configurator.stop()
    this.#cancelTicks?.()
    this.#cancelTicks = undefined
    this.#packets.flush()
  }

  #hear(info: FluxTurnInfo): void {
    this.#parts.owner.told(info.audio_window_end * 1000)
    const { turn, events } = hearTurnInfo(this.#turn, info)
    this.#turn = turn
    this.#lookAfter(turn)
    // Times count the audio that Flux got; ours count what we were given.
    for (const event of events) {
      this.#parts.owner.heard(shifted(event, -this.#addedBeforeTurnMs))
    }
  }

  #lookAfter(turn: FluxTurn): void {
    const open = turn.text !== ''
    if (open && !this.#cancelTicks) {
      this.#ticksWithoutAudio = 0
      this.#addedBeforeTurnMs = this.#addedMs
      this.#cancelTicks = this.#parts.clock.every(TICK_MS, () => {
        this.#tick()
      })
    } else if (!open) {
      this.#cancelTicks?.()
      this.#cancelTicks = undefined
    }
  }

  /** Ticks are counted, not time: after a stall of our own, what has come meanwhile is still to be read. */
  #tick(): void {
    if (++this.#ticksWithoutMessage > STALL_TICKS) {
      this.#parts.owner.failed(failure('timeout', 'a turn began, and nothing more was said of it'))
      return
    }
    if (++this.#ticksWithoutAudio <= QUIET_TICKS) return
    this.#packets.push(SILENCE)
    this.#addedMs += TICK_MS
  }
}
