import { APIError } from '@anthropic-ai/sdk'
import twilio from 'twilio'
import { WebSocket } from 'ws'
import { ElevenLabsToTwilio } from '../audio/elevenlabs-to-twilio.ts'
import { mulawToPcm } from '../audio/mulaw.ts'
import { systemClock } from '../clock.ts'
import { type NamedVoice, usualVoice, vendorVoice } from '../compose-voice.ts'
import type { Config } from '../config.ts'
import { ProviderError } from '../errors.ts'
import { createLogger } from '../log.ts'
import { noMeters } from '../metrics/meters.ts'
import { spokenWhole } from '../pipeline/voice/spoken-whole.ts'
import { createAnthropicClient } from '../providers/anthropic/client.ts'
import { toProviderError } from '../providers/anthropic/failure.ts'
import { StreamingStt } from '../providers/deepgram/streaming-stt.ts'
import { smallestQuestions } from './doctor-smallest.ts'

export type CheckResult = {
  readonly ok: boolean
  readonly detail: string
  /** What to do about it. */
  readonly todo?: string
}

export type Check = { readonly name: string; readonly run: () => Promise<CheckResult> }

/** Longer than any of them needs; a call would not wait so long. */
const TIMEOUT_MS = 15_000
/** A call that nobody has: an answer to it says that the signature was accepted, and nothing more happens. */
const NO_CALL = `CA${'0'.repeat(32)}`

export function checksOf(config: Config, via: string | undefined): readonly Check[] {
  return [
    { name: 'audio', run: () => Promise.resolve(audioCheck()) },
    { name: 'twilio', run: () => attempt(() => askTwilio(config), VENDOR_ADVICE.twilio) },
    ...(config.STT_PROVIDER === 'deepgram'
      ? [
          {
            name: 'deepgram',
            run: () => attempt(() => askDeepgram(config), VENDOR_ADVICE.deepgram),
          },
        ]
      : []),
    { name: 'anthropic', run: () => attempt(() => askClaude(config), VENDOR_ADVICE.anthropic) },
    ...(config.TTS_PROVIDER === 'elevenlabs'
      ? [
          {
            name: 'elevenlabs',
            run: () =>
              attempt(() => askVoice(config, usualVoice(config)), VENDOR_ADVICE.elevenlabs),
          },
        ]
      : []),
    ...smallestQuestions(config).map(({ name, ask }) => ({
      name,
      run: () => attempt(ask, VENDOR_ADVICE.smallest),
    })),
    ...config.TTS_FALLBACK.map((voice) => ({
      name: `voice ${voice.vendor}:${voice.voice}`,
      run: () => attempt(() => askVoice(config, voice), FALLBACK_ADVICE),
    })),
    { name: 'public address', run: () => attempt(() => askServer(config, via), PUBLIC_ADVICE) },
    { name: 'webhook signature', run: () => attempt(() => sendForm(config, via), SIGNED_ADVICE) },
    { name: 'media socket', run: () => attempt(() => openSocket(config, via), SOCKET_ADVICE) },
  ]
}

const VENDOR_ADVICE = {
  twilio: 'check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN at https://console.twilio.com',
  deepgram: 'check DEEPGRAM_API_KEY and DEEPGRAM_MODEL at https://console.deepgram.com',
  anthropic: 'check ANTHROPIC_API_KEY and ANTHROPIC_MODEL at https://console.anthropic.com',
  elevenlabs:
    'check ELEVENLABS_API_KEY, ELEVENLABS_VOICE_ID and ELEVENLABS_MODEL at https://elevenlabs.io',
  smallest:
    'check SMALLEST_API_KEY, WAVES_VOICE_ID and ATOMS_AGENT_ID at https://console.smallest.ai',
} as const
const FALLBACK_ADVICE = 'check TTS_FALLBACK, and the key and credits of its vendor'
const PUBLIC_ADVICE =
  'start Parley, and let PUBLIC_HOST lead to it with TLS; a tunnel will do. From inside, --via http://127.0.0.1:8000 skips the way from outside'
const SIGNED_ADVICE =
  'PUBLIC_HOST must be the very host that Twilio is given, and TWILIO_AUTH_TOKEN the primary token of the running server'
const SOCKET_ADVICE =
  'whatever stands before Parley must pass WebSocket upgrades on, with their headers, at /api/phone/media-stream'

async function attempt(run: () => Promise<string>, todo: string): Promise<CheckResult> {
  try {
    return { ok: true, detail: await withTimeout(run()) }
  } catch (error) {
    return { ok: false, detail: wordsOf(error), todo }
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof APIError) return wordsOf(toProviderError(error))
  if (error instanceof ProviderError) {
    const vendorCode = error.vendorCode === undefined ? '' : `, ${error.vendorCode}`
    return `${error.message} (${error.code}${vendorCode})`
  }
  return error instanceof Error ? error.message : String(error)
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const cancel = systemClock.after(TIMEOUT_MS, () => {
    late.reject(new Error(`no answer within ${TIMEOUT_MS / 1000} s`))
  })
  try {
    return await Promise.race([work, late.promise])
  } finally {
    cancel()
  }
}

