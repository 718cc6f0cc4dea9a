import { request } from 'undici'
import { WebSocket } from 'ws'
import { ElevenLabsToTwilio } from '../src/audio/elevenlabs-to-twilio.ts'
import { FRAME_BYTES } from '../src/audio/samples.ts'
import type { Config } from '../src/config.ts'
import { Phrases } from '../src/pipeline/phrases.ts'

/** What Flux wants at a time: 80 ms. */
const STT_BYTES = 640
const STT_QUERY =
  'model=flux-general-en&encoding=mulaw&sample_rate=8000&eot_threshold=0.7&eot_timeout_ms=5000'
const TTS_QUERY =
  'model_id=eleven_flash_v2_5&output_format=pcm_24000&auto_mode=true&inactivity_timeout=180'

/**
 * One call of the skeleton: the shortest way from Twilio's frame to Deepgram, from the end of a turn to Claude, from
 * Claude's first phrase to ElevenLabs and back to Twilio. No deadlines, no bookkeeping of what was heard, no recovery.
 */
export class SkeletonCall {
  readonly #config: Config
  readonly #line: { readonly socket: WebSocket; readonly streamSid: string }
  readonly #action: string
  readonly #stt: WebSocket
  readonly #tts: WebSocket
  readonly #messages: { role: 'user' | 'assistant'; content: string }[] = []
  readonly #packet = Buffer.alloc(STT_BYTES)
  #filled = 0
  #reply = 0
  /** Whether the voice still takes text for the reply. */
  #writing = false
  #abort = new AbortController()
  #resampler = new ElevenLabsToTwilio()
  #rest: Uint8Array = new Uint8Array(0)

  constructor(
    config: Config,
    call: { socket: WebSocket; streamSid: string; action: string; opening: string },
  ) {
    this.#config = config
    this.#line = call
    this.#action = call.action
    this.#stt = new WebSocket(`${config.DEEPGRAM_BASE_URL}/v2/listen?${STT_QUERY}`, {
      headers: { authorization: `Token ${config.DEEPGRAM_API_KEY}` },
      perMessageDeflate: false,
    })
    this.#stt.on('message', (message: Buffer) => {
      this.#heard(message)
    })
    const voice = `${config.ELEVENLABS_BASE_URL}/v1/text-to-speech/${config.ELEVENLABS_VOICE_ID}`
    this.#tts = new WebSocket(`${voice}/multi-stream-input?${TTS_QUERY}`, {
      headers: { 'xi-api-key': config.ELEVENLABS_API_KEY },
      perMessageDeflate: false,
    })
    this.#tts.on('message', (message: Buffer) => {
      this.#spoken(message)
    })
    this.#tts.once('open', () => {
      this.#beginReply()
      this.#say(call.opening)
      this.#endReply()
    })
  }

  /** 20 ms of the caller, base64. */
  receive(payload: string): void {
    this.#filled += this.#packet.write(payload, this.#filled, 'base64')
    if (this.#filled < STT_BYTES) return
    this.#filled = 0
    if (this.#stt.readyState === WebSocket.OPEN) this.#stt.send(Buffer.from(this.#packet))
  }

  close(): void {
    this.#abort.abort()
    this.#stt.close()
    this.#tts.close()
  }

  #heard(message: Buffer): void {
    const { event, transcript } = JSON.parse(message.toString()) as {
      event?: string
      transcript?: string
    }
    if (event === 'StartOfTurn') this.#interrupt()
    if (event === 'EndOfTurn' && transcript) void this.#answer(transcript)
  }

  #interrupt(): void {
    this.#abort.abort()
    if (this.#writing) this.#sendToTts({ close_context: true })
    this.#writing = false
    this.#reply++
    this.#sendToLine({ event: 'clear', streamSid: this.#line.streamSid })
  }

  async #answer(transcript: string): Promise<void> {
    this.#messages.push({ role: 'user', content: transcript })
    this.#beginReply()
    this.#abort = new AbortController()
    const { signal } = this.#abort
    const phrases = new Phrases()
    let text = ''
    try {
      for await (const delta of this.#think(signal)) {
        text += delta
        for (const phrase of phrases.push(delta)) this.#say(phrase)
      }
      for (const phrase of phrases.flush()) this.#say(phrase)
      this.#endReply()
    } catch (error) {
      if (!signal.aborted) throw error
    }
    this.#messages.push({ role: 'assistant', content: text.trim() })
  }

  async *#think(signal: AbortSignal): AsyncGenerator<string> {
    const { body } = await request(`${this.#config.ANTHROPIC_BASE_URL}/v1/messages`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'anthropic-version': '2023-06-01',
        'x-api-key': this.#config.ANTHROPIC_API_KEY,
      },
      body: JSON.stringify({
        model: this.#config.ANTHROPIC_MODEL,
        max_tokens: 300,
        stream: true,
        system: this.#action,
        messages: this.#messages,
      }),
      signal,
    })
    let pending = ''
    for await (const piece of body.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (pending + piece).split('\n')
      pending = lines.pop() ?? ''
      for (const line of lines) {
        if (!line.startsWith('data: ')) continue
        const { delta } = JSON.parse(line.slice(6)) as { delta?: { text?: string } }
        if (delta?.text) yield delta.text
      }
    }
  }

  #beginReply(): void {
    this.#reply++
    this.#resampler = new ElevenLabsToTwilio()
    this.#rest = new Uint8Array(0)
    this.#sendToTts({ text: ' ' })
    this.#writing = true
  }

  #say(phrase: string): void {
    this.#sendToTts({ text: phrase.endsWith(' ') ? phrase : `${phrase} ` })
  }

  #endReply(): void {
    this.#sendToTts({ text: '', flush: true })
    this.#sendToTts({ close_context: true })
    this.#writing = false
  }

  #spoken(message: Buffer): void {
    const { audio, contextId, isFinal } = JSON.parse(message.toString()) as {
      audio?: string | null
      contextId?: string
      isFinal?: boolean | null
    }
    if (contextId !== `r${this.#reply}`) return
    if (audio) this.#play(this.#resampler.push(Buffer.from(audio, 'base64')))
    if (!isFinal) return
    this.#play(this.#resampler.flush())
    this.#play(new Uint8Array((FRAME_BYTES - this.#rest.length) % FRAME_BYTES).fill(0xff))
  }

  #play(audio: Uint8Array): void {
    const all = Buffer.concat([this.#rest, audio])
    const whole = all.length - (all.length % FRAME_BYTES)
    this.#rest = all.subarray(whole)
    if (whole === 0) return
    const payload = all.subarray(0, whole).toString('base64')
    this.#sendToLine({ event: 'media', streamSid: this.#line.streamSid, media: { payload } })
  }

  #sendToTts(message: object): void {
    if (this.#tts.readyState !== WebSocket.OPEN) return
    this.#tts.send(JSON.stringify({ ...message, context_id: `r${this.#reply}` }))
  }

  #sendToLine(message: object): void {
    this.#line.socket.send(JSON.stringify(message))
  }
}
