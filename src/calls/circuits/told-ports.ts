import { ProviderError } from '../../errors.ts'
import type { Circuit } from '../../pipeline/circuit.ts'
import type { SpeechToText } from '../../pipeline/ports.ts'

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
