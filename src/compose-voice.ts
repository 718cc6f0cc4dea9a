import type { Clock } from './clock.ts'
import { wavesVoice } from './compose-smallest.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { meteredVoice } from './metrics/metered-ports.ts'
import type { Meters } from './metrics/meters.ts'
import { type Circuit, closedCircuit } from './pipeline/circuit.ts'
import type { TextToSpeech } from './pipeline/ports.ts'
import { forgetful, PhraseBook } from './pipeline/voice/phrase-book.ts'
import { ResilientVoice, type VoiceChoice } from './pipeline/voice/resilient-voice.ts'
import { spokenWhole } from './pipeline/voice/spoken-whole.ts'
import { StockVoice } from './pipeline/voice/stock-voice.ts'
import { AuraTts } from './providers/deepgram/aura-tts.ts'
import { StreamingTts } from './providers/elevenlabs/streaming-tts.ts'
import { PhraseFiles } from './providers/phrase-files/phrase-files.ts'

/** A voice by its vendor's name for it. */
export type NamedVoice = Config['TTS_FALLBACK'][number]

export type VoicesParts = {
  readonly meters: Meters
  /** What all calls know of a voice; by default nothing is remembered. */
  readonly circuitOf?: (voice: NamedVoice) => Circuit
  readonly clock: Clock
  readonly log: Logger
}

export type VoiceRequest = {
  /** BCP 47 */
  readonly language: string
  /** Another voice of the configured vendor; default: the configured one. */
  readonly voiceId: string | undefined
  /** Of the call. */
  readonly log: Logger
}

/** What calls speak with. */
export type Voices = {
  forCall(request: VoiceRequest): TextToSpeech
  /** Has the stock phrases spoken, and sees whether the voices that stand in can speak: in the background. */
  start(): void
  close(): Promise<void>
}

/** What proves that a voice can speak: the shortest text that is a word in every language. */
const PROOF = 'OK.'

export function composeVoices(config: Config, parts: VoicesParts): Voices {
  const { clock, log } = parts
  const book = phraseBook(config, parts)
  const abort = new AbortController()
  let proofs: Promise<unknown> = Promise.resolve()
  return {
    forCall: (request) => {
      const tts = resilientVoice(config, parts, request)
      const voice = keyOf(config, voiceOf(config, request))
      return book ? new StockVoice({ tts, book, voice, language: request.language }) : tts
    },
    start: () => {
      book?.want(keyOf(config, usualVoice(config)), config.LANGUAGE)
      const { signal } = abort
      const prove = (voice: NamedVoice) => proveVoice(config, voice, { ...parts, signal })
      proofs = Promise.all(config.TTS_FALLBACK.map(prove))
    },
    close: async () => {
      abort.abort(new Error('closed'))
      await Promise.all([book?.close(), proofs])
    },
  }

  async function proveVoice(
    of: Config,
    voice: NamedVoice,
    { signal, ...more }: VoicesParts & { readonly signal: AbortSignal },
  ): Promise<void> {
    const tts = vendorVoice(of, voice, { ...more, language: of.LANGUAGE })
    try {
      await spokenWhole(tts, PROOF, { clock, signal })
      log.info({ voice: nameOf(voice) }, 'fallback voice is ready')
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error, voice: nameOf(voice), todo: TODO }, NOT_READY)
    } finally {
      await tts.close()
    }
  }
}

const NOT_READY = 'fallback voice cannot speak'
const TODO =
  'check the name of the voice in TTS_FALLBACK, and the key, credits and permissions of its vendor: until it speaks, calls have no other voice when theirs fails'

/** The configured voice, and those that go on when it breaks off. */
function resilientVoice(config: Config, parts: VoicesParts, request: VoiceRequest): TextToSpeech {
  const choice = (voice: NamedVoice) => choiceOf(config, voice, { ...parts, ...request })
  return new ResilientVoice({
    voices: [
      choice(voiceOf(config, request)),
      ...config.TTS_FALLBACK.map((voice) => choice(voice)),
    ],
    limits: {
      firstAudioMs: config.TTS_FIRST_AUDIO_TIMEOUT_MS,
      stallMs: config.TTS_STALL_TIMEOUT_MS,
    },
    clock: parts.clock,
    log: request.log,
  })
}

type VoiceSurroundings = VoicesParts & { readonly language: string }

function choiceOf(config: Config, voice: NamedVoice, parts: VoiceSurroundings): VoiceChoice {
  const { circuitOf = () => closedCircuit } = parts
  return {
    name: nameOf(voice),
    vendor: voice.vendor === 'waves' ? 'smallest' : voice.vendor,
    tts: vendorVoice(config, voice, parts),
    circuit: circuitOf(voice),
  }
}

function nameOf({ vendor, voice }: NamedVoice): string {
  return `${vendor}:${voice}`
}

/** The voice that calls speak with whose spec names none. */
export function usualVoice(config: Config): NamedVoice {
  return config.TTS_PROVIDER === 'waves'
    ? { vendor: 'waves', voice: config.WAVES_VOICE_ID }
    : { vendor: 'elevenlabs', voice: config.ELEVENLABS_VOICE_ID }
}

function voiceOf(config: Config, { voiceId }: Pick<VoiceRequest, 'voiceId'>): NamedVoice {
  const usual = usualVoice(config)
  return voiceId === undefined ? usual : { ...usual, voice: voiceId }
}

/** A voice by itself; what it is given to speak, and what fails, is counted. */
export function vendorVoice(
  config: Config,
  voice: NamedVoice,
  parts: VoiceSurroundings,
): TextToSpeech {
  return meteredVoice(bareVoice(config, voice, parts), parts.meters)
}

function bareVoice(
  config: Config,
  { vendor, voice }: NamedVoice,
  { language, meters, clock, log }: VoiceSurroundings,
): TextToSpeech {
  const shared = { connectTimeoutMs: config.CONNECT_TIMEOUT_MS, clock, log }
  switch (vendor) {
    case 'waves':
      return wavesVoice(config, { brief: { language }, voiceId: voice }, { meters, clock, log })
    case 'deepgram':
      return new AuraTts({
        ...shared,
        apiKey: config.DEEPGRAM_API_KEY,
        baseUrl: config.DEEPGRAM_BASE_URL,
        model: voice,
      })
    case 'elevenlabs':
      return new StreamingTts({
        ...shared,
        apiKey: config.ELEVENLABS_API_KEY,
        baseUrl: config.ELEVENLABS_BASE_URL,
        voiceId: voice,
        model: config.ELEVENLABS_MODEL,
        outputFormat: config.ELEVENLABS_OUTPUT_FORMAT,
        language,
        onReconnect: () => {
          meters.vendorReconnected('elevenlabs')
        },
      })
    default:
      return vendor satisfies never
  }
}

/** The same words by another model are another sound. */
function keyOf(config: Config, { vendor, voice }: NamedVoice): string {
  const model = vendor === 'waves' ? config.WAVES_MODEL : config.ELEVENLABS_MODEL
  return `${vendor} ${voice} ${model}`
}

function phraseBook(config: Config, parts: VoicesParts): PhraseBook | undefined {
  const { STOCK_PHRASES: kind, STOCK_PHRASES_DIR: dir } = config
  if (kind === 'off') return undefined
  const { clock, log } = parts
  return new PhraseBook({
    store: kind === 'disk' ? new PhraseFiles({ dir, log }) : forgetful,
    voiceFor: (key, language) => {
      const [, voice = ''] = key.split(' ')
      return vendorVoice(config, { ...usualVoice(config), voice }, { ...parts, language })
    },
    clock,
    log,
  })
}
