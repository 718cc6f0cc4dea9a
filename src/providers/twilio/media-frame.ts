import type { Mulaw8k } from '../../audio/samples.ts'

/** 20 ms (or so) of the caller. */
export type MediaFrame = { readonly audio: Mulaw8k; readonly timestampMs: number }

const MEDIA_START = '{"event":"media"'
const INBOUND = '"track":"inbound"'
const TIMESTAMP = '"timestamp":"'
const PAYLOAD = '"payload":"'

/**
 * Takes the audio out of a media message without parsing it: fifty of them come every second of every call, and this is
 * three times as fast as `JSON.parse`. Anything that does not look exactly as expected is `undefined`, and goes the slow
 * way, which decides.
 */
export function readMediaFrame(message: string, streamSid: string): MediaFrame | undefined {
  if (!message.startsWith(MEDIA_START)) return undefined
  if (!message.includes(INBOUND) || !message.includes(`"streamSid":"${streamSid}"`))
    return undefined
  const timestampMs = Number(textAfter(message, TIMESTAMP))
  const payload = textAfter(message, PAYLOAD)
  if (payload === undefined || !Number.isSafeInteger(timestampMs)) return undefined
  const audio = decodeMulaw(payload)
  return audio && { audio, timestampMs }
}

/** Audio of a base64 payload; undefined when there is none, or when it is no base64. */
export function decodeMulaw(payload: string): Mulaw8k | undefined {
  const audio = Buffer.from(payload, 'base64')
  // Node skips what is not base64, and so decodes fewer bytes than the text stands for.
  const padding = payload.endsWith('==') ? 2 : payload.endsWith('=') ? 1 : 0
  const expected = (payload.length / 4) * 3 - padding
  return audio.length > 0 && audio.length === expected ? audio : undefined
}

function textAfter(message: string, key: string): string | undefined {
  const at = message.indexOf(key)
  if (at < 0) return undefined
  const start = at + key.length
  const end = message.indexOf('"', start)
  return end > start ? message.slice(start, end) : undefined
}
