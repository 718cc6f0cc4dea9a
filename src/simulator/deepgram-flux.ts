import { FRAME_BYTES } from '../audio/samples.ts'
import { FluxClientMessage, parseJson } from '../providers/deepgram/messages.ts'
import { eagerIsNotAboveEnd, FLUX_LANGUAGES, type FluxParameters } from './deepgram-parameters.ts'
import type { DeepgramSession, Endpoint, SendOptions } from './deepgram-session.ts'
import { HeardWords, type HeardWord, transcriptOf } from './heard-words.ts'

/** A sentence that is finished, whatever quotes or brackets close it. */
const SENTENCE_END = /[.?!…。？！]["'”’)\]]*$/
const INACTIVE_MS = 60_000
const SAMPLES_PER_MS = 8
/** The real number is not known: “more than a few”. */
const MAX_PENDING_CONFIGURES = 3

type TurnEvent = 'StartOfTurn' | 'Update' | 'EagerEndOfTurn' | 'TurnResumed' | 'EndOfTurn'

/** `/v2/listen`: words and turns from simulated speech. Everything but its timeout goes by the audio it was sent. */
export class FluxEndpoint implements Endpoint {
  readonly #session: DeepgramSession
  readonly #heard = new HeardWords()
  #parameters: FluxParameters
  #state: 'ready' | 'speaking' | 'awaiting' = 'ready'
  #turnIndex = 0
  #turnStart = 0
  #lastUpdate = 0
  #eagerSymbols = 0
  #sequenceId = 0
  #pendingConfigures = 0

  constructor(session: DeepgramSession, parameters: FluxParameters) {
    this.#session = session
    this.#parameters = parameters
  }

  opened(): void {
    this.#send({ type: 'Connected' })
  }

  audio(bytes: Buffer): void {
    // Step by step, so that the size of the client's packets changes nothing in what is heard.
    for (let at = 0; at < bytes.length; at += FRAME_BYTES) {
      this.#heard.hear(bytes.subarray(at, at + FRAME_BYTES))
      this.#listen()
    }
  }

  message(text: string): void {
    const parsed = FluxClientMessage.safeParse(parseJson(text))
    if (!parsed.success) {
      this.#session.violation('message that Flux does not know', text)
      this.#fail('UNPARSABLE_CLIENT_MESSAGE', 'The client message could not be parsed.')
      return
    }
    const message = parsed.data
    if (message.type === 'CloseStream') this.closeStream()
    else if (message.type === 'Configure') this.#configure(message)
    else if (this.#state !== 'ready') this.#endTurn('manual')
  }

  /** What was heard is told, but no turn is ended. */
  closeStream(): void {
    this.#heard.finishWord()
    if (this.#state !== 'ready') this.#tell('Update')
    this.#session.close()
  }

  checkActivity(): void {
    if (this.#session.idleMs < INACTIVE_MS) return
    this.#session.violation('neither audio nor ping for 60 s')
    this.#fail('INACTIVE_CLIENT', 'No data was received for too long.')
  }

  #listen(): void {
    const quietMs = (this.#heard.position - this.#heard.lastSymbolEnd) / SAMPLES_PER_MS
    if (this.#state === 'ready') {
      if (this.#heard.words().length > 0) this.#startTurn()
    } else if (this.#state === 'awaiting' && this.#heard.symbols !== this.#eagerSymbols) {
      this.#state = 'speaking'
      this.#tell('TurnResumed')
    } else {
      this.#listenForEnd(quietMs)
    }
    if (this.#heard.position - this.#lastUpdate >= this.#session.knobs.updateMs * SAMPLES_PER_MS) {
      this.#tell('Update')
    }
  }

  #startTurn(): void {
    this.#state = 'speaking'
    this.#tell('StartOfTurn', 'turn_started')
  }

  #listenForEnd(quietMs: number): void {
    const { endOfTurnMs, pauseMs, eagerMs } = this.#session.knobs
    const { eot_threshold, eot_timeout_ms, eager_eot_threshold } = this.#parameters
    const needed = silenceFactor(eot_threshold)
    const modelEnds =
      quietMs >= pauseMs * needed ||
      (quietMs >= endOfTurnMs * needed && this.#hasFinishedSentence())
    if (modelEnds) this.#endTurn('model')
    else if (quietMs >= eot_timeout_ms) this.#endTurn('timeout')
    else if (
      eager_eot_threshold !== undefined &&
      this.#state === 'speaking' &&
      quietMs >= eagerMs
    ) {
      this.#state = 'awaiting'
      this.#eagerSymbols = this.#heard.symbols
      // The end that follows has the same words, so there is no unfinished one.
      this.#heard.finishWord()
      this.#tell('EagerEndOfTurn')
    }
  }

  #hasFinishedSentence(): boolean {
    return SENTENCE_END.test(transcriptOf(this.#heard.words()))
  }

  #endTurn(trigger: 'model' | 'timeout' | 'manual'): void {
    this.#heard.finishWord()
    this.#tell('EndOfTurn', 'turn_ended', trigger)
    this.#heard.take()
    this.#state = 'ready'
    this.#turnIndex++
    this.#turnStart = this.#heard.position
  }

  #tell(event: TurnEvent, note?: 'turn_started' | 'turn_ended', trigger?: string): void {
    this.#lastUpdate = this.#heard.position
    const words = this.#heard.words()
    const transcript = transcriptOf(words)
    this.#send(
      {
        type: 'TurnInfo',
        event,
        turn_index: this.#turnIndex,
        audio_window_start: this.#turnStart / (1000 * SAMPLES_PER_MS),
        audio_window_end: this.#heard.position / (1000 * SAMPLES_PER_MS),
        transcript,
        words: words.map(wireWord),
        end_of_turn_confidence: CONFIDENCE[event],
        ...(trigger !== undefined && { trigger }),
      },
      {
        ...(event === 'EndOfTurn' && { delayMs: this.#session.knobs.slowFinalMs }),
        events: note ? [{ type: note, text: transcript }] : [],
      },
    )
  }

  #configure(wanted: Configure): void {
    if (this.#pendingConfigures === MAX_PENDING_CONFIGURES) {
      this.#session.violation('too many pending Configure messages')
      this.#refuseConfigure('Too many pending Configure messages.')
      return
    }
    this.#pendingConfigures++
    this.#session.after(this.#session.knobs.configureMs, () => {
      this.#pendingConfigures--
      this.#carryOut(wanted)
    })
  }

  #carryOut({ thresholds, keyterms, language_hints }: Configure): void {
    const now = this.#parameters
    const wanted: FluxParameters = {
      ...now,
      eot_threshold: thresholds?.eot_threshold ?? now.eot_threshold,
      eager_eot_threshold: thresholds?.eager_eot_threshold ?? now.eager_eot_threshold,
      eot_timeout_ms: thresholds?.eot_timeout_ms ?? now.eot_timeout_ms,
      keyterm: keyterms ?? now.keyterm,
      language_hint: language_hints ?? now.language_hint,
    }
    const problem = problemOf(wanted)
    if (problem) {
      this.#session.violation(problem, JSON.stringify({ thresholds, keyterms, language_hints }))
      this.#refuseConfigure(problem)
      return
    }
    this.#parameters = wanted
    const { eot_threshold, eager_eot_threshold, eot_timeout_ms } = wanted
    this.#send({
      type: 'ConfigureSuccess',
      thresholds: { eot_threshold, eager_eot_threshold, eot_timeout_ms },
      keyterms: wanted.keyterm,
      language_hints: wanted.language_hint,
    })
  }

  #refuseConfigure(description: string): void {
    this.#send({ type: 'ConfigureFailure', description })
  }

  #fail(code: string, description: string): void {
    this.#send({ type: 'Error', code, description })
    this.#session.close()
  }

  #send(message: object, options: SendOptions = {}): void {
    const { requestId } = this.#session
    const numbered = { ...message, request_id: requestId, sequence_id: this.#sequenceId++ }
    this.#session.send(numbered, options)
  }
}