/** A tone of the voice's format comes out of the line's format as loud as it went in. */
function audioCheck(): CheckResult {
  const pcm = Int16Array.from({ length: 24_000 }, (_, i) => 8000 * Math.sin((i * 2 * Math.PI) / 24))
  const converter = new ElevenLabsToTwilio()
  const bytes = new Uint8Array(pcm.buffer)
  const line = mulawToPcm(Uint8Array.from([...converter.push(bytes), ...converter.flush()]))
  const middle = line.subarray(2000, 6000)
  const rms = Math.sqrt(middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length)
  const isWhole =
    Math.abs(line.length - 8000) <= 160 && Math.abs(rms / (8000 / Math.SQRT2) - 1) < 0.05
  return isWhole
    ? { ok: true, detail: 'a second of sound goes through resampler and codec unchanged' }
    : {
        ok: false,
        detail: `a second of sound came out as ${line.length} samples at ${Math.round(rms)} rms`,
        todo: 'run npm ci again; if that does not help, this is a bug: please report it',
      }
}

async function askTwilio(config: Config): Promise<string> {
  const client = twilio(config.TWILIO_ACCOUNT_SID, config.TWILIO_AUTH_TOKEN, {
    timeout: TIMEOUT_MS,
    edge: '',
    region: '',
  })
  client.api.baseUrl = config.TWILIO_BASE_URL.replace(/\/$/, '')
  await client.calls.list({ limit: 1 })
  return 'the account is known, and calls can be read'
}

async function askDeepgram(config: Config): Promise<string> {
  const abort = new AbortController()
  const stt = new StreamingStt({
    apiKey: config.DEEPGRAM_API_KEY,
    baseUrl: config.DEEPGRAM_BASE_URL,
    model: config.DEEPGRAM_MODEL,
    language: config.LANGUAGE,
    eotThreshold: config.DEEPGRAM_EOT_THRESHOLD,
    eotTimeoutMs: config.DEEPGRAM_EOT_TIMEOUT_MS,
    endpointingMs: config.DEEPGRAM_ENDPOINTING_MS,
    utteranceEndMs: config.DEEPGRAM_UTTERANCE_END_MS,
    connectTimeoutMs: config.CONNECT_TIMEOUT_MS,
    clock: systemClock,
    log: SILENT,
  })
  try {
    await stt.start(() => undefined, { signal: abort.signal })
    return `${config.DEEPGRAM_MODEL} hears ${config.LANGUAGE}`
  } finally {
    await stt.close()
    abort.abort()
  }
}

async function askClaude(config: Config): Promise<string> {
  const anthropic = createAnthropicClient({
    apiKey: config.ANTHROPIC_API_KEY,
    baseUrl: config.ANTHROPIC_BASE_URL,
  })
  try {
    const { id } = await anthropic.client.models.retrieve(config.ANTHROPIC_MODEL)
    return `${id} is there`
  } finally {
    await anthropic.close()
  }
}

async function askVoice(config: Config, voice: NamedVoice): Promise<string> {
  const tts = vendorVoice(config, voice, {
    language: config.LANGUAGE,
    meters: noMeters,
    clock: systemClock,
    log: SILENT,
  })
  const { signal } = new AbortController()
  try {
    const { audio } = await spokenWhole(tts, 'Hello.', { clock: systemClock, signal })
    return `the voice has said a word of ${Math.round(audio.length / 8)} ms`
  } finally {
    await tts.close()
  }
}

const SILENT = createLogger({ level: 'silent' })

function base({ PUBLIC_HOST }: Config, via: string | undefined): string {
  return via ?? `https://${PUBLIC_HOST}`
}

async function askServer(config: Config, via: string | undefined): Promise<string> {
  const url = new URL('/api/phone/health/live', base(config, via))
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url.host} answers ${response.status}: is that Parley?`)
  return `Parley answers at ${url.host}`
}

async function sendForm(config: Config, via: string | undefined): Promise<string> {
  const path = '/api/phone/twilio/status'
  const form = {
    AccountSid: config.TWILIO_ACCOUNT_SID,
    CallSid: NO_CALL,
    CallStatus: 'completed',
  }
  const signature = twilio.getExpectedTwilioSignature(
    config.TWILIO_AUTH_TOKEN,
    `https://${config.PUBLIC_HOST}${path}`,
    form,
  )
  const post = (signed: string) =>
    fetch(new URL(path, base(config, via)), {
      method: 'POST',
      headers: { 'x-twilio-signature': signed },
      body: new URLSearchParams(form),
    })
  const genuine = await post(signature)
  if (!genuine.ok) throw new Error(`a form signed as Twilio signs is answered ${genuine.status}`)
  const forged = await post('forged')
  if (forged.ok) throw new Error('a form that nobody has signed is accepted')
  return 'a signed form is accepted, a forged one is not'
}

async function openSocket(config: Config, via: string | undefined): Promise<string> {
  const path = '/api/phone/media-stream'
  const url = new URL(path, base(config, via))
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:'
  const signature = twilio.getExpectedTwilioSignature(
    config.TWILIO_AUTH_TOKEN,
    `wss://${config.PUBLIC_HOST}${path}`,
    {},
  )
  const socket = new WebSocket(url, { headers: { 'x-twilio-signature': signature } })
  const open = Promise.withResolvers<undefined>()
  socket.on('open', () => {
    open.resolve(undefined)
  })
  socket.on('error', open.reject)
  try {
    await open.promise
  } finally {
    socket.terminate()
  }
  return 'a signed media stream is let in'
}
