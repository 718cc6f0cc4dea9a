import type { WebSocket } from 'ws'
import { FRAME_BYTES } from '../audio/samples.ts'
import { PulseClientMessage } from '../providers/smallest/pulse-messages.ts'
import { HeardWords, type HeardWord, transcriptOf } from './heard-words.ts'
import { Outbox } from './outbox.ts'
import type { PulseParameters } from './pulse-parameters.ts'
import { jsonIn, type SmallestWorld } from './smallest-world.ts'

const SAMPLES_PER_MS = 8
/** Silence after which a sound counts as the start of speech. */
const ONSET_MS = 500
/** Simulated speech is silent for 10 ms between two symbols, which ends nothing. */
const MIN_SILENCE_MS = 60

type Final = { readonly from_finalize?: true; readonly is_last?: true }

/** One socket of `/waves/v1/stt/live`. What it hears is decoded from the audio it is sent, and nothing else. */
export class PulseSession {
  readonly #socket: WebSocket
  readonly #world: SmallestWorld
  readonly #parameters: PulseParameters
  readonly #outbox: Outbox
  readonly #heard = new HeardWords()
  #windowStart = 0
  #lastInterim = 0
  #lastSoundEnd = -Infinity
  #isSpeaking = false
  #isOver = false

  constructor(socket: WebSocket, options: { world: SmallestWorld; parameters: PulseParameters }) {
    this.#socket = socket
    this.#world = options.world
    this.#parameters = options.parameters
    this.#outbox = new Outbox(this.#world.clock)
    socket.on('message', (bytes: Buffer, isBinary) => {
      if (this.#isOver) return
      if (isBinary) this.#listen(bytes)
      else this.#obey(bytes.toString())
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#isOver = true
      this.#outbox.clear()
    })
  }

  #obey(text: string): void {
    const parsed = PulseClientMessage.safeParse(jsonIn(text))
    if (!parsed.success) {
      this.#world.violation('message that Pulse does not know', text)
      return
    }
    this.#heard.finishWord()
    if (parsed.data.type === 'finalize') {
      this.#final({ from_finalize: true })
      return
    }
    this.#final({ is_last: true })
    this.#isOver = true
    this.#outbox.after(this.#world.knobs.hearingLatencyMs, () => {
      this.#socket.close(1000)
    })
  }

  #listen(bytes: Buffer): void {
    if (bytes.length === 0) this.#world.violation('empty frame of audio')
    // Step by step, so that the size of the client's packets changes nothing in what is heard.
    for (let at = 0; at < bytes.length; at += FRAME_BYTES) {
      this.#heard.hear(bytes.subarray(at, at + FRAME_BYTES))
      this.#noticeOnset()
      this.#report()
    }
    const { dropAfterMs, dropWith } = this.#world.knobs
    if (this.#heard.position < dropAfterMs * SAMPLES_PER_MS) return
    this.#isOver = true
    if (dropWith === 'cut') this.#socket.terminate()
    else this.#socket.close(dropWith, 'dropped as asked')
  }

  #report(): void {
    const { position, lastSoundEnd } = this.#heard
    const { endpointing, eou_timeout_ms: silenceMs } = this.#parameters
    const { knobs } = this.#world
    const words = this.#heard.words()
    if (words.length > 0) this.#isSpeaking = true
    const isQuiet = position - lastSoundEnd >= Math.max(silenceMs, MIN_SILENCE_MS) * SAMPLES_PER_MS
    const isDue = position - this.#windowStart >= knobs.finalMs * SAMPLES_PER_MS
    if (endpointing ? isQuiet && this.#isSpeaking && !knobs.losesFinals : isDue) {
      this.#heard.finishWord()
      this.#final({})
      this.#isSpeaking = false
      if (this.#parameters.vad_events) this.#send({ type: 'speech_ended' })
    } else if (
      words.length > 0 &&
      position - this.#lastInterim >= knobs.interimMs * SAMPLES_PER_MS
    ) {
      this.#lastInterim = position
      this.#transcription(words, { is_final: false, is_last: false })
    }
  }

  #noticeOnset(): void {
    const { lastSoundEnd } = this.#heard
    const hasBegun =
      lastSoundEnd - this.#lastSoundEnd >= ONSET_MS * SAMPLES_PER_MS && lastSoundEnd > 0
    if (lastSoundEnd > 0) this.#lastSoundEnd = lastSoundEnd
    if (hasBegun && this.#parameters.vad_events) this.#send({ type: 'speech_started' })
  }

  #final(kind: Final): void {
    const words = this.#heard.take()
    this.#windowStart = this.#lastInterim = this.#heard.position
    this.#transcription(words, { is_final: true, is_last: false, ...kind })
  }

  #transcription(words: readonly HeardWord[], kind: object): void {
    const text = transcriptOf(words)
    const { knobs } = this.#world
    this.#send({
      type: 'transcription',
      status: 'success',
      session_id: 'session-1',
      ...Object.fromEntries(knobs.textFields.map((name) => [name, text])),
      ...kind,
      ...(this.#parameters.word_timestamps && {
        words: words.map(({ word, start, end }) => ({ word, start, end, confidence: 0.99 })),
      }),
    })
  }

  #send(message: object): void {
    this.#outbox.after(this.#world.knobs.hearingLatencyMs, () => {
      this.#socket.send(JSON.stringify(message))
    })
  }
}
