import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  OUTPUT_FORMATS,
  SpeechRequest,
  WAVES_MODELS,
} from '../providers/smallest/waves-messages.ts'
import { Delivery } from './elevenlabs-delivery.ts'
import { bodyOf, jsonIn, sendJson, type SmallestWorld, wavesRefusal } from './smallest-world.ts'
import { isSpoken, wavesAudio, type WavesChunk, wavesChunks } from './waves-voice.ts'

/** The voices of each model. */
export const WAVES_VOICES: Readonly<Record<string, readonly string[]>> = {
  'lightning-v3.1': ['magnus', 'demo-voice'],
  'lightning-v3.1-pro': ['meher'],
}

/** Waves' HTTP side: whole texts as audio in one piece or streamed, and the voices that there are. */
export class WavesHttp {
  readonly #world: SmallestWorld

  constructor(world: SmallestWorld) {
    this.#world = world
  }

  /** @param path without the query */
  async answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const status = this.#world.refusalOf(request, path)
    const voices = /^\/waves\/v1\/(lightning-[\w.-]+)\/get_voices$/.exec(path)?.[1]
    if (status !== undefined) sendJson(response, status, wavesRefusal(status))
    else if (/\/(lightning-large|lightning-v2|lightning)\//.test(path)) {
      this.#world.violation('retired endpoint', path)
      sendJson(response, 410, wavesRefusal(410))
    } else if (request.method === 'GET' && voices !== undefined) this.#list(response, voices)
    else if (request.method === 'POST' && path === '/waves/v1/tts') {
      await this.#speak(request, response, { streams: false })
    } else if (request.method === 'POST' && path === '/waves/v1/tts/live') {
      await this.#speak(request, response, { streams: true })
    } else sendJson(response, 404, wavesRefusal(404))
  }

  #list(response: ServerResponse, model: string): void {
    const voices = WAVES_VOICES[model]
    if (!voices) sendJson(response, 404, wavesRefusal(404))
    else {
      const list = voices.map((id) => ({
        voiceId: id,
        displayName: id,
        tags: { language: ['english'] },
      }))
      sendJson(response, 200, { voices: list })
    }
  }

  async #speak(
    request: IncomingMessage,
    response: ServerResponse,
    { streams }: { streams: boolean },
  ): Promise<void> {
    const parsed = SpeechRequest.safeParse(jsonIn(await bodyOf(request)))
    const problem = parsed.success ? problemOf(parsed.data) : "The 'text' field is required."
    if (!parsed.success || problem !== undefined) {
      this.#world.violation('invalid speech request', problem)
      sendJson(response, 400, wavesRefusal(400, problem))
      return
    }
    const world = this.#world
    if (world.speeches >= world.knobs.maxSpeeches) {
      sendJson(response, 429, wavesRefusal(429))
      return
    }
    world.speeches++
    response.on('close', () => {
      world.speeches--
    })
    const fault = world.knobs.voiceFaults.find(
      (each) =>
        (each.when === undefined || parsed.data.text.search(each.when) !== -1) &&
        world.used.take(each, 1),
    )
    if (fault?.kind === 'silent') return
    response.setHeader('x-request-id', `request-${Date.now()}`)
    if (streams) this.#stream(response, parsed.data, fault?.kind === 'cut')
    else {
      // Without this header the real one has been seen to answer with nothing.
      const isAsked = request.headers.accept === 'audio/wav'
      if (!isAsked) world.violation('no Accept: audio/wav')
      const audio =
        fault?.kind === 'empty' || !isAsked ? '' : wavesAudio(parsed.data.text, parsed.data)
      world.clock.after(world.knobs.firstAudioMs, () => {
        response.writeHead(200, { 'content-type': 'audio/wav' })
        response.end(audio)
      })
    }
  }

  #stream(response: ServerResponse, request: SpeechRequest, cuts: boolean): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const { clock, knobs } = this.#world
    const delivery = new Delivery<WavesChunk>({
      clock,
      knobs,
      send: ({ audio }) => {
        const data = { audio: Buffer.from(audio).toString('base64'), done: false, status: '206' }
        response.write(`event: audio\ndata: ${JSON.stringify(data)}\n\n`)
        if (cuts) response.destroy()
      },
      onIdle: () => {
        response.end(`data: ${JSON.stringify({ status: '200', done: true })}\n\n`)
      },
    })
    response.on('close', () => {
      delivery.stop()
    })
    delivery.add(wavesChunks(request.text, request))
  }
}

/** What the real service would refuse, and what this one cannot do. */
export function problemOf(request: SpeechRequest): string | undefined {
  const { model = 'lightning_v3.1', speed = 1, output_format: format = 'pcm' } = request
  if (request.text.trim() === '') return "The 'text' field is required."
  if (request.voice_id === '') return "The 'voice_id' field is required."
  if (!WAVES_MODELS.some((each) => each === model)) return `Unknown model ${model}.`
  if (speed < 0.5 || speed > 2) return 'speed must be between 0.5 and 2.'
  if (!OUTPUT_FORMATS.some((each) => each === format)) return `Unknown output_format ${format}.`
  return isSpoken(request) ? undefined : 'This stand-in speaks at 8000 and 24000 Hz only.'
}
