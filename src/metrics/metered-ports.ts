import { ProviderError, type ProviderErrorCode } from '../errors.ts'
import type {
  ConversationEngine,
  ReplyPart,
  SpeechToText,
  Telephony,
  TextToSpeech,
} from '../pipeline/ports.ts'
import type { Meters, VendorUse } from './meters.ts'

/** Told of by a vendor that is well: a call that has ended, a reply in which there is nothing to say. */
const NO_FAULT: ReadonlySet<ProviderErrorCode> = new Set(['call_over', 'empty'])

type FailureMeter = Pick<Meters, 'vendorFailed'>

/** Counts an error of a vendor; any other kind of error is not the vendor's. */
function noteFailure(meters: FailureMeter, kind: VendorUse, error: unknown): void {
  if (!(error instanceof ProviderError) || NO_FAULT.has(error.code)) return
  meters.vendorFailed(error.provider, { kind, code: error.code })
}

/** The same ears; what fails is counted. */
export function meteredHearing(stt: SpeechToText, meters: FailureMeter): SpeechToText {
  return {
    async start(listener, options) {
      try {
        await stt.start((event) => {
          if (event.type === 'failed') noteFailure(meters, 'stt', event.error)
          listener(event)
        }, options)
      } catch (error) {
        if (!options.signal.aborted) noteFailure(meters, 'stt', error)
        throw error
      }
    },
    sendAudio: (audio) => {
      stt.sendAudio(audio)
    },
    setPatience: (pauseMs) => {
      stt.setPatience(pauseMs)
    },
    switchLanguage: (language) => {
      stt.switchLanguage(language)
    },
    close: () => stt.close(),
  }
}

/** The same voice; what it is given to speak, and what fails, is counted. */
export function meteredVoice(
  tts: TextToSpeech,
  meters: Pick<Meters, 'vendorFailed' | 'spokenChars'>,
): TextToSpeech {
  return {
    // A connection that fails is told to every speech on it, and counted there.
    connect: (options) => tts.connect(options),
    speak(listener) {
      const speech = tts.speak({
        audio: (audio, alignment) => {
          listener.audio(audio, alignment)
        },
        done: () => {
          listener.done()
        },
        failed: (error) => {
          noteFailure(meters, 'tts', error)
          listener.failed(error)
        },
      })
      return {
        sendText: (text) => {
          meters.spokenChars(text.trim().length)
          speech.sendText(text)
        },
        flush: () => {
          speech.flush()
        },
        cancel: (because) => {
          if (because) noteFailure(meters, 'tts', because)
          speech.cancel(because)
        },
      }
    },
    switchLanguage: (language) => {
      tts.switchLanguage(language)
    },
    close: () => tts.close(),
  }
}

/** The same mind; what fails is counted. */
export function meteredMind(engine: ConversationEngine, meters: FailureMeter): ConversationEngine {
  const counted = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      noteFailure(meters, 'llm', error)
      throw error
    }
  }
  async function* metered(parts: AsyncIterable<ReplyPart>): AsyncGenerator<ReplyPart> {
    try {
      yield* parts
    } catch (error) {
      noteFailure(meters, 'llm', error)
      throw error
    }
  }
  return {
    setup: (brief, options) => counted(() => engine.setup(brief, options)),
    getOpening: (options) => metered(engine.getOpening(options)),
    streamResponse: (turns, options) => metered(engine.streamResponse(turns, options)),
    getResponse: (turns, options) => counted(() => engine.getResponse(turns, options)),
  }
}

/** Codes of the carrier for a number that it refuses to call: the carrier itself is well. */
const NUMBER_REFUSED = /^21/

/** The same carrier; what fails is counted. */
export function meteredCarrier(telephony: Telephony, meters: FailureMeter): Telephony {
  const counted = async <Result>(request: () => Promise<Result>): Promise<Result> => {
    try {
      return await request()
    } catch (error) {
      const isCallee = error instanceof ProviderError && NUMBER_REFUSED.test(error.vendorCode ?? '')
      if (!isCallee) noteFailure(meters, 'rest', error)
      throw error
    }
  }
  return {
    dial: (request, options) => counted(() => telephony.dial(request, options)),
    hangUp: (callSid) => counted(() => telephony.hangUp(callSid)),
    sayAndHangUp: (callSid, text, language) =>
      counted(() => telephony.sayAndHangUp(callSid, text, language)),
    pressKeys: (callSid, keys, token) => counted(() => telephony.pressKeys(callSid, keys, token)),
    transfer: (callSid, request) => counted(() => telephony.transfer(callSid, request)),
  }
}
