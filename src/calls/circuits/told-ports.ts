import { ProviderError } from '../../errors.ts'
import type { Circuit } from '../../pipeline/circuit.ts'
import type { SpeechToText, TextToSpeech } from '../../pipeline/ports.ts'

/** The same ears; their circuit is told how they do. */
export function toldHearing(stt: SpeechToText, circuit: Circuit): SpeechToText {
  return {
    async start(listener, options) {
      try {
        await stt.start((event) => {
          if (event.type === 'failed') circuit.failed(event.error)
          listener(event)
        }, options)
        circuit.succeeded()
      } catch (error) {
        if (!options.signal.aborted && error instanceof ProviderError) circuit.failed(error)
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

/** The same voice; its circuit is told how it does. */
export function toldVoice(tts: TextToSpeech, circuit: Circuit): TextToSpeech {
  return {
    connect: (options) => tts.connect(options),
    speak: (listener) =>
      tts.speak({
        audio: (audio, alignment) => {
          listener.audio(audio, alignment)
        },
        done: () => {
          circuit.succeeded()
          listener.done()
        },
        failed: (error) => {
          circuit.failed(error)
          listener.failed(error)
        },
      }),
    switchLanguage: (language) => {
      tts.switchLanguage(language)
    },
    close: () => tts.close(),
  }
}
