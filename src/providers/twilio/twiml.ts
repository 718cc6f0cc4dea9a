import twilio from 'twilio'
import { addressOf, documentAddressOf } from './addresses.ts'

/**
 * The documents that tell Twilio what to do with a call. Nothing that a user wrote goes into them, except the text to be
 * said, which the builder escapes.
 */

/** A `<Say>` holds at most 4,096 characters. */
const MAX_SAY_CHARS = 4096

type VoiceResponse = InstanceType<typeof twilio.twiml.VoiceResponse>

/** Connects the call's audio to us. `token` comes back in the stream's `start` message. */
export function connectStream(publicHost: string, token: string): string {
  const response = new twilio.twiml.VoiceResponse()
  addStream(response, publicHost, token)
  return response.toString()
}

/** Presses keys towards the person, and connects the call's audio to us again. */
export function pressKeys(publicHost: string, keys: string, token: string): string {
  const response = new twilio.twiml.VoiceResponse()
  response.play({ digits: keys })
  addStream(response, publicHost, token)
  return response.toString()
}

/**
 * Rings a number and connects the caller with it. `callerId` is what that number sees. The person hears it ring, and Twilio
 * asks the action what comes next when the other side is gone, or could not be reached.
 */
export function dial(
  publicHost: string,
  { to, ringTimeoutS, callerId }: { to: string; ringTimeoutS: number; callerId: string },
): string {
  const response = new twilio.twiml.VoiceResponse()
  const action = documentAddressOf(publicHost, 'transfer-ended')
  response.dial({ action, timeout: ringTimeoutS, callerId, answerOnBridge: true }).number(to)
  return response.toString()
}

function addStream(response: VoiceResponse, publicHost: string, token: string): void {
  // With an action Twilio asks us what comes after the stream, whoever closed it.
  const connect = response.connect({ action: documentAddressOf(publicHost, 'stream-ended') })
  const stream = connect.stream({
    url: `wss://${publicHost}/api/phone/media-stream`,
    statusCallback: addressOf(publicHost, 'stream-status'),
  })
  stream.parameter({ name: 'token', value: token })
}

export function hangUp(): string {
  const response = new twilio.twiml.VoiceResponse()
  response.hangup()
  return response.toString()
}

/** Lets a second pass, and has Twilio ask what to do with the call once more. */
export function askAgain(publicHost: string, callId?: string): string {
  const response = new twilio.twiml.VoiceResponse()
  response.pause({ length: 1 })
  response.redirect({ method: 'POST' }, addressOf(publicHost, 'voice', callId))
  return response.toString()
}

/** Turns an inbound call away before it is answered, so that it costs nothing. */
export function reject(reason: 'busy' | 'rejected'): string {
  const response = new twilio.twiml.VoiceResponse()
  response.reject({ reason })
  return response.toString()
}

export function sayAndHangUp(text: string, language: string): string {
  const response = new twilio.twiml.VoiceResponse()
  response.say(sayVoice(language), text.slice(0, MAX_SAY_CHARS))
  response.hangup()
  return response.toString()
}

type SayAttributes = Exclude<Parameters<VoiceResponse['say']>[0], string>

/** Twilio's voices are named by language and region: `en` becomes its likeliest form, `en-US`. */
function sayVoice(language: string): SayAttributes {
  try {
    const locale = new Intl.Locale(language).maximize()
    const name = locale.region ? `${locale.language}-${locale.region}` : locale.language
    return { language: name as Exclude<SayAttributes['language'], undefined> }
  } catch {
    // Not a language tag: Twilio's default voice is better than none.
    return {}
  }
}
