import { failure } from './failure.ts'
import { parseJson } from './json.ts'
import { dataOfEvents } from './server-sent-events.ts'
import { SmallestHttp, type SmallestHttpOptions, type SmallestRequest } from './smallest-http.ts'
import {
  type OutputFormat,
  type SAMPLE_RATES_HZ,
  type SpeechRequest,
  StreamedAudio,
  type Voice,
  Voices,
} from './waves-messages.ts'

export type SynthesisRequest = {
  readonly text: string
  readonly voiceId: string
  readonly model?: string
  /** Default: 24,000; `ulaw` is the telephone's format at 8,000. */
  readonly sampleRateHz?: (typeof SAMPLE_RATES_HZ)[number]
  /** 0.5 to 2 */
  readonly speed?: number
  readonly language?: string
  /** `pcm` is S16LE, mono. */
  readonly outputFormat?: OutputFormat
}

type Asked = { readonly signal?: AbortSignal }

const DEFAULT_MODEL = 'lightning_v3.1'

/**
 * Smallest.ai's Waves: speech from whole texts, in one piece or as a stream over HTTP. Calls speak by its socket: see
 * `WavesTts`. What is handed out is memory of its own, of the length that the server sent.
 */
export class WavesClient {
  readonly #http: SmallestHttp

  /** @param options.baseUrl without the path, such as `https://api.smallest.ai` */
  constructor(options: SmallestHttpOptions) {
    this.#http = new SmallestHttp(options)
  }

  /** The audio of a text. */
  async synthesize(request: SynthesisRequest, { signal }: Asked = {}): Promise<Uint8Array> {
    const audio = await this.#http.bytes({
      ...speech('/waves/v1/tts', request, signal),
      // Without it the answer may be empty, whatever the format.
      headers: { accept: 'audio/wav' },
      isRepeatable: true,
    })
    if (audio.length === 0) throw failure('empty', 'the speech has no sound')
    return Uint8Array.from(audio)
  }

  /** The audio of a text as it is made, in pieces of any length. */
  async *synthesizeStream(
    request: SynthesisRequest,
    { signal }: Asked = {},
  ): AsyncGenerator<Uint8Array> {
    const events = this.#http.stream({
      ...speech('/waves/v1/tts/live', request, signal),
      headers: { accept: 'text/event-stream' },
    })
    for await (const data of dataOfEvents(events)) {
      const { audio = '', done } = StreamedAudio.safeParse(parseJson(data)).data ?? {}
      if (audio !== '') yield Uint8Array.from(Buffer.from(audio, 'base64'))
      if (done === true) return
    }
    throw failure('disconnected', 'the stream of audio broke off')
  }

  /** The voices of a model; a voice of another one speaks badly, and no error says so. */
  async getWavesVoices(
    model: string = DEFAULT_MODEL,
    { signal }: Asked = {},
  ): Promise<readonly Voice[]> {
    const path = `/waves/v1/${encodeURIComponent(model.replaceAll('_', '-'))}/get_voices`
    const answer = await this.#http.bytes({
      method: 'GET',
      path,
      isRepeatable: true,
      ...(signal && { signal }),
    })
    const parsed = Voices.safeParse(parseJson(new TextDecoder().decode(answer)))
    if (parsed.success) return parsed.data.voices
    throw failure('protocol', 'a list of voices of another shape')
  }

  /** Ends what is still going on. */
  async close(): Promise<void> {
    await this.#http.close()
  }
}

function speech(
  path: string,
  request: SynthesisRequest,
  signal: AbortSignal | undefined,
): SmallestRequest {
  const body: SpeechRequest = {
    text: request.text,
    voice_id: request.voiceId,
    model: request.model ?? DEFAULT_MODEL,
    sample_rate: request.sampleRateHz ?? 24_000,
    output_format: request.outputFormat ?? 'pcm',
    ...(request.speed !== undefined && { speed: request.speed }),
    ...(request.language !== undefined && { language: request.language }),
  }
  return { method: 'POST', path, body, ...(signal && { signal }) }
}
