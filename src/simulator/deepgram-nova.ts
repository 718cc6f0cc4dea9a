import { createHash } from 'node:crypto'
import { FRAME_BYTES } from '../audio/samples.ts'
import { NovaClientMessage, parseJson } from '../providers/deepgram/messages.ts'
import type { NovaParameters } from './deepgram-parameters.ts'
import type { DeepgramSession, Endpoint, SendOptions } from './deepgram-session.ts'
import { HeardWords, type HeardWord, transcriptOf } from './heard-words.ts'

const SAMPLES_PER_MS = 8
const SAMPLES_PER_SECOND = 8000
/** Silence after which a sound counts as the start of speech. */
const ONSET_MS = 500
/** Simulated speech is silent for 10 ms between two symbols, which ends nothing. */
const MIN_ENDPOINTING_MS = 60
const QUIET_CLIENT_MS = 10_000
const NO_AUDIO_MS = 25_000
const NET_0001 =
  'Deepgram did not receive audio data or a text message within the timeout window. See https://dpgr.am/net0001'
const NET_0000 =
  'Deepgram did not provide a response message within the timeout window. See https://dpgr.am/net0000'

type FinalKind = { readonly speechFinal: boolean; readonly fromFinalize?: boolean }

/** `/v1/listen`: results by windows of audio. Everything but its timeouts goes by the audio it was sent. */
export class NovaEndpoint implements Endpoint {
  readonly #session: DeepgramSession
  readonly #parameters: NovaParameters
  readonly #heard = new HeardWords()
  readonly #hash = createHash('sha256')
  #windowStart = 0
  #lastInterim = 0
  /** Words were heard after the last end of speech. */
  #speaking = false
  /** End of the last word that was sent, and of the last after which `UtteranceEnd` was. */
  #lastWordEnd: number | undefined
  #utteranceEnd: number | undefined
  #lastSoundEnd = -Infinity
  /** The finals since then. */
  #said: HeardWord[] = []
  #announced = false
  #keptAlive = false

  constructor(session: DeepgramSession, parameters: NovaParameters) {
    this.#session = session
    this.#parameters = parameters
  }

  opened(): void {
    // Nothing is sent until there is something to tell.
  }

  audio(bytes: Buffer): void {
    this.#hash.update(bytes)
    // Step by step, so that the size of the client's packets changes nothing in what is heard.
    for (let at = 0; at < bytes.length; at += FRAME_BYTES) {
      this.#heard.hear(bytes.subarray(at, at + FRAME_BYTES))
      this.#listen()
    }
  }

  message(text: string): void {
    const parsed = NovaClientMessage.safeParse(parseJson(text))
    if (!parsed.success) {
      this.#session.violation('message that Nova does not know', text)
      return
    }
    this.#session.active()
    const message = parsed.data
    if (message.type === 'KeepAlive') this.#keptAlive = true
    else if (message.type === 'Finalize') {
      this.#heard.finishWord()
      this.#final({ speechFinal: false, fromFinalize: true })
    } else if (message.type === 'CloseStream') this.closeStream()
    else this.#configure(message)
  }

