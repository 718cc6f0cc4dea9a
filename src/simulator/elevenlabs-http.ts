import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { Delivery } from './elevenlabs-delivery.ts'
import { refusalBody, type SocketErrorId, socketError } from './elevenlabs-errors.ts'
import type { ElevenLabsFault } from './elevenlabs-knobs.ts'
import type { VoiceWorld } from './elevenlabs-session.ts'
import {
  isVoiceFormat,
  type VoiceChunk,
  voiceChunks,
  type VoiceFormat,
} from './elevenlabs-voice.ts'

const SpeechRequest = z.object({ text: z.string().min(1), model_id: z.string().optional() })

const MAX_BODY_BYTES = 1024 * 1024
const MODELS = ['eleven_flash_v2_5', 'eleven_turbo_v2_5', 'eleven_multilingual_v2']
const CONTENT_TYPES = { pcm_24000: 'audio/pcm', ulaw_8000: 'audio/basic' } as const

/** ElevenLabs' HTTP side: a whole text at once, as audio in one piece or streamed, and what there is to choose from. */
export class VoiceHttp {
  readonly #world: VoiceWorld
  readonly #voiceIds: readonly string[]
  #served = 0

  constructor(world: VoiceWorld, voiceIds: readonly string[]) {
    this.#world = world
    this.#voiceIds = voiceIds
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('request-id', `request-${++this.#served}`)
    const url = new URL(request.url ?? '/', 'http://loopback')
    const { refuseStatus } = this.#world.knobs
    const speech = /^\/v1\/text-to-speech\/([^/]+)(\/stream)?$/.exec(url.pathname)
    const voice = decodeURIComponent(speech?.[1] ?? '')
    const status = refuseStatus ?? statusOf(this.#world.refusalOf(keyOf(request, url), voice))
    if (status !== undefined) refuse(response, status)
    else if (request.method === 'GET' && url.pathname === '/v1/voices') {
      sendJson(response, { voices: this.#voiceIds.map((id) => ({ voice_id: id, name: id })) })
    } else if (request.method === 'GET' && url.pathname === '/v1/models') {
      sendJson(
        response,
        MODELS.map((id) => ({ model_id: id, name: id, can_do_text_to_speech: true })),
      )
    } else if (request.method === 'POST' && speech) {
      readBody(request, (body) => {
        this.#speak(response, body, url.searchParams.get('output_format'))
      })
    } else refuse(response, 404)
  }

  #speak(response: ServerResponse, body: string, format: string | null): void {
    const parsed = SpeechRequest.safeParse(jsonOf(body))
    if (!parsed.success || !isVoiceFormat(format)) {
      this.#world.violations.add('elevenlabs', 'invalid request', body.slice(0, 200))
      refuse(response, 422)
      return
    }
    const { text } = parsed.data
    const { faults, journal, knobs } = this.#world
    const context = { spoken: text }
    journal.given(context, text)
    const fault = faults.take(knobs.faults, text)
    if (fault?.kind === 'silent') return
    if (fault?.kind === 'error') {
      refuse(response, 401, JSON.stringify({ detail: detailOf(fault.error) }))
      return
    }
    response.setHeader('content-type', CONTENT_TYPES[format])
    this.#deliver(response, { context, format, fault })
  }

  #deliver(
    response: ServerResponse,
    speech: {
      context: { spoken: string }
      format: VoiceFormat
      fault: ElevenLabsFault | undefined
    },
  ): void {
    const { context, format, fault } = speech
    const { clock, knobs, journal } = this.#world
    if (fault?.kind === 'empty') {
      response.end()
      return
    }
    const delivery = new Delivery<VoiceChunk>({
      clock,
      knobs,
      send: (chunk) => {
        journal.sent(context)
        response.write(chunk.audio)
        if (fault?.kind === 'cut') response.destroy()
      },
      onIdle: () => {
        response.end()
      },
    })
    response.on('close', () => {
      delivery.stop()
    })
    delivery.add(voiceChunks(context.spoken, format, knobs))
  }
}

/** The key of a request, wherever it is: in a header of ElevenLabs' own, as a bearer token, or in the query. */
export function keyOf(request: IncomingMessage, url: URL): string | undefined {
  const header = request.headers['xi-api-key']
  if (typeof header === 'string') return header
  const token = request.headers.authorization ?? url.searchParams.get('authorization')
  return token?.replace(/^Bearer /i, '')
}

/** The HTTP status that says the same as an error frame. */
export function statusOf(error: SocketErrorId | undefined): number | undefined {
  if (error === undefined) return undefined
  return error === 'voice_not_found' ? 404 : 401
}

function detailOf(id: SocketErrorId) {
  const { error, message } = socketError(id)
  return { status: error, message }
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(body))
}

function refuse(response: ServerResponse, status: number, body = refusalBody(status)): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body)
}

function readBody(request: IncomingMessage, done: (body: string) => void): void {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (part: string) => {
    body += part
    if (body.length > MAX_BODY_BYTES) request.destroy()
  })
  request.on('end', () => {
    done(body)
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