type Configure = Extract<FluxClientMessage, { type: 'Configure' }>

const CONFIDENCE: Readonly<Record<TurnEvent, number>> = {
  StartOfTurn: 0.02,
  Update: 0.05,
  EagerEndOfTurn: 0.5,
  TurnResumed: 0.05,
  EndOfTurn: 0.9,
}

function wireWord({ word, start, end }: HeardWord): object {
  return { word, confidence: 0.99, start, end }
}

/**
 * How much more silence than at 0.7 it takes to be as sure as this: sureness grows as 1 - 0.3 / (silence at 0.7 = 1), and 1
 * is never reached, so that only the timeout ends turns then.
 */
function silenceFactor(threshold: number): number {
  return threshold === 1 ? Infinity : 0.3 / (1 - threshold)
}

function problemOf(wanted: FluxParameters): string | undefined {
  const { model, keyterm, language_hint: hints } = wanted
  if (!inRange(wanted)) return 'thresholds out of range'
  if (keyterm.some((term) => term === '' || term.length > 100)) return 'keyterm out of range'
  if (hints.length > 0 && model !== 'flux-general-multi') return 'language hints are not supported'
  return hints.every((hint) => FLUX_LANGUAGES.has(hint)) ? undefined : 'language hint not supported'
}

function inRange(wanted: FluxParameters): boolean {
  const { eot_threshold: end, eager_eot_threshold: eager = 0.3, eot_timeout_ms: ms } = wanted
  return (
    end >= 0.5 &&
    end <= 1 &&
    eager >= 0.3 &&
    eager <= 0.9 &&
    ms >= 500 &&
    ms <= 60_000 &&
    eagerIsNotAboveEnd(wanted)
  )
}
