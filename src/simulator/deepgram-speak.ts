import { z } from 'zod'
import {
  FLUSHES_WITHIN_MS,
  MAX_FLUSHES,
  SpeakClientMessage,
} from '../providers/deepgram/speak-messages.ts'
import { badQuery, type Refusal } from './deepgram-refusals.ts'
import type { DeepgramSession, Endpoint } from './deepgram-session.ts'
import { Outbox } from './outbox.ts'
import { speakMulaw } from './tone-speech.ts'

/** The stand-in speaks the telephone's audio alone; Deepgram knows more encodings. */
const SpeakQuery = z.strictObject({
  model: z.string().regex(/^aura-(2-)?[a-z]+-[a-z]{2}$/, 'is not a voice'),
  encoding: z.literal('mulaw'),
  sample_rate: z.literal('8000'),
  speed: z.string().optional(),
  mip_opt_out: z.string().optional(),
})
export type SpeakParameters = z.infer<typeof SpeakQuery>

export function readSpeakParameters(query: URLSearchParams): SpeakParameters | Refusal {
  const parsed = SpeakQuery.safeParse(Object.fromEntries(query))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  return badQuery(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim())
}

/** About 200 ms, and no multiple of a frame. */
const CHUNK_BYTES = 1601
const BYTES_PER_MS = 8
/** The longest text of one message. */
const MAX_CHARS = 2000

/** `/v1/speak`: text that is given is spoken when it is flushed; audio comes faster than it plays. */
export class SpeakEndpoint implements Endpoint {
  readonly #session: DeepgramSession
  readonly #model: string
  readonly #flushes: number[] = []
  #text = ''
  #sequence = 0
  #sentBytes = 0
  readonly #outbox: Outbox
  #freeAt = 0

  constructor(session: DeepgramSession, { model }: SpeakParameters) {
    this.#session = session
    this.#model = model
    this.#outbox = new Outbox(session.clock)
  }

  opened(): void {
    const { requestId } = this.#session
    this.#session.send({ type: 'Metadata', request_id: requestId, model_name: this.#model })
  }

  audio(): void {
    this.#session.violation('audio sent to a voice')
    this.#session.close(1003, 'MESSAGE-0000')
  }

  message(text: string): void {
    const message = SpeakClientMessage.safeParse(jsonOf(text))
    if (!message.success) {
      this.#session.violation('malformed message', text.slice(0, 80))
      this.#session.close(1003, 'MESSAGE-0000')
      return
    }
    switch (message.data.type) {
      case 'Speak':
        this.#take(message.data.text)
        return
      case 'Flush':
        this.#flush()
        return
      case 'Clear':
        this.#outbox.clear()
        this.#text = ''
        this.#freeAt = 0
        this.#session.send({ type: 'Cleared', sequence_id: this.#sequence++ })
        return
      case 'Close':
        this.closeStream()
    }
  }

  closeStream(): void {
    this.#session.close(1000, '')
  }

  checkActivity(): void {
    // An idle voice costs nothing, and is not known to be turned out.
  }

  #take(text: string): void {
    if (text.length > MAX_CHARS) {
      this.#session.violation('text too long', String(text.length))
      this.#session.close(1009, 'BIG-0001')
    } else this.#text += text
  }

  #flush(): void {
    const now = this.#session.clock.now()
    this.#flushes.push(now)
    if (this.#flushes.filter((at) => at > now - FLUSHES_WITHIN_MS).length > MAX_FLUSHES) {
      this.#session.violation('too many flushes')
      this.#session.send({ type: 'Warning', code: 'FLUSH', description: 'Too many flushes.' })
      return
    }
    const { speakFirstAudioMs, speakRealTimeFactor } = this.#session.knobs
    const audio = this.#text.trim() === '' ? new Uint8Array(0) : speakMulaw(this.#text)
    this.#text = ''
    let dueAt = Math.max(now + speakFirstAudioMs, this.#freeAt)
    const later = (run: () => void) => {
      this.#outbox.after(dueAt - now, () => {
        if (this.#session.over) this.#outbox.clear()
        else run()
      })
    }
    for (let at = 0; at < audio.length; at += CHUNK_BYTES) {
      const chunk = audio.subarray(at, at + CHUNK_BYTES)
      later(() => {
        this.#send(chunk)
      })
      dueAt += chunk.length / BYTES_PER_MS / speakRealTimeFactor
    }
    later(() => {
      this.#session.send({ type: 'Flushed', sequence_id: this.#sequence++ })
    })
    this.#freeAt = dueAt
  }

  #send(chunk: Uint8Array): void {
    const { dropSpeakAfterBytes } = this.#session.knobs
    if (this.#sentBytes >= dropSpeakAfterBytes) {
      this.#session.cut()
      return
    }
    this.#sentBytes += chunk.length
    this.#session.sendBinary(chunk)
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