  closeStream(): void {
    this.#heard.finishWord()
    if (this.#heard.words().length > 0) this.#final({ speechFinal: false })
    this.#session.send({
      type: 'Metadata',
      transaction_key: 'deprecated',
      request_id: this.#session.requestId,
      sha256: this.#hash.digest('hex'),
      created: this.#session.clock.date().toISOString(),
      duration: this.#heard.position / SAMPLES_PER_SECOND,
      channels: this.#heard.position === 0 ? 0 : 1,
    })
    this.#session.close(1000)
  }

  checkActivity(): void {
    const { idleMs, ageMs, audioBytes } = this.#session
    if (audioBytes === 0 && this.#keptAlive && ageMs >= NO_AUDIO_MS) {
      this.#session.violation('kept alive without any audio')
      this.#session.close(1011, NET_0000)
    } else if (idleMs >= QUIET_CLIENT_MS) {
      this.#session.violation('neither audio nor message for 10 s')
      this.#session.close(1011, NET_0001)
    }
  }

  #listen(): void {
    this.#noticeOnset()
    const { position, lastSoundEnd } = this.#heard
    const words = this.#heard.words()
    if (words.length > 0) this.#speaking = true
    if (this.#endsSpeech(msBetween(lastSoundEnd, position))) this.#endSpeech()
    else if (msBetween(this.#windowStart, position) >= this.#session.knobs.finalMs) {
      this.#final({ speechFinal: false })
    } else if (
      words.length > 0 &&
      msBetween(this.#lastInterim, position) >= this.#session.knobs.interimMs
    ) {
      this.#interim()
    }
    this.#noticeGap()
  }

  #noticeOnset(): void {
    const { lastSoundEnd } = this.#heard
    const onset = msBetween(this.#lastSoundEnd, lastSoundEnd) >= ONSET_MS && lastSoundEnd > 0
    if (lastSoundEnd > 0) this.#lastSoundEnd = lastSoundEnd
    if (!onset || !this.#parameters.vad_events) return
    const times = this.#session.knobs.repeatSpeechStarted ? 2 : 1
    for (let i = 0; i < times; i++) {
      const timestamp = lastSoundEnd / SAMPLES_PER_SECOND
      this.#session.send({ type: 'SpeechStarted', channel: [0, 1], timestamp })
    }
  }

  /** Sounds of any kind put the end of speech off, as they do with the real one. */
  #endsSpeech(quietMs: number): boolean {
    const { endpointing } = this.#parameters
    if (!this.#speaking || this.#session.knobs.utteranceEndFirst) return false
    return quietMs >= Math.max(endpointing, MIN_ENDPOINTING_MS)
  }

  #endSpeech(): void {
    const { emptySpeechFinal, loseSpeechFinal } = this.#session.knobs
    this.#heard.finishWord()
    this.#final({ speechFinal: !emptySpeechFinal && !loseSpeechFinal })
    if (emptySpeechFinal) this.#final({ speechFinal: true })
    this.#speaking = false
  }

  /** Words have paused for long enough; only words that were sent count, and whatever else sounds does not matter. */
  #noticeGap(): void {
    const { utterance_end_ms } = this.#parameters
    if (utterance_end_ms === undefined || this.#lastWordEnd === this.#utteranceEnd) return
    const { position, lastSymbolEnd } = this.#heard
    if (msBetween(lastSymbolEnd, position) < utterance_end_ms) return
    this.#utteranceEnd = this.#lastWordEnd
    const last_word_end = this.#lastWordEnd
    this.#session.send({ type: 'UtteranceEnd', channel: [0, 1], last_word_end })
    if (!this.#session.knobs.utteranceEndFirst) return
    this.#final({ speechFinal: true })
    this.#speaking = false
  }

  #interim(): void {
    if (!this.#parameters.interim_results) return
    this.#lastInterim = this.#heard.position
    this.#results(this.#heard.words(), this.#heard.position, undefined)
  }

  /** Closes the window; the word that is being spoken moves on to the next one. */
  #final(kind: FinalKind): void {
    const windowEnd = this.#heard.unfinishedStart ?? this.#heard.position
    this.#results(this.#heard.take(), windowEnd, kind)
    this.#windowStart = this.#lastInterim = windowEnd
  }

  #results(words: readonly HeardWord[], windowEnd: number, final: FinalKind | undefined): void {
    this.#lastWordEnd = words.at(-1)?.end ?? this.#lastWordEnd
    const transcript = transcriptOf(words)
    const message = {
      type: 'Results',
      channel_index: [0, 1],
      start: this.#windowStart / SAMPLES_PER_SECOND,
      duration: (windowEnd - this.#windowStart) / SAMPLES_PER_SECOND,
      is_final: final !== undefined,
      speech_final: final?.speechFinal ?? false,
      from_finalize: final?.fromFinalize ?? false,
      channel: { alternatives: [{ transcript, confidence: 0.99, words: words.map(wireWord) }] },
      metadata: {
        request_id: this.#session.requestId,
        model_info: { name: this.#parameters.model, version: 'simulated', arch: 'nova' },
        model_uuid: this.#session.requestId,
      },
    }
    this.#session.send(message, {
      delayMs: final ? this.#session.knobs.slowFinalMs : 0,
      events: this.#eventsOf(words, final),
    })
  }

  #eventsOf(
    words: readonly HeardWord[],
    final: FinalKind | undefined,
  ): NonNullable<SendOptions['events']> {
    const begins = words.length > 0 && !this.#announced
    this.#announced ||= begins
    if (final) this.#said.push(...words)
    const started = begins ? [{ type: 'turn_started' as const, text: transcriptOf(words) }] : []
    if (!final?.speechFinal) return started
    const ended = { type: 'turn_ended' as const, text: transcriptOf(this.#said) }
    this.#said = []
    this.#announced = false
    return [...started, ended]
  }

  #configure({ keyterms }: Extract<NovaClientMessage, { type: 'Configure' }>): void {
    if (keyterms && !this.#parameters.model.startsWith('nova-3')) {
      this.#session.violation('keyterms for a model without them', this.#parameters.model)
      const description = 'Keyterms are only supported by Nova-3.'
      this.#session.send({ type: 'Error', code: 'KeytermsNotSupported', description })
      return
    }
    const { requestId } = this.#session
    const message = { type: 'ConfigureSuccess', request_id: requestId }
    this.#session.send({ ...message, ...(keyterms && { keyterms }) })
  }
}

function msBetween(from: number, to: number): number {
  return (to - from) / SAMPLES_PER_MS
}

function wireWord({ word, start, end }: HeardWord): object {
  const bare = word.toLowerCase().replace(/[.,?!]+$/, '')
  return { word: bare, punctuated_word: word, start, end, confidence: 0.99 }
}
