import type { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import { ClientMessage } from '../providers/elevenlabs/messages.ts'
import type { ContextHost, VoiceContext, VoiceSocketSettings } from './elevenlabs-context.ts'
import {
  closeReason,
  POLICY_VIOLATION,
  type SocketErrorId,
  socketError,
} from './elevenlabs-errors.ts'
import { audioFrame, finalFrame } from './elevenlabs-frames.ts'
import type { VoiceJournal } from './elevenlabs-journal.ts'
import type { ElevenLabsFault, ElevenLabsFaults, ElevenLabsKnobs } from './elevenlabs-knobs.ts'
import type { VoiceChunk } from './elevenlabs-voice.ts'
import type { Violations } from './violations.ts'

/** What all connections to one stand-in share. */
export type VoiceWorld = {
  readonly clock: Clock
  readonly knobs: ElevenLabsKnobs
  readonly violations: Violations
  readonly faults: ElevenLabsFaults
  readonly journal: VoiceJournal
  /** Why a request is refused: its key, or the voice that it names. Undefined: it is welcome. */
  readonly refusalOf: (key: string | undefined, voice: string) => SocketErrorId | undefined
}

export type VoiceRequest = {
  readonly voice: string
  /** From the request's header or query; a socket may name it in its first message instead. */
  readonly key: string | undefined
  readonly settings: VoiceSocketSettings
  /** Something in the request that is only told after the first message. */
  readonly problem: SocketErrorId | undefined
}

/** One socket, up to where the single and the multi-context protocol differ. */
export abstract class VoiceSession implements ContextHost {
  readonly clock: Clock
  readonly knobs: ElevenLabsKnobs
  readonly settings: VoiceSocketSettings
  protected readonly world: VoiceWorld
  readonly #ws: WebSocket
  readonly #request: VoiceRequest
  #greeted = false

  constructor(ws: WebSocket, world: VoiceWorld, request: VoiceRequest) {
    this.clock = world.clock
    this.knobs = world.knobs
    this.settings = request.settings
    this.world = world
    this.#ws = ws
    this.#request = request
    ws.on('message', (bytes: Buffer, isBinary) => {
      this.#receive(bytes, isBinary)
    })
    ws.on('close', () => {
      this.release()
    })
    ws.on('error', () => {
      // A client that breaks the protocol or its connection: `close` follows.
    })
  }

  protected abstract accept(message: ClientMessage): void
  /** The socket is gone. */
  protected abstract release(): void
  /** What to do when the last frame of a context has been sent. */
  protected abstract ended(context: VoiceContext): void

  given(context: VoiceContext, text: string): void {
    this.world.journal.given(context, text)
  }

  faultFor(text: string): ElevenLabsFault | undefined {
    return this.world.faults.take(this.knobs.faults, text)
  }

  audio(context: VoiceContext, chunk: VoiceChunk): void {
    const frame = audioFrame(chunk, context.id, this.knobs)
    // Told first: what the client does about it must not seem to come before.
    this.world.journal.sent(context)
    this.#ws.send(frame)
  }

  final(context: VoiceContext): void {
    this.#ws.send(finalFrame(context.id, this.knobs))
    this.ended(context)
  }

  timedOut(): void {
    this.refuse('input_timeout_exceeded')
  }

  refuse(id: SocketErrorId): void {
    if (id === 'voice_settings_changed') this.violation('voice settings changed')
    const error = socketError(id, this.settings.inactivityTimeoutS)
    this.#ws.send(JSON.stringify(error))
    this.close(POLICY_VIOLATION, error.message)
  }

  break(context: VoiceContext, fault: ElevenLabsFault): void {
    switch (fault.kind) {
      case 'error':
        if (fault.scoped) {
          const error = { ...socketError(fault.error), contextId: context.id }
          this.#ws.send(JSON.stringify(error))
          context.stop()
          this.ended(context)
        } else this.refuse(fault.error)
        return
      case 'garbage':
        this.#ws.send('<html>502 Bad Gateway</html>')
        return
      case 'cut':
        this.release()
        this.#ws.terminate()
        return
      case 'close':
        this.close(fault.code, 'fault of the service')
        return
      default:
    }
  }

  protected violation(rule: string, detail = ''): void {
    this.world.violations.add('elevenlabs', rule, detail)
  }

  protected close(code: number, reason: string): void {
    this.release()
    this.#ws.close(code, closeReason(reason))
  }

  protected flushDone(id: string | undefined): void {
    if (this.knobs.flushDone) this.#ws.send(JSON.stringify({ type: 'flush_done', context_id: id }))
  }

  #receive(bytes: Buffer, isBinary: boolean): void {
    // What arrives after our close was sent is not read any more.
    if (this.#ws.readyState !== this.#ws.OPEN) return
    const value = isBinary ? undefined : jsonOf(bytes.toString())
    if (value === undefined) {
      this.violation('malformed message')
      this.refuse('input_message_json_decode_fail')
      return
    }
    const message = ClientMessage.safeParse(value)
    if (!message.success) {
      this.violation('invalid message', message.error.issues[0]?.path.join('.'))
      this.refuse('invalid_input_message')
      return
    }
    const refusal = this.#greeted ? undefined : this.#refusalOf(message.data)
    this.#greeted = true
    if (refusal) this.refuse(refusal)
    else this.accept(message.data)
  }

  #refusalOf(first: ClientMessage): SocketErrorId | undefined {
    const { key, voice, problem } = this.#request
    const given = key ?? first['xi-api-key'] ?? first.xi_api_key ?? first.authorization
    return this.world.refusalOf(given, voice) ?? problem
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
